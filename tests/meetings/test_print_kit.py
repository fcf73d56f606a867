"""The print kit: everybody and everything is on paper, whole, readable aloud and nothing more than needed."""

import pytest

from meetings import print_kit
from meetings.models import AgendaItem
from meetings.models.agenda import with_times
from meetings.participants import Expected
from mobipro import pdf
from tests import verapdf
from tests.meetings import world
from tests.pdfs import of_kind, opened, words

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(not pdf.is_available(), reason=pdf.missing_message() or "PDFs are possible"),
]
NAMES = (
    "Jürgen Groß",
    "Ivana Božić-Ćosić",
    "María-Ángeles Nuñez de la Peña",
    "Maximilian-Alexander von und zu Hohenstein-Württemberg-Oldbg",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenx",
)
HOUSE = (
    "Bildungswerk der Bayerischen Wirtschaft gemeinnützige Gesellschaft für berufliche Aus- und Weiterbildung, "
    "Integration und Arbeitsmarktdienstleistungen mbH Süd"
)
PEOPLE = [
    Expected(number, f"{NAMES[number % 5]} {number}", HOUSE if number % 3 else "Straßenbauakademie", "Nord", False)
    for number in range(200)
]


@pytest.fixture
def programme(meeting):
    return world.make_programme()


@pytest.fixture
def agenda(meeting):
    for position, (title, kind, room, is_public) in enumerate(
        [
            ("Begrüßung", "welcome", "", True),
            ("Sprache am Arbeitsplatz", "workshop", "Raum 2", True),
            ("Mittagspause", "break", "", True),
            ("Interne Absprache", "other", "", False),
        ],
        start=1,
    ):
        AgendaItem.objects.create(
            meeting=meeting, title=title, kind=kind, room=room, is_public=is_public, position=position, duration_min=60
        )
    return with_times([row for row in meeting.agenda.all() if row.is_public], meeting.starts_at)


def squeezed(text):
    return "".join(text.split())


def made(meeting, programme, agenda, people):
    return {
        "list": print_kit.attendance_list(meeting, people, programme),
        "badges": print_kit.name_badges(meeting, people, programme),
        "signs": print_kit.door_signs(meeting, agenda, programme),
        "agenda": print_kit.agenda_sheet(meeting, agenda, programme),
    }


@pytest.mark.skipif(bool(verapdf.missing()), reason=verapdf.missing() or "veraPDF is there")
@pytest.mark.parametrize("flavour", ["ua1", "3a"])
def test_each_part_of_the_kit_passes_verapdf(meeting, programme, agenda, flavour):
    wrong = {
        name: verapdf.failures(data, flavour) for name, data in made(meeting, programme, agenda, PEOPLE[:30]).items()
    }
    assert wrong == {name: [] for name in wrong}


def test_two_hundred_names_stand_whole_on_the_list_with_free_lines(meeting, programme):
    with opened(print_kit.attendance_list(meeting, PEOPLE, programme)) as document:
        text = squeezed(words(document))
        for person in PEOPLE:
            assert squeezed(person.name) in text
        assert text.count(squeezed(HOUSE)) == sum(person.organisation == HOUSE for person in PEOPLE)
        assert "Mit Ihrer Unterschrift bestätigen Sie Ihre Teilnahme." in words(document)
        assert programme.funding_sentence in words(document)
        rows = of_kind(document, "TR")
        assert len(rows) >= 200 + print_kit.FREE_LINES + 1
        below = words(document, artifacts=True)
        assert f"Seite 1 von {len(document.pages)}" in below
        assert f"Seite {len(document.pages)} von {len(document.pages)}" in below
        assert below.count(programme.funding_sentence) == len(document.pages)


def test_the_header_row_stands_on_every_page_of_the_list(meeting, programme):
    with opened(print_kit.attendance_list(meeting, PEOPLE, programme)) as document:
        everything = words(document) + words(document, artifacts=True)
        assert everything.count("Unterschrift") >= len(document.pages)


def test_the_list_holds_no_address(meeting, programme):
    with opened(print_kit.attendance_list(meeting, PEOPLE[:3], programme)) as document:
        assert "@" not in words(document)


def test_every_badge_is_whole_ten_on_a_sheet(meeting, programme):
    with opened(print_kit.name_badges(meeting, PEOPLE, programme)) as document:
        assert len(document.pages) == 20
        text = squeezed(words(document))
        for person in PEOPLE:
            assert squeezed(person.name) in text
        assert text.count(squeezed(HOUSE)) == sum(person.organisation == HOUSE for person in PEOPLE)


def test_who_takes_part_online_needs_no_badge(meeting, programme):
    people = [Expected(1, "Ana Arndt", "", "", True)]
    with opened(print_kit.name_badges(meeting, people, programme)) as document:
        assert "Noch hat niemand einen Platz vor Ort." in words(document)
    with opened(print_kit.attendance_list(meeting, people, programme)) as document:
        assert "nimmt online teil" in words(document)


def test_each_room_has_a_sign_with_what_happens_there(meeting, agenda, programme):
    meeting.venue.room = "Großer Saal"
    rows = print_kit.signs(meeting, agenda)
    assert [(row.room, [item.title for item, *_ in row.items]) for row in rows] == [
        ("Großer Saal", ["Begrüßung"]),
        ("Raum 2", ["Sprache am Arbeitsplatz"]),
    ]
    with opened(print_kit.door_signs(meeting, agenda, programme)) as document:
        assert len(document.pages) == 2
        assert "11–12 Uhr Sprache am Arbeitsplatz" in words(document)


def test_a_meeting_without_venue_still_has_a_sign(meeting):
    meeting.venue = None
    assert [row.room for row in print_kit.signs(meeting, [])] == ["Vernetzungstreffen"]


def test_the_agenda_shows_public_points_with_times(meeting, agenda, programme):
    with opened(print_kit.agenda_sheet(meeting, agenda, programme)) as document:
        text = words(document)
        assert "11:00 Sprache am Arbeitsplatz" in text
        assert "13:00 Ende" in text
        assert "Interne Absprache" not in text


def test_an_empty_agenda_says_so(meeting, programme):
    with opened(print_kit.agenda_sheet(meeting, [], programme)) as document:
        assert "Die Tagesordnung folgt." in words(document)


def test_the_same_people_give_the_same_bytes(meeting, programme):
    first, second = (print_kit.name_badges(meeting, PEOPLE[:12], programme) for _ in range(2))
    assert first == second


def test_the_settings_of_the_day_of_the_meeting_count(meeting, programme):
    later = world.make_programme()
    later.pk, later.valid_from, later.funding_sentence = None, "2040-01-01", "Später anders gefördert."
    later.save()
    assert print_kit.programme_of(meeting) == programme
    meeting.starts_at = None
    assert print_kit.programme_of(meeting) is None
