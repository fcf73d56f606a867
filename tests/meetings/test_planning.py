import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import planning
from meetings.models import Meeting, MeetingSeries
from regions.models import AlreadyReceived, FormReceipt, Region
from tests import factories
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(overall):
    return planning.open_year(year=2031, by=overall)


def create(by, codes=("NORD",), **fields):
    regions = [factories.region(code) for code in codes]
    return planning.create_meeting(**{"year": 2031, "regions": regions, "title": "Treffen", "by": by} | fields)


def test_a_year_has_three_rounds_and_the_national_one_in_their_windows(year):
    windows = {row.number: (str(row.window_start), str(row.window_end)) for row in year.rounds.all()}
    assert windows == {
        1: ("2031-02-01", "2031-04-10"),
        None: ("2031-03-10", "2031-05-31"),
        2: ("2031-05-02", "2031-07-05"),
        3: ("2031-09-01", "2031-11-30"),
    }


def test_opening_a_year_again_changes_nothing(year, overall):
    assert planning.open_year(year=2031, by=overall) == year
    assert year.rounds.count() == 4


def test_only_the_gesamtkoordination_opens_a_year(kaya):
    with pytest.raises(planning.PlanningError, match="nur die Gesamtkoordination"):
        planning.open_year(year=2031, by=kaya)
    assert not MeetingSeries.objects.exists()


@pytest.mark.parametrize("year", [1999, 2100])
def test_a_year_out_of_reach_is_refused(overall, year):
    with pytest.raises(planning.PlanningError, match="zwischen 2013 und 2099"):
        planning.open_year(year=year, by=overall)


def test_meetings_take_the_next_free_round_and_their_code(year, kaya):
    assert [create(kaya).code for _ in range(3)] == ["2031-NORD-1", "2031-NORD-2", "2031-NORD-3"]
    with pytest.raises(planning.PlanningError, match="schon drei Treffen"):
        create(kaya)


def test_a_round_is_taken_once_a_region(year, kaya):
    create(kaya, round_number=2)
    with pytest.raises(planning.PlanningError, match="in Runde 2 schon ein Treffen"):
        create(kaya, round_number=2)
    with pytest.raises(planning.PlanningError, match="Runde 1, 2 oder 3"):
        create(kaya, round_number=7)


def test_a_joint_meeting_is_named_after_its_first_region(year, overall):
    meeting = create(overall, codes=("BY", "NORD"))
    first = min((factories.region(code) for code in ("BY", "NORD")), key=lambda region: region.number)
    assert meeting.code == f"2031-{first.code}-1"
    assert meeting.regions.count() == 2


def test_the_national_meeting_exists_once_and_belongs_to_all_regions(year, overall, kaya):
    with pytest.raises(planning.PlanningError, match="legt die Gesamtkoordination an"):
        create(kaya, codes=())
    meeting = create(overall, codes=())
    assert (meeting.code, meeting.kind) == ("2031-BUND", "national")
    assert meeting.regions.count() == Region.objects.active().count()
    with pytest.raises(planning.PlanningError, match="gibt es schon"):
        create(overall, codes=())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"codes": ("BW",)}, "Ihre eigenen Regionen"),
        ({"title": "   "}, "einen Titel"),
        ({"year": 2032}, "noch nicht geöffnet"),
    ],
)
def test_what_cannot_be_planned_says_why(year, kaya, fields, words):
    with pytest.raises(planning.PlanningError, match=words):
        create(kaya, **fields)
    assert not Meeting.objects.exists()


def test_the_same_form_makes_one_meeting(year, kaya):
    form_id = FormReceipt.new_id()
    create(kaya, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        create(kaya, form_id=form_id)


def test_the_board_sums_each_region_without_cancelled_ones(year, kaya, overall):
    world.make_meeting("2031-NORD-1")
    dated = world.make_dated_meeting("2031-NORD-2")
    world.make_meeting("2031-NORD-3", status="cancelled", cancelled_at=dated.created_at)
    lanes = {lane.region.code if lane.region else "BUND": lane for lane in planning.year_board(2031)}
    assert (lanes["NORD"].total, lanes["NORD"].target, lanes["BUND"].target) == (2, 3, 1)
    assert lanes["NORD"].cells[2].meetings == [dated]
    assert len(lanes["NORD"].undated) == 2
    assert [lane.region.number for lane in planning.year_board(2031)[:-1]] == sorted(
        region.number for region in Region.objects.active()
    )


def test_a_holiday_of_one_land_stands_in_the_regions_month(year):
    lanes = {lane.region.code: lane for lane in planning.year_board(2031) if lane.region}
    october = [holiday.name for holiday in lanes["NORD"].cells[9].holidays]
    assert any("Reformation" in name for name in october)


def test_the_board_costs_the_same_with_more_meetings(year, kaya):
    create(kaya)
    with CaptureQueriesContext(connection) as one:
        planning.year_board(2031)
    create(kaya)
    create(kaya)
    with CaptureQueriesContext(connection) as three:
        planning.year_board(2031)
    assert len(three) == len(one)
