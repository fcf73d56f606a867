"""For machines: health, robots, sitemap; and the funders' logos."""

import shutil
import socket
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.conf import settings
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from mobipro import files, links
from mobipro.context import programme_of
from mobipro.sitemaps import SITEMAPS

MIN_FREE_BYTES = 200 * 1024 * 1024
PROBE_SECONDS = 3


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with current_app.connection_for_write(connect_timeout=PROBE_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=PROBE_SECONDS)


def _mail_relay() -> None:
    socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=PROBE_SECONDS).close()


def _disk() -> None:
    if shutil.disk_usage(settings.VAR_DIR).free < MIN_FREE_BYTES:
        raise OSError("less than 200 MB free")


PROBES: dict[str, Callable[[], None]] = {
    "database": _database,
    "broker": _broker,
    "mail relay": _mail_relay,
    "disk": _disk,
}


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, broker, mail relay and disk: "ok" or "failed" each, without data; 503 when one failed."""
    lines, failed = [], False
    for name, probe in PROBES.items():
        try:
            probe()
        except Exception:  # whatever the driver raises: the answer is the same
            failed = True
            lines.append(f"{name}: failed")
        else:
            lines.append(f"{name}: ok")
    return HttpResponse("\n".join(lines) + "\n", status=503 if failed else 200, content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    context = {"sitemap_url": links.absolute(reverse("sitemap"))}
    return render(request, "robots.txt", context, content_type="text/plain")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    return sitemap_view(request, sitemaps=dict(SITEMAPS))


@require_safe
@cache_control(public=True, max_age=3600)
def logo(request: HttpRequest, name: str) -> HttpResponseBase:
    """A logo of today's settings; public like the page it stands on."""
    programme = programme_of(request)
    field: Any = getattr(programme, f"logo_{name}", None) if name in {"bmas", "zav", "programme"} else None
    if not field:
        raise Http404(name)
    kind = "image/png" if field.name.endswith(".png") else "image/jpeg"
    return files.serve(field, filename=f"{name}.{field.name.rpartition('.')[2]}", content_type=kind, inline=True)
