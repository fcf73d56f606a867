"""The overview: boxes in the order of the day, by scope."""

import re

import pytest

from meetings import invitations
from mobipro.outbox.models import State
from tests.meetings import world

pytestmark = pytest.mark.django_db
ORDER = [
    "Heute fällig",
    "Antworten zuordnen",
    "Unzustellbar",
    "Nächste Treffen",
    "Ergebnisse fehlen",
    "Dokumentation",
    "Beispiele zu prüfen",
]


def headings(page):
    return [re.sub(r"<[^>]+>", "", text).strip() for text in re.findall(r"<h2[^>]*>(.*?)</h2>", page, re.S)]


def overview(client, scope=""):
    return client.get("/admin/", {"bereich": scope} if scope else {}).content.decode()


def test_the_boxes_stand_in_the_order_of_the_day(client, kaya):
    client.force_login(kaya)
    page = overview(client)
    assert [title for title in headings(page) if title in ORDER] == ORDER
    assert page.count("Nichts zu tun") >= 5


@pytest.mark.parametrize(
    ("scope", "seen"), [("", "NORD"), ("meine", "NORD"), ("vertretung", "BY"), ("quatsch", "NORD")]
)
def test_the_scope_decides_whose_meetings_are_shown(client, kaya, scope, seen):
    world.make_dated_meeting("2031-NORD-1", title="Titel NORD")
    world.make_dated_meeting("2031-BY-1", region_code="BY", title="Titel BY")
    client.force_login(kaya)
    page = overview(client, scope)
    assert f"Titel {seen}</a>" in page
    other = {"NORD": "BY", "BY": "NORD"}[seen]
    assert f"Titel {other}</a>" not in page


def test_all_shows_everybody_s_meetings(client, kaya):
    world.make_dated_meeting("2031-NRW-1", region_code="NRW", title="Titel NRW")
    client.force_login(kaya)
    assert "Titel NRW</a>" in overview(client, "alle")


def test_a_failed_mail_of_an_own_meeting_is_undeliverable(client, invited, kaya, bavarian):
    message = world.mails(kind="invitation").first()
    world.mails(pk=message.pk).update(state=State.FAILED, relay_reply="550 unknown")
    client.force_login(kaya)
    assert message.recipient in overview(client)
    client.force_login(bavarian)
    assert message.recipient not in overview(client)
    assert message.recipient in overview(client, "alle")


def test_the_overview_takes_the_same_queries_for_one_and_three_meetings(
    client, kaya, overall, people, django_assert_max_num_queries
):
    client.force_login(kaya)
    first = world.make_dated_meeting("2031-NORD-1")
    invitations.invite(meeting=first, contacts=people, by=overall)
    overview(client)  # fills caches
    counts = []
    for number in (None, 2, 3):
        if number:
            other = world.make_dated_meeting(f"2031-NORD-{number}")
            invitations.invite(meeting=other, contacts=people, by=overall)
        with django_assert_max_num_queries(26) as seen:
            overview(client)
        counts.append(len(seen))
    assert counts[0] == counts[2]
