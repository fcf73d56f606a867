"""Figures: what they count, and that nobody is recognised in them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documentation import figures
from documentation.figure_scope import Scope
from meetings.models import Attendance, Invitation, Meeting, MeetingChange
from regions.models import (
    FederalState,
    FigureRow,
    OccupationalField,
    ParticipantFigure,
    Project,
    ProjectLocation,
    Region,
    SourceCountry,
)
from tests import factories
from tests.documentation.conftest import make_held_meeting

pytestmark = pytest.mark.django_db


def value(scope, label, **options):
    groups = figures.of_scope(scope, **options)
    return next(row.value for group in groups for row in group.figures if row.label == label)


def come(meeting, project, number=1, **fields):
    """So many people of a project at a meeting."""
    for _ in range(number):
        contact = factories.make_contact(f"p{Invitation.objects.count()}@example.org", project.lead)
        invitation = Invitation(
            meeting=meeting, contact=contact, name="P", email=contact.email, project=project, reason="project", **fields
        )
        invitation.save()
        Attendance(meeting=meeting, invitation=invitation, name="P", state="present").save()


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (120, 120)])
def test_one_to_four_people_are_withheld(number, shown):
    assert figures.withheld(number) == shown


def test_a_meeting_moved_twice_is_held_once(held_meeting):
    for sequence in (1, 2):
        MeetingChange(meeting=held_meeting, kind="moved", reason="Bahn", sequence=sequence).save()
    scope = Scope(held_meeting.year)
    assert value(scope, "Treffen durchgeführt") == 1
    assert value(scope, "Treffen verschoben") == 1


def test_three_present_people_are_not_published(held_meeting):
    assert value(Scope(held_meeting.year), "Teilgenommen") is None
    for number in range(2):
        Attendance(meeting=held_meeting, name=f"Person {number}", state="present").save()
    assert value(Scope(held_meeting.year), "Teilgenommen") == 5


def test_absent_people_count_nowhere(held_meeting):
    for number in range(4):
        Attendance(meeting=held_meeting, name=f"Person {number}", state="absent").save()
    assert value(Scope(held_meeting.year), "Teilgenommen") is None


def test_the_national_meeting_is_no_regional_one(held_meeting):
    national = make_held_meeting("2026-BUND", "NORD", "Gemeinsam")
    national.kind = Meeting.Kind.NATIONAL
    national.year = held_meeting.year
    national.save()
    national.regions.set(Region.objects.all())
    held = {row.region.code: row.held for row in figures.by_region(Scope(held_meeting.year))}
    assert held["NORD"] == 1
    assert held["BY"] == 0


def test_the_newest_report_of_each_project_counts(base_data):
    today = timezone.localdate()
    project = factories.make_project()
    silent = factories.make_project("Ohne Meldung")
    for days, number in ((100, 30), (10, 20)):
        day = today - timedelta(days=days)
        ParticipantFigure(project=project, as_of=day, in_training=number).save()
    found = figures.apprentices()
    assert (found.in_training, found.reports, found.projects) == (20, 1, 2)
    assert found.oldest == today - timedelta(days=10)
    assert found.coverage == f"Meldungen von 1 der 2 Projekte, älteste vom {found.oldest:%d.%m.%Y}."
    assert silent.status == Project.Status.RUNNING


def test_sums_by_country_say_how_many_projects_divided_their_figures(base_data):
    today = timezone.localdate()
    spain, italy = (SourceCountry.objects.get(iso_code=code) for code in ("ES", "IT"))
    for number, rows in enumerate([{spain: 7, italy: 2}, {spain: 1}, {}]):
        figure = ParticipantFigure(project=factories.make_project(f"P{number}"), as_of=today, in_training=9)
        figure.save()
        for country, people in rows.items():
            FigureRow(figure=figure, source_country=country, number=people).save()
    shown, coverage = figures.apprentices_divided(Scope(), "source_country")
    assert shown == [("Spanien", 8), ("Italien", None)]
    assert coverage == f"Meldungen von 2 der 3 Projekte, älteste vom {today:%d.%m.%Y}."
    assert figures.apprentices_divided(Scope(), "source_country", exact=True)[0] == [("Spanien", 8), ("Italien", 2)]
    assert figures.apprentices_divided(Scope(), "occupational_field")[0] == []


def test_the_years_begin_with_the_newest(held_meeting):
    found = figures.years()
    assert found == sorted(found, reverse=True)
    assert timezone.localdate().year in found


def test_the_public_reads_unter_5_where_the_funders_read_the_number(held_meeting):
    come(held_meeting, factories.make_project("Förde", "NORD"), 2)
    scope = Scope(held_meeting.year)
    assert value(scope, "Projekte erreicht") is None
    assert value(scope, "Projekte erreicht", exact=True) == 1
    assert value(scope, "Eingeladen") is None
    assert value(scope, "Eingeladen", exact=True) == 2


def test_a_withheld_figure_has_no_share(held_meeting):
    come(held_meeting, factories.make_project("Förde", "NORD"))
    shares = [row.share for group in figures.of_scope(Scope(held_meeting.year)) for row in group.figures]
    assert not any(shares)
    exact = [row.share for group in figures.of_scope(Scope(held_meeting.year), exact=True) for row in group.figures]
    assert "von 1 Projekten, 100 %" in exact


@pytest.mark.parametrize("trait", ["state", "field", "country"])
def test_a_trait_of_projects_selects_their_people_and_meetings(held_meeting, trait):
    chosen, other = factories.make_project("Förde", "NORD"), factories.make_project("Heide", "NORD")
    state = FederalState.objects.get(iso_code="DE-SH")
    field, country = OccupationalField.objects.first(), SourceCountry.objects.first()
    ProjectLocation(project=chosen, city="Kiel", federal_state=state, is_main=True).save()
    chosen.occupational_fields.add(field)
    chosen.source_countries.add(country)
    elsewhere = make_held_meeting("2026-BY-1", "BY", "Bayern")
    come(held_meeting, chosen, 2)
    come(elsewhere, other, 3)
    scope = Scope(held_meeting.year, **{trait: {"state": state, "field": field, "country": country}[trait]})
    assert value(scope, "Teilgenommen", exact=True) == 2
    assert value(scope, "Treffen durchgeführt") == 1
    assert value(scope, "Projekte erreicht", exact=True) == 1
    assert figures.by_project(scope)[0][1][0].project == chosen


def test_a_half_year_counts_its_own_meetings(held_meeting):
    first = 1 if held_meeting.starts_at.month <= 6 else 2
    assert value(Scope(held_meeting.year, first), "Treffen durchgeführt") == 1
    assert value(Scope(held_meeting.year, 3 - first), "Treffen durchgeführt") == 0


def test_projects_open_with_numbers_and_without_people(held_meeting):
    project = factories.make_project("Förde", "NORD")
    come(held_meeting, project, 2, partstat="accepted", answered_at=timezone.now())
    ParticipantFigure(project=project, as_of=timezone.localdate(), in_training=7).save()
    [(region, [row])] = figures.by_project(Scope(held_meeting.year))
    assert (region.code, row.invited, row.accepted, row.attended, row.in_training) == ("NORD", 2, 2, 2, 7)


def test_projects_are_asked_for_as_often_for_three_as_for_one(held_meeting, django_assert_num_queries):
    for number in range(3):
        come(held_meeting, factories.make_project(f"Projekt {number}", "NORD"))
        with django_assert_num_queries(7):
            rows = figures.by_project(Scope(held_meeting.year))
            assert [part.organisation.name for row in rows[0][1] for part in row.project.project_organisations.all()]
