"""School holidays from a file: shown first, then in place of what the same source said before."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from regions import holiday_import, school_holidays
from regions.holiday_import import HolidayImportError, ResultChanged
from regions.models import BlockedPeriod, FederalState, ImportRun

pytestmark = pytest.mark.django_db
HEAD = "Land;Name;erster Tag;letzter Tag\n"
SUMMER = "Bayern;Sommerferien;02.08.2027;13.09.2027\n"
AUTUMN = "Bayern;Herbstferien;02.11.2027;05.11.2027\n"


def upload(text, by=None, source="Ministerium", **changes):
    fields = {"land": "", "licence": "frei", "replace_others": False, **changes}
    return holiday_import.upload(name="ferien.csv", content=(HEAD + text).encode(), source=source, by=by, **fields)


def take(run):
    return holiday_import.apply(run=run, fingerprint=holiday_import.plan(run).fingerprint, by=None)


def stored():
    return sorted(BlockedPeriod.objects.values_list("name", "source", "licence"))


def test_a_checked_file_changes_nothing_until_it_is_taken(base_data):
    run = upload(SUMMER + AUTUMN)
    assert stored() == []
    assert run.counts == {"new": 2, "unchanged": 0, "removed": 0, "errors": 0}
    assert take(run)["new"] == 2
    assert stored() == [("Herbstferien", "Ministerium", "frei"), ("Sommerferien", "Ministerium", "frei")]


def test_the_same_file_again_changes_nothing(base_data):
    take(upload(SUMMER + AUTUMN))
    assert upload(SUMMER + AUTUMN).counts == {"new": 0, "unchanged": 2, "removed": 0, "errors": 0}


def test_a_newer_file_replaces_the_same_source_land_and_year_only(base_data):
    take(upload(SUMMER + AUTUMN + "Hessen;Sommerferien;28.06.2027;06.08.2027\n"))
    take(upload("Bayern;Sommerferien;03.08.2026;14.09.2026\n"))
    take(upload("Bayern;Sondertag;01.06.2027;\n", source="anderswo"))
    run = upload(SUMMER.replace("13.09.", "12.09."))
    assert run.counts == {"new": 1, "unchanged": 0, "removed": 2, "errors": 0}
    (row,) = holiday_import.plan(run).rows
    assert (row.words, row.others) == ("ersetzt", {"anderswo": 1})
    take(run)
    bavarian = BlockedPeriod.objects.filter(federal_state__iso_code="DE-BY", starts_on__year=2027)
    assert {(row.name, row.ends_on) for row in bavarian} == {
        ("Sommerferien", date(2027, 9, 12)),
        ("Sondertag", date(2027, 6, 1)),
    }
    assert BlockedPeriod.objects.count() == 4


def test_other_sources_are_replaced_when_that_is_wanted(base_data):
    take(upload(SUMMER, source="erfunden"))
    run = upload(AUTUMN, replace_others=True)
    assert run.counts["removed"] == 1
    take(run)
    assert [row[:2] for row in stored()] == [("Herbstferien", "Ministerium")]


def test_what_changed_since_it_was_shown_is_shown_again(base_data):
    run = upload(SUMMER)
    seen = holiday_import.plan(run).fingerprint
    take(upload(AUTUMN))
    with pytest.raises(ResultChanged):
        holiday_import.apply(run=run, fingerprint=seen, by=None)
    assert len(stored()) == 1


def test_a_file_is_taken_once(base_data):
    run = upload(SUMMER)
    take(run)
    with pytest.raises(HolidayImportError):
        holiday_import.apply(run=run, fingerprint="", by=None)


def test_a_file_without_a_source_is_refused(base_data):
    with pytest.raises(HolidayImportError, match="Nennen Sie die Quelle"):
        upload(SUMMER, source="")


# --- the file in the repository ------------------------------------------------------------------
def test_the_repository_knows_all_laender_for_2026_and_2027(base_data):
    holiday_import.load_repository_file()
    assert school_holidays.states_without(2026) == school_holidays.states_without(2027) == []
    for state in FederalState.objects.all():
        names = set(state.blocked_periods.filter(starts_on__year=2027).values_list("name", flat=True))
        assert {"Sommerferien", "Herbstferien", "Weihnachtsferien"} <= names, state
        assert names & {"Osterferien", "Frühjahrsferien"}, state
    row = BlockedPeriod.objects.first()
    assert "OpenHolidays" in row.source
    assert row.licence == "ODbL 1.0"


def test_loading_it_again_keeps_what_somebody_entered(base_data):
    bavaria = FederalState.objects.get(iso_code="DE-BY")
    BlockedPeriod(
        federal_state=bavaria,
        kind="school_holiday",
        name="Eigene",
        starts_on=date(2027, 1, 4),
        ends_on=date(2027, 1, 5),
    ).save()
    assert holiday_import.load_repository_file() > 150
    assert holiday_import.load_repository_file() == 0
    assert bavaria.blocked_periods.filter(starts_on__year=2027).count() == 1


def test_summer_holidays_are_as_long_as_the_laender_agreed(base_data):
    """A slip of the hand in the file: six weeks, in the order that the KMK fixed."""
    for row in holiday_import.repository_file().periods:
        if row.name.startswith("Sommerferien"):
            assert 40 <= (row.ends_on - row.starts_on).days + 1 <= 48, row
            assert row.starts_on >= date(row.starts_on.year, 6, 20)
            assert row.ends_on <= date(row.starts_on.year, 9, 15)


# --- in the work area ----------------------------------------------------------------------------
def send(client, content, **fields):
    upload = SimpleUploadedFile("Ferien Süd.csv", content)
    return client.post(reverse("admin:holiday_import"), {"file": upload, "source": "Ministerium", **fields})


def test_the_office_uploads_looks_and_takes_over(client, overall):
    client.force_login(overall)
    response = send(client, (HEAD + SUMMER + "Tirol;A;01.02.2027;\n").encode())
    run = ImportRun.objects.get()
    assert response["Location"] == reverse("admin:holiday_run", args=[run.pk])
    page = client.get(response["Location"])
    text = page.content.decode()
    assert "Bayern 2027" in text
    assert "Zeile 3: Es steht kein Bundesland dabei." in text
    assert not BlockedPeriod.objects.exists()
    client.post(response["Location"], {"fingerprint": page.context["plan"].fingerprint})
    assert BlockedPeriod.objects.count() == 1
    assert "übernommen" in client.get(response["Location"]).content.decode()


def test_an_unreadable_file_is_named_at_its_field(client, overall):
    client.force_login(overall)
    page = send(client, b"PK\x00\x00")
    assert page.status_code == 200
    assert "Das ist keine Textdatei." in page.context["form"].errors["file"][0]
    assert not ImportRun.objects.exists()
    page = client.post(reverse("admin:holiday_import"), {})
    assert page.context["form"].errors["file"] == ["Wählen Sie eine Datei aus."]


def test_regional_coordinators_do_not_change_the_holidays(client, kaya):
    client.force_login(kaya)
    assert client.get(reverse("admin:holiday_import")).status_code == 403
    assert send(client, (HEAD + SUMMER).encode()).status_code == 403
    assert not ImportRun.objects.exists()


def test_the_result_takes_few_queries_whatever_its_size(client, overall):
    client.force_login(overall)
    numbers = []
    for text in (SUMMER, SUMMER + AUTUMN + "Hessen;Sommerferien;28.06.2027;06.08.2027\n"):
        address = reverse("admin:holiday_run", args=[upload(text).pk])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
