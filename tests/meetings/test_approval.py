"""What BMAS and ZAV say to the year plan is recorded with its history."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import approval, planning
from meetings.models import FunderAgreement
from regions.models import AlreadyReceived, FormReceipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(overall):
    return planning.open_year(year=2031, by=overall)


def record(series, by, funder="bmas", outcome="agreed", **fields):
    values = {"on": date(2026, 11, 3), "person": "Frau Dr. Lindner", **fields}
    return approval.record(series=series, funder=funder, outcome=outcome, by=by, **values)


def test_the_plan_is_agreed_when_both_have_agreed(series, overall):
    record(series, overall)
    series.refresh_from_db()
    assert (series.status, series.agreed_with_funders_on) == ("draft", None)
    record(series, overall, "zav", on=date(2026, 11, 12))
    series.refresh_from_db()
    assert (series.status, series.agreed_with_funders_on) == ("agreed", date(2026, 11, 12))


def test_a_wish_for_changes_reopens_the_plan_and_the_history_stays(series, overall):
    record(series, overall)
    record(series, overall, "zav")
    record(series, overall, "zav", "changes", note="Bitte nicht im Juni.")
    series.refresh_from_db()
    assert (series.status, series.agreed_with_funders_on) == ("draft", None)
    assert series.agreements.count() == 3
    assert [row.outcome for _, row in approval.newest(series)] == ["agreed", "changes"]


def test_sending_it_needs_no_person_and_agrees_to_nothing(series, overall):
    row = record(series, overall, outcome="sent", person="")
    assert str(row) == "BMAS: zur Abstimmung gegeben am 03.11.2026"
    series.refresh_from_db()
    assert series.status == "draft"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"person": "  "}, "wer geantwortet hat"),
        ({"funder": "iq"}, "Stelle und Ergebnis"),
        ({"outcome": "maybe"}, "Stelle und Ergebnis"),
        ({"on": timezone.localdate() + timedelta(days=1)}, "in der Zukunft"),
    ],
)
def test_what_cannot_be_recorded_says_why(series, overall, fields, words):
    with pytest.raises(approval.ApprovalError, match=words):
        record(series, overall, **fields)
    assert not FunderAgreement.objects.exists()


def test_the_funders_read_it_on_their_page(client, lindner, overall):
    year = planning.open_year(year=timezone.localdate().year + 1, by=overall)
    record(year, overall, on=date(2026, 11, 3), note="Danke")
    client.force_login(lindner)
    page = client.get(reverse("funder_home")).content.decode()
    assert (
        f"Jahresplan {year.year} (in Planung): BMAS zugestimmt am 03.11.2026 – Danke; ZAV noch nicht abgestimmt" in page
    )


def test_only_the_gesamtkoordination_records(series, kaya, lindner):
    for person in (kaya, lindner):
        with pytest.raises(approval.ApprovalError, match="Gesamtkoordination"):
            record(series, person)


def test_the_same_form_records_once(series, overall):
    form_id = FormReceipt.new_id()
    record(series, overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        record(series, overall, form_id=form_id)
    assert FunderAgreement.objects.count() == 1
