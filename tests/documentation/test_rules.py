"""Who may read, write and publish a documentation."""

import pytest

from documentation.models import MeetingDocumentation

pytestmark = pytest.mark.django_db
PEOPLE = {
    # name: (reads in the admin, writes, publishes)
    "kaya": (True, True, True),
    "overall": (True, True, True),
    "bavarian": (True, False, False),
    "gross": (False, False, False),
    "lindner": (False, False, False),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_each_person_may_what_the_role_allows(name, draft, request):
    person = request.getfixturevalue(name)
    asked = ("view_meetingdocumentation", "change_meetingdocumentation", "publish_documentation")
    assert tuple(person.has_perm(f"documentation.{perm}", draft) for perm in asked) == PEOPLE[name]


@pytest.mark.parametrize("name", PEOPLE)
def test_list_and_permission_agree_on_drafts(name, draft, request):
    person = request.getfixturevalue(name)
    listed = MeetingDocumentation.objects.visible_to(person).filter(pk=draft.pk).exists()
    assert listed == person.has_perm("documentation.view_meetingdocumentation", draft)


def test_responsible_coordinator_of_another_region_writes_too(draft, bavarian):
    draft.meeting.responsible = bavarian
    draft.meeting.save()
    assert bavarian.has_perm("documentation.publish_documentation", draft)


def test_what_was_published_cannot_be_deleted(published, draft, kaya):
    assert not kaya.has_perm("documentation.delete_meetingdocumentation", published)


def test_draft_without_version_can_be_deleted(draft, kaya):
    assert kaya.has_perm("documentation.delete_meetingdocumentation", draft)


@pytest.mark.parametrize("action", ["add", "change", "delete"])
def test_nobody_edits_a_version(action, published, kaya):
    assert not kaya.has_perm(f"documentation.{action}_documentationversion", published.current_version)
