"""How every answer reaches the browser: compressed, and with what Django's own security headers leave out."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# The portal asks for none of them; a script that slipped in could not either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


def private(response: HttpResponse) -> HttpResponse:
    """The answer under a personal address: found by no search engine, the address told to no other site."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


class HeadersMiddleware:
    """Permissions-Policy on everything; pages of a signed-in person stay out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if request.method == "POST" and response.status_code == 302 and _leaves(request):
            response.headers["Clear-Site-Data"] = '"storage"'  # names and entries of a check-in stay on no phone
        if hasattr(request, "session") and request.session.accessed and not request.session.is_empty():
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def _leaves(request: HttpRequest) -> bool:
    """Whether this request logs out."""
    return request.resolver_match is not None and request.resolver_match.view_name in {"account_logout", "admin:logout"}


class CompressionMiddleware(GZipMiddleware):
    """Texts travel compressed, with Django's padding against BREACH. Files stay as they are: their bytes are
    compressed already, and a browser must learn their length."""

    TEXTS = ("text/", "application/json", "application/xml", "application/atom+xml", "image/svg+xml")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith(self.TEXTS):
            return response
        return super().process_response(request, response)
