"""What a version keeps: everything a reader sees, as plain data."""

import json

import pytest
from django.core.files.base import ContentFile

from documentation import compose, snapshot
from meetings.models import Meeting
from practices.models import PracticeImage
from regions.models import Region
from tests.documentation.conftest import make_held_meeting
from tests.practices.conftest import make_practice, picture

pytestmark = pytest.mark.django_db


def taken(draft, number=1, reason=""):
    draft.refresh_from_db()
    return snapshot.take(draft, number=number, correction_reason=reason)


def test_version_is_plain_data_with_number_reason_address_and_meeting(draft, settings):
    content = json.loads(json.dumps(taken(draft, 2, "Zahl berichtigt")))
    assert (content["number"], content["correction_reason"]) == (2, "Zahl berichtigt")
    assert content["address"] == f"{settings.BASE_URL}{draft.get_absolute_url()}"
    assert content["meeting"]["code"] == "2026-NORD-1"
    assert content["meeting"]["region_numbers"] == [1]


def test_sections_stand_in_their_order_with_kind_anchor_and_text(draft):
    rows = taken(draft)["sections"]
    assert [row["anchor"] for row in rows] == [f"abschnitt-{number}" for number in range(1, len(rows) + 1)]
    assert rows[0]["kind_label"] == "Programm"
    assert "Checkliste für dreißig Tage" in rows[0]["text"]


def test_headings_of_a_text_stand_below_the_section_s_own(draft):
    section = draft.sections.get(kind="workshop")
    section.body = "<h2>Oben</h2><script>x</script><p>Text</p>"
    section.save()
    html = next(row["html"] for row in taken(draft)["sections"] if row["kind"] == "workshop")
    assert html == "<h3>Oben</h3><p>Text</p>"


def test_chosen_practice_brings_its_texts_quote_picture_and_address(draft, gross):
    practice = make_practice(gross, "published", slug="der-montagsbus")
    image = PracticeImage(practice=practice, alt="Ein Bus", credit="Foto: Leer")
    image.web.save("bus.jpg", ContentFile(picture()), save=False)
    image.width, image.height = 640, 480
    image.save()
    compose.add_practice(documentation=draft, practice=practice, by=gross)
    row = taken(draft)["sections"][-1]
    assert "<h3>Ausgangslage</h3>" in row["html"]
    assert "„Im Bus habe ich mich getraut.“" in row["html"]
    assert row["practice_url"] == "/gute-praxis/der-montagsbus/"
    assert [(found["alt"], found["credit"], found["file"]) for found in row["pictures"]] == [
        ("Ein Bus", "Foto: Leer", image.web.name)
    ]


def test_contact_of_a_practice_is_for_members_and_never_in_a_version(draft, gross):
    practice = make_practice(gross, "published")
    compose.add_practice(documentation=draft, practice=practice, by=gross)
    assert "0491" not in json.dumps(taken(draft))


def test_regions_whose_examples_are_cited_are_lines_of_the_cover(draft, gross):
    practice = make_practice(gross, "published")
    compose.add_practice(documentation=draft, practice=practice, by=gross)
    assert taken(draft)["cites"] == [practice.region.number]


def test_year_holds_the_announced_meetings_with_their_state_of_that_day(draft):
    planned = make_held_meeting("2026-BY-2", "BY", "Noch nicht angekündigt")
    planned.announced_at = None
    planned.save()
    national = make_held_meeting("2026-BUND", "BY", "Bundesweit")
    national.kind = Meeting.Kind.NATIONAL
    national.regions.set(Region.objects.active())
    national.save()
    year = taken(draft)["year"]
    assert {row["title"] for row in year} == {draft.title, "Bundesweit"}
    assert {row["title"]: row["lanes"] for row in year} == {draft.title: [1], "Bundesweit": []}
    assert {row["title"]: row["state"] for row in year} == {draft.title: "documented", "Bundesweit": "held"}
