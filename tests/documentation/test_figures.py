"""Figures: what they count, and that nobody is recognised in them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documentation import figures
from meetings.models import Attendance, Meeting, MeetingChange
from regions.models import ParticipantFigure, Project, Region
from tests import factories
from tests.documentation.conftest import make_held_meeting

pytestmark = pytest.mark.django_db


def value(rows, label):
    return next(row.value for row in rows if row.label == label)


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (120, 120)])
def test_one_to_four_people_are_withheld(number, shown):
    assert figures.withheld(number) == shown


def test_a_meeting_moved_twice_is_held_once(held_meeting):
    for sequence in (1, 2):
        MeetingChange(meeting=held_meeting, kind="moved", reason="Bahn", sequence=sequence).save()
    rows = figures.of_year(held_meeting.year)
    assert value(rows, "Treffen durchgeführt") == 1
    assert value(rows, "Treffen verschoben") == 1


def test_three_present_people_are_not_published(held_meeting):
    assert value(figures.of_year(held_meeting.year), "Teilnahmen") is None
    for number in range(2):
        Attendance(meeting=held_meeting, name=f"Person {number}", state="present").save()
    assert value(figures.of_year(held_meeting.year), "Teilnahmen") == 5


def test_absent_people_count_nowhere(held_meeting):
    for number in range(4):
        Attendance(meeting=held_meeting, name=f"Person {number}", state="absent").save()
    assert value(figures.of_year(held_meeting.year), "Teilnahmen") is None


def test_the_national_meeting_is_no_regional_one(held_meeting):
    national = make_held_meeting("2026-BUND", "NORD", "Gemeinsam")
    national.kind = Meeting.Kind.NATIONAL
    national.year = held_meeting.year
    national.save()
    national.regions.set(Region.objects.all())
    held = {region.code: number for region, number, *_ in figures.by_region(held_meeting.year)}
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
    assert silent.status == Project.Status.RUNNING


def test_the_years_begin_with_the_newest(held_meeting):
    found = figures.years()
    assert found == sorted(found, reverse=True)
    assert timezone.localdate().year in found
