"""Public pages of the demo world beside B2, a bare Django view with one query and 25 rows in a template."""

import os
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

PAGES = {
    "landing": "/",
    "regions": "/regionen/",
    "traeger": "/traeger/",
    "meetings": "/treffen/",
    "practices": "/gute-praxis/",
    "documentations": "/dokumentation/",
    "search": "/suche/?q=ausbildung",
}
ROWS = "<ul>{% for row in rows %}<li>{{ row.name }}</li>{% endfor %}</ul>"


def run(n: int) -> Iterator[dict[str, Any]]:
    """CPU a page in ms and its number of queries; `n` requests a page, 40 unless told."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("demo_data", stdout=open(os.devnull, "w"))  # noqa: SIM115 - lives as long as the process
    count = n or 40
    client = Client(headers={"host": "localhost"})
    # Names of static files come from the manifest of collectstatic, which is no part of this measurement.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={"default": _default_storage(), "staticfiles": plain}):
        with override_settings(ROOT_URLCONF=_bare_urls(), MIDDLEWARE=[]):
            bare_client = Client()  # a client keeps the middleware that its first request met
            bare = _cpu(lambda: bare_client.get("/"), count * 5)
        for name, address in PAGES.items():
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answers {answer.status_code}")
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            queries = len(captured)  # the next request empties the log
            value = _cpu(lambda address=address: client.get(address), count)
            common = {"name": f"pages.{name}", "n": count}
            yield {
                **common,
                "value": round(value, 3),
                "unit": "ms CPU",
                "baseline": "B2",
                "baseline_value": round(bare, 3),
            }
            yield {**common, "value": queries, "unit": "queries", "baseline": "limit", "baseline_value": 8}


def _default_storage() -> dict[str, Any]:
    from django.conf import settings

    return dict(settings.STORAGES["default"])


def _bare_urls() -> ModuleType:
    """A URLconf with the one bare view."""
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.urls import path

    from regions.models import TrainingOccupation

    template = engines["django"].from_string(ROWS)

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render({"rows": TrainingOccupation.objects.order_by("pk")[:25]}, request))

    urls = ModuleType("bare_urls")
    urls.urlpatterns = [path("", view)]  # type: ignore[attr-defined]
    return urls


def _cpu(work: Callable[[], Any], count: int) -> float:
    """Milliseconds of CPU a call, after one call that warms the caches."""
    work()
    started = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - started) / count * 1000
