"""What every answer tells the browser beside Django's own security headers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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


class HeadersMiddleware:
    """Permissions-Policy on everything; pages of a signed-in person stay out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if hasattr(request, "session") and request.session.accessed and not request.session.is_empty():
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
