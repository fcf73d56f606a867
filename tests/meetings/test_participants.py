import pytest

from meetings import participants, registrations
from meetings.models import Answer, Invitation, Registration
from tests.meetings import world

pytestmark = pytest.mark.django_db


def accept(row, **fields):
    registrations.record_answer(invitation=row, partstat="accepted", via=Answer.Via.LINK, **fields)


def test_only_people_with_a_seat_are_expected_sorted_by_family_name(invited):
    for row in invited.invitations.all():
        accept(row)
    registrations.record_answer(
        invitation=invited.invitations.get(email="zweite@example.org"), partstat="declined", via=Answer.Via.LINK
    )
    assert [row.name for row in participants.with_a_seat(invited)] == ["Ana Arndt"]  # Cem is only offered the seat
    accept(invited.invitations.get(email="dritte@example.org"))
    assert [row.name for row in participants.with_a_seat(invited)] == ["Ana Arndt", "Cem Çelik"]


def test_a_deputys_last_word_is_taken_for_her_family_name(invited):
    row = Invitation(name="Zoë van der Aa", email="zoe@example.org")
    assert participants.family_first(row) == "aazoevander"
    assert participants.family_first(Invitation(name="")) == ""


def test_organisation_region_and_way_are_told_and_no_address(invited):
    row = invited.invitations.get(email="erste@example.org")
    accept(row)
    Registration.objects.update(mode="online")
    (person,) = participants.with_a_seat(invited)
    assert (person.organisation, person.region, person.is_online) == (row.organisation_name, "Nord", True)
    assert "@" not in repr(person)


def test_the_list_is_one_query(invited, django_assert_num_queries):
    for row in invited.invitations.all():
        accept(row)
    with django_assert_num_queries(1):
        participants.with_a_seat(invited)


def test_whoever_was_uninvited_is_not_expected(invited):
    row = invited.invitations.get(email="erste@example.org")
    accept(row)
    Invitation.objects.filter(pk=row.pk).update(withdrawn_at=world.in_days(0))
    assert participants.with_a_seat(invited) == []
