"""What every page may need: the programme's settings, the notice of the demo, and why there are no PDFs here."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from mobipro import pdf
from regions.models import ProgrammeSettings

_LOGOS = ("bmas", "zav", "programme")


def programme_of(request: HttpRequest) -> ProgrammeSettings | None:
    """The settings valid today, asked once a request."""
    if not hasattr(request, "_programme"):
        request._programme = ProgrammeSettings.objects.on(timezone.localdate())  # type: ignore[attr-defined]
    return request._programme  # type: ignore[attr-defined]


def _logo_urls(request: HttpRequest) -> dict[str, str]:
    programme = programme_of(request)
    if programme is None:
        return {}
    return {name: reverse("logo", args=[name]) for name in _LOGOS if getattr(programme, f"logo_{name}")}


def portal(request: HttpRequest) -> dict[str, Any]:
    """Lazy, so that mails' and error pages' templates cost no query they do not use."""
    return {
        "base_url": settings.BASE_URL,  # for mails of other packages
        "programme": SimpleLazyObject(lambda: programme_of(request)),
        "logo_urls": SimpleLazyObject(lambda: _logo_urls(request)),
        "demo_notice": bool(settings.MAIL_WEB_URL),
        "second_factor_required": settings.SECOND_FACTOR_REQUIRED,
        "mail_web_url": settings.MAIL_WEB_URL,
        "pdf_problem": SimpleLazyObject(pdf.missing_message),
    }
