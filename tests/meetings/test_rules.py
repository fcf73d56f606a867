import pytest

from meetings.models import Meeting
from regions.visibility import Visibility
from tests import factories
from tests.meetings import world

pytestmark = pytest.mark.django_db
PERSONS = ("kaya", "bavarian", "overall", "gross", "lindner", "administrator", "guest")


@pytest.fixture
def persons(request):
    return {name: request.getfixturevalue(name) for name in PERSONS}


def who_may(permission, meeting, persons):
    return {name for name, person in persons.items() if person.has_perm(f"meetings.{permission}", meeting)}


def test_the_coordinators_of_the_region_and_deputies_change_a_meeting(meeting, persons):
    assert who_may("change_meeting", meeting, persons) == {"kaya", "overall"}
    meeting.regions.set([factories.region("BY")])
    fresh = Meeting.objects.get(pk=meeting.pk)
    assert who_may("invite_meeting", fresh, persons) == {"kaya", "bavarian", "overall"}


def test_a_national_meeting_belongs_to_the_overall_coordination(persons):
    meeting = world.make_meeting("2031-BUND", kind=Meeting.Kind.NATIONAL)
    assert who_may("change_meeting", meeting, persons) == {"overall"}
    meeting.responsible = persons["bavarian"]
    assert who_may("change_meeting", meeting, persons) == {"overall", "bavarian"}


@pytest.mark.parametrize("name", PERSONS)
def test_the_list_and_the_predicate_say_the_same(name, request):
    person = request.getfixturevalue(name)
    for number, visibility in enumerate(Visibility.values):
        for announced in (None, world.in_days(-1)):
            world.make_meeting(
                f"2031-NORD-{number}{'a' if announced else 'i'}", visibility=visibility, announced_at=announced
            )
    national = world.make_meeting("2031-BUND", kind=Meeting.Kind.NATIONAL)
    visible = set(Meeting.objects.visible_to(person))
    for meeting in Meeting.objects.all():
        assert person.has_perm("meetings.read_meeting", meeting) is (meeting in visible), meeting.visibility
    if name != "guest":
        changeable = set(Meeting.objects.coordinated_by(person.access))
        for meeting in [*Meeting.objects.all(), national]:
            assert person.has_perm("meetings.change_meeting", meeting) is (meeting in changeable)
