"""Projects are asked for their figures once a half-year, answer by link, and are reminded once if silent."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from mobipro.outbox import checks
from mobipro.outbox.models import OutboxMessage
from regions import figure_requests
from regions.figure_requests import FigureRequestError
from regions.models import (
    AlreadyReceived,
    ContactAssignment,
    ContactPerson,
    FigureRequest,
    FigureRow,
    FormReceipt,
    OccupationalField,
    ParticipantFigure,
    SourceCountry,
)
from tests import factories

pytestmark = pytest.mark.django_db
AS_OF, DUE = date(2027, 6, 30), date(2027, 7, 28)
NUMBERS = {"in_preparation": 2, "in_internship": 3, "in_training": 5, "completed": 0, "dropped_out": 1}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2027-06-30T10:00+02:00", tick=False):
        yield


def make_project(title="Nordlicht", code="NORD", email="haupt@example.org", **fields):
    project = factories.make_project(title, code=code, **fields)
    contact = factories.make_contact(email, project.lead)
    ContactAssignment(contact=contact, project=project, function="project_lead", is_primary=True).save()
    return project


def ask(by, *projects, **changes):
    fields = {"year": 2027, "half": 1, "as_of": AS_OF, "due_on": DUE, **changes}
    return figure_requests.ask(project_ids=[row.pk for row in projects], by=by, **fields)


def report(request, countries=None, fields=None, **numbers):
    return figure_requests.report(
        request=request, numbers={**NUMBERS, **numbers}, countries=countries or {}, fields=fields or {}
    )


# --- asking --------------------------------------------------------------------------------------
def test_each_project_gets_one_mail_with_its_own_link(kaya):
    project = make_project()
    (request,) = ask(kaya, project)
    mail = OutboxMessage.objects.get()
    assert (mail.recipient, mail.kind) == ("haupt@example.org", "figure_request")
    assert "{link:regions:report_figures|figures|" in mail.text
    assert "Mi, 30. Juni 2027" in mail.text
    assert (request.reason, request.asked_by, request.period) == ("Hauptkontakt", kaya, "1. Halbjahr 2027")
    with pytest.raises(FigureRequestError, match="noch nicht gefragt"):
        ask(kaya, project)
    assert OutboxMessage.objects.count() == 1


def test_a_project_is_asked_once_a_half_year_in_the_database_too(kaya):
    (request,) = ask(kaya, make_project())
    with pytest.raises(IntegrityError), transaction.atomic():
        FigureRequest(project=request.project, year=2027, half=1, as_of=AS_OF, due_on=DUE, email="a@example.org").save()


def test_foreign_regions_and_ended_projects_are_not_asked(kaya, overall):
    foreign, ended = make_project("Rhein", "NRW", "r@example.org"), make_project("Alt", email="a@example.org")
    ended.status = "completed"
    ended.save()
    with pytest.raises(FigureRequestError):
        ask(kaya, foreign, ended)
    assert len(ask(overall, foreign)) == 1


def test_the_same_form_twice_asks_once(kaya):
    first, second = make_project(), make_project("Zwei", email="zwei@example.org")
    form_id = FormReceipt.new_id()
    ask(kaya, first, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        ask(kaya, second, form_id=form_id)
    assert FigureRequest.objects.count() == 1


@pytest.mark.parametrize("changes", [{"due_on": date(2027, 6, 30)}, {"as_of": date(2027, 8, 1)}])
def test_days_that_make_no_sense_are_refused(kaya, changes):
    project = make_project()
    with pytest.raises(FigureRequestError):
        ask(kaya, project, **changes)


def test_the_list_takes_the_same_queries_for_one_and_three(kaya, django_assert_num_queries):
    make_project()
    assert kaya.access
    with django_assert_num_queries(4):
        assert len(figure_requests.standings(kaya, 2027, 1)) == 1
    make_project("Zwei", email="zwei@example.org")
    make_project("Drei", email="drei@example.org")
    with django_assert_num_queries(4):
        assert len(figure_requests.standings(kaya, 2027, 1)) == 3


# --- the answer ----------------------------------------------------------------------------------
def test_a_report_becomes_the_projects_figure_of_that_day(kaya):
    (request,) = ask(kaya, make_project())
    spain, field = SourceCountry.objects.get(iso_code="ES"), OccupationalField.objects.first()
    figure = report(request, {spain.pk: 10}, {field.pk: 10})
    request.refresh_from_db()
    assert (figure.as_of, figure.total, figure.source) == (AS_OF, 10, "project")
    assert request.answered_at
    assert not request.is_unchanged
    assert {(row.source_country, row.occupational_field, row.number) for row in figure.rows.all()} == {
        (spain, None, 10),
        (None, field, 10),
    }


def test_a_second_report_corrects_the_first(kaya):
    (request,) = ask(kaya, make_project())
    spain = SourceCountry.objects.get(iso_code="ES")
    report(request, {spain.pk: 10})
    report(request, in_training=6)
    figure = ParticipantFigure.objects.get()
    assert figure.in_training == 6
    assert not FigureRow.objects.exists()


def test_what_the_coordination_entered_for_that_day_is_replaced(kaya):
    project = make_project()
    ParticipantFigure(project=project, as_of=AS_OF, in_training=1).save()
    (request,) = ask(kaya, project)
    assert report(request).pk == ParticipantFigure.objects.get().pk


def test_rows_that_do_not_add_up_are_refused(kaya):
    (request,) = ask(kaya, make_project())
    with pytest.raises(FigureRequestError, match="ergibt 9, im Projekt sind aber 10"):
        report(request, {SourceCountry.objects.get(iso_code="ES").pk: 9})
    assert not ParticipantFigure.objects.exists()


def test_unchanged_repeats_the_last_report_with_its_rows(kaya):
    project = make_project()
    last = ParticipantFigure(project=project, as_of=date(2026, 12, 31), **NUMBERS)
    last.save()
    FigureRow(figure=last, source_country=SourceCountry.objects.get(iso_code="IT"), number=10).save()
    (request,) = ask(kaya, project)
    figure = figure_requests.report_unchanged(request=request)
    request.refresh_from_db()
    assert (figure.as_of, figure.in_training, figure.rows.get().number) == (AS_OF, 5, 10)
    assert request.is_unchanged


def test_unchanged_needs_an_earlier_report(kaya):
    (request,) = ask(kaya, make_project())
    with pytest.raises(FigureRequestError, match="keine frühere Meldung"):
        figure_requests.report_unchanged(request=request)


def test_a_report_long_after_the_end_is_refused(kaya):
    (request,) = ask(kaya, make_project())
    with time_machine.travel("2027-10-27T10:00+02:00"), pytest.raises(FigureRequestError, match=r"26\.10\.2027"):
        report(request)


def test_a_row_is_for_a_country_or_a_field(base_data):
    figure = ParticipantFigure(project=factories.make_project(), as_of=AS_OF)
    figure.save()
    spain, field = SourceCountry.objects.first(), OccupationalField.objects.first()
    for wrong in ({}, {"source_country": spain, "occupational_field": field}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FigureRow(figure=figure, number=1, **wrong).save()
    FigureRow(figure=figure, number=1, source_country=spain).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        FigureRow(figure=figure, number=2, source_country=spain).save()


# --- reminding -----------------------------------------------------------------------------------
def test_the_silent_are_reminded_once_after_two_weeks(kaya):
    silent, answered = make_project(), make_project("Zwei", email="zwei@example.org")
    ask(kaya, silent, answered)
    report(FigureRequest.objects.get(project=answered))
    now = timezone.now()
    assert figure_requests.remind_due(now=now + timedelta(days=13)) == 0
    assert figure_requests.remind_due(now=now + timedelta(days=14)) == 1
    assert figure_requests.remind_due(now=now + timedelta(days=20)) == 0
    mail = OutboxMessage.objects.order_by("pk").last()
    assert mail.recipient == "haupt@example.org"
    assert mail.subject.startswith("Erinnerung: Teilnehmendenzahlen 1. Halbjahr 2027")
    assert OutboxMessage.objects.count() == 3


def test_after_the_end_nobody_is_reminded(kaya):
    ask(kaya, make_project(), due_on=date(2027, 7, 5))
    assert figure_requests.remind_due(now=timezone.now() + timedelta(days=15)) == 0


def test_the_reminder_goes_to_the_deputy_with_a_link_of_her_own(kaya):
    project = make_project()
    deputy = factories.make_contact("vertretung@example.org", project.lead)
    ContactAssignment(contact=deputy, project=project, function="support_worker", is_deputy=True).save()
    (request,) = ask(kaya, project)
    ContactPerson.objects.filter(email="haupt@example.org").update(status="on_leave")
    assert figure_requests.remind_due(now=timezone.now() + timedelta(days=15)) == 1
    request.refresh_from_db()
    assert (request.email, request.link_version) == ("vertretung@example.org", 2)
    assert OutboxMessage.objects.order_by("pk").last().recipient == "vertretung@example.org"


def test_a_mail_that_waits_is_withdrawn_when_the_project_answered(kaya):
    (request,) = ask(kaya, make_project())
    mail = OutboxMessage.objects.get()
    assert checks.reason_against(mail) is None
    report(request)
    assert checks.reason_against(mail) == "Das Projekt hat inzwischen gemeldet."
    request.delete()
    assert checks.reason_against(mail) == "Die Abfrage gibt es nicht mehr."
