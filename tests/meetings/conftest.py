import pytest

from meetings import invitations
from tests import factories
from tests.meetings import polling, world


@pytest.fixture(autouse=True)
def _rows(base_data):
    """Every meeting test has Länder and regions."""


@pytest.fixture
def project():
    return factories.make_project("Ankommen in Hamburg", "NORD")


@pytest.fixture
def people(project):
    return [
        world.make_project_person("erste@example.org", project, "Arndt", "Ana", is_primary=True),
        world.make_project_person("zweite@example.org", project, "Berger", "Birgit"),
        world.make_project_person("dritte@example.org", project, "Çelik", "Cem"),
    ]


@pytest.fixture
def meeting():
    return world.make_dated_meeting()


@pytest.fixture
def invited(meeting, people, overall):
    """The meeting after its first invitation to three people."""
    invitations.invite(meeting=meeting, contacts=people, by=overall)
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def invitation(invited):
    return invited.invitations.get(email="erste@example.org")


@pytest.fixture
def undated():
    """A meeting whose date is still to be found."""
    world.make_programme()
    return world.make_meeting()


@pytest.fixture
def poll(undated, people, overall):
    """Three dates, three people, ten days to answer."""
    return polling.start(undated, people, overall)
