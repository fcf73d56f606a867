"""What a first visit costs: a page with everything it links, compressed as WhiteNoise and the portal send it."""

import gzip
import posixpath
import re

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.mobipro.test_views import make_meeting

pytestmark = pytest.mark.django_db

LINKED = re.compile(r'<(?:link|script)\b[^>]*?(?:href|src)="(?:http://[^/"]+)?/static/([^"]+)"')
FONT = re.compile(r"url\(['\"]?([^)'\"]+\.woff2)")


def _file(name):
    path = finders.find(name)
    assert path, name
    with open(path, "rb") as opened:
        return opened.read()


def _sent(name):
    """Bytes on the way: fonts as they are, texts in the smaller of the two compressed forms."""
    content = _file(name)
    if name.endswith(".woff2"):
        return len(content)
    return min(len(content), len(brotli.compress(content)), len(gzip.compress(content)))


def _linked(html):
    names = set(LINKED.findall(html))
    for sheet in [name for name in names if name.endswith(".css")]:
        folder = sheet.rpartition("/")[0]
        fonts = FONT.findall(_file(sheet).decode())
        names |= {posixpath.normpath(posixpath.join(folder, font)) for font in fonts if not font.startswith("data:")}
    return names


@pytest.mark.parametrize(("name", "requests"), [("home", 8), ("practices:practice_list", 9)])
def test_a_first_visit_stays_within_100_kilobytes_and_few_requests(base_data, client, name, requests):
    """Counted with the icon, which a browser asks for when the page stands; the list has a script and a sheet more."""
    for number, region in enumerate(["NORD", "BY", "BW"], 1):
        make_meeting(f"2027-{region}-{number}", region, 20 + number)
    answer = client.get(reverse(name), headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    page = len(answer.content)
    names = _linked(gzip.decompress(answer.content).decode())
    assert any(linked.endswith(".woff2") for linked in names)
    assert page <= 16_000
    assert page + sum(map(_sent, names)) <= 100_000, {linked: _sent(linked) for linked in sorted(names)}
    assert 1 + len(names) <= requests, sorted(names)
