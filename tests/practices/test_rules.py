"""Who may read, write and review: every person × every state, for permissions and lists alike."""

import pytest

from practices.models import GoodPractice
from regions.models import RoleAssignment
from tests.factories import make_traeger, make_user
from tests.practices.conftest import make_practice

STATES = ["draft", "submitted", "questions", "approved", "published", "declined", "archived"]
READERS = {
    "guest": {"published"},
    "lindner": {"published"},
    "stranger": {"published"},
    "administrator": {"published"},
    "kaya": {"published"},
    "bavarian": {"published"},
    "gross": set(STATES),
    "colleague": set(STATES),
    "coordinator": set(STATES) - {"draft"},
    "overall": set(STATES) - {"draft"},
}
REVIEWERS = {"coordinator", "overall"}
WRITERS = {"gross", "colleague"}


@pytest.fixture
def stranger(base_data):
    other = make_traeger("Haus der Berufe Beispiel e. V.", "Haus der Berufe")
    return make_user("fremd@example.org", role=RoleAssignment.Role.TRAEGER_STAFF, organisation=other)


@pytest.fixture
def colleague(gross):
    return make_user(
        "kollegin@example.org", role=RoleAssignment.Role.TRAEGER_STAFF, organisation=gross.roles.get().organisation
    )


@pytest.mark.parametrize("name", READERS)
def test_each_person_reads_writes_and_reviews_what_the_role_allows(name, gross, request):
    rows = {state: make_practice(gross, state, title=state) for state in STATES}
    person = request.getfixturevalue(name)
    listed = {row.status for row in GoodPractice.objects.visible_to(person)}
    assert listed == READERS[name]
    for state, row in rows.items():
        assert person.has_perm("practices.read_practice", row) == (state in READERS[name]), state
        writes = name in WRITERS and state in ("draft", "questions")
        assert person.has_perm("practices.edit_practice", row) == writes, state
        assert GoodPractice.objects.editable_by(person).filter(pk=row.pk).exists() == writes, state
        reviews = name in REVIEWERS and state != "draft"
        assert person.has_perm("practices.review_practice", row) == reviews, state
        assert person.has_perm("practices.change_goodpractice", row) == reviews, state
        assert not person.has_perm("practices.delete_goodpractice", row)


def test_only_submitted_ones_of_the_own_region_wait_for_review(gross, coordinator, kaya):
    make_practice(gross, "approved")
    waiting = make_practice(gross, "submitted")
    assert list(GoodPractice.objects.to_review_by(coordinator)) == [waiting]
    assert not GoodPractice.objects.to_review_by(kaya).exists()


def test_a_network_only_practice_is_for_members(gross, lindner, guest):
    row = make_practice(gross, "published", visibility="network")
    assert GoodPractice.objects.visible_to(lindner).get() == row
    assert not GoodPractice.objects.visible_to(guest).exists()
