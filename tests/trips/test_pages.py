"""Every page of the two trips, as every person who meets it: no finding, nothing refused, no sideways scroll.

What a page says about errors is looked at where the trips make them.
"""

import pytest

from tests.trips.conftest import Person

pytestmark = pytest.mark.trip

PAGES = {
    "": [
        "/",
        "/projekt/",
        "/regionen/",
        "/traeger/",
        "/treffen/",
        "/treffen/neuer-link/",
        "/gute-praxis/",
        "/gute-praxis/?q=Nachts",
        "/dokumentation/",
        "/veroeffentlichungen/",
        "/zahlen/",
        "/suche/?q=Ausbildung",
        "/suche/?q=xyzzy",
        "/konto/login/",
        "/gibt-es-nicht/",
    ],
    "kaya": [
        "/admin/meetings/meeting/",
        "/admin/meetings/meeting/?status__exact=invited",
        "/admin/meetings/incomingmail/?state__exact=waiting",
        "/admin/meetings/meeting/jahresplan/",
        "/admin/outbox/outboxmessage/",
        "/admin/practices/goodpractice/",
        "/admin/documentation/meetingdocumentation/",
        "/admin/regions/contactperson/",
    ],
    "gross": ["/mein-netzwerk/", "/gute-praxis/meine/", "/konto/email/"],
    "lindner": ["/partner/"],
}
# Whose address holds a number of the database: the first link with such an address on a list.
BEHIND = {
    "": [
        ("/regionen/", "/regionen/"),
        ("/traeger/", "/traeger/"),
        ("/treffen/", "/treffen/2"),
        ("/treffen/?stand=verschoben", "/treffen/2"),
        ("/treffen/?stand=abgesagt", "/treffen/2"),
        ("/gute-praxis/", "/gute-praxis/"),
        ("/dokumentation/", "/dokumentation/2"),
        ("/veroeffentlichungen/", "/veroeffentlichungen/"),
    ],
    "kaya": [
        ("/admin/outbox/outboxmessage/", "/admin/outbox/outboxmessage/"),
        ("/admin/documentation/meetingdocumentation/", "/admin/documentation/meetingdocumentation/"),
        ("/admin/practices/goodpractice/", "/admin/practices/goodpractice/"),
        ("/admin/regions/contactperson/", "/admin/regions/contactperson/"),
    ],
}


@pytest.fixture(scope="module")
def people(chromium, portal):
    """One window for each person, kept for all pages."""
    windows = {}

    def window_of(name):
        if name not in windows:
            windows[name] = Person(chromium, portal, name)
        return windows[name]

    yield window_of
    for one in windows.values():
        one.context.close()


@pytest.mark.parametrize(("name", "address"), [(name, address) for name, rows in PAGES.items() for address in rows])
def test_a_page_has_no_finding(people, name, address):
    someone = people(name)
    someone.page.goto(address)
    someone.inspect()


@pytest.mark.parametrize(
    ("name", "where", "start"), [(name, where, start) for name, rows in BEHIND.items() for where, start in rows]
)
def test_a_record_of_a_list_has_no_finding(people, name, where, start):
    someone = people(name)
    someone.goes_to(where)
    addresses = someone.page.locator("main a").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
    depth = where.count("/")
    deeper = [one for one in addresses if one and one.startswith(start) and one.partition("?")[0].count("/") > depth]
    someone.goes_to(deeper[0])
    someone.inspect()


@pytest.mark.parametrize("listing", ["/gute-praxis/", "/dokumentation/"])
def test_on_paper_the_head_of_a_page_is_black_as_no_band_is_printed(people, listing):
    visitor = people("")
    page = visitor.page
    visitor.goes_to(listing)
    page.locator(f'main a[href^="{listing}"]:not([href*="feed"], [href*="?"], [href$=".pdf"])').first.click()
    page.locator(".hero h1").wait_for()
    page.emulate_media(media="print")
    colours = page.eval_on_selector_all(".hero :is(h1, p)", "rows => rows.map(row => getComputedStyle(row).color)")
    page.emulate_media(media="screen")
    assert set(colours) == {"rgb(0, 0, 0)"}
