"""Error pages: plain words, what to do next, the right status."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

LONGEST_READ = 50_000_000  # bytes of a refused form that are still taken in


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A form that is too long is read to its end: else the browser shows a broken connection, not this page."""
    if isinstance(exception, RequestDataTooBig):
        left = LONGEST_READ
        while left > 0 and (piece := request.read(65_536)):
            left -= len(piece)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context: the database may be what is broken."""
    return HttpResponse(get_template("500.html").render(), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
