"""What a meeting is called and how it is held: kept by one job, told to the invited where they would notice."""

import pytest

from meetings import details
from tests.meetings import world

pytestmark = pytest.mark.django_db


def values(meeting, **changes):
    return {name: getattr(meeting, name) for name in ("title", "subtitle", *details.FIELDS)} | changes


@pytest.fixture
def delivered(invited):
    world.mails(kind="invitation").update(state="sent", sent_at=world.in_days(0))
    return invited


def corrections():
    return world.mails(kind="meeting_change")


def test_another_title_reaches_everybody_old_and_new(delivered, kaya):
    before = delivered.title
    details.save(meeting=delivered, values=values(delivered, title="Neuer Titel"), by=kaya, tell=True, note="Zu lang")
    mail = corrections().get(recipient="erste@example.org")
    assert mail.subject == "Geändert: Neuer Titel"
    for words in (f"Titel bisher: {before}", "Titel neu: Neuer Titel", "Grund: Zu lang"):
        assert words in mail.text
    assert corrections().count() == 3


def test_update_has_a_higher_sequence_and_the_same_uid(delivered, kaya):
    saved = details.save(meeting=delivered, values=values(delivered, attendance_mode="online"), by=kaya, tell=True)
    calendar = world.unfolded(corrections().first().calendar)
    assert saved.ics_sequence > delivered.ics_sequence
    assert f"SEQUENCE:{saved.ics_sequence}" in calendar
    assert f"UID:{delivered.ics_uid}" in calendar
    assert "LOCATION:online" in calendar


def test_answers_are_kept_and_nobody_who_answered_is_asked_again(delivered, kaya):
    row = delivered.invitations.get(email="erste@example.org")
    row.partstat, row.answered_at = "accepted", world.in_days(0)
    row.save()
    details.save(meeting=delivered, values=values(delivered, title="Neuer Titel"), by=kaya, tell=True)
    calendar = world.unfolded(corrections().get(recipient=row.email).calendar)
    assert "PARTSTAT=ACCEPTED" in calendar
    assert "RSVP=FALSE" in calendar
    assert "Ihre Zusage gilt weiter" in corrections().get(recipient=row.email).text


def test_without_the_tick_nobody_is_written_to(delivered, kaya):
    details.save(meeting=delivered, values=values(delivered, title="Neuer Titel"), by=kaya, tell=False)
    assert not corrections().exists()


def test_what_no_calendar_shows_is_not_told(delivered, kaya):
    details.save(meeting=delivered, values=values(delivered, capacity=99, moderator="Mika"), by=kaya, tell=True)
    assert not corrections().exists()
    assert not delivered.changes.exists()


def test_cancelled_meeting_gets_no_news_of_its_title(delivered, kaya):
    type(delivered).objects.filter(pk=delivered.pk).update(status="cancelled", cancelled_at=world.in_days(0))
    details.save(meeting=delivered, values=values(delivered, title="Neuer Titel"), by=kaya, tell=True)
    assert not corrections().exists()


def test_form_offers_the_tick_only_to_invited_meetings(client, kaya, meeting):
    client.force_login(kaya)
    address = f"/admin/meetings/meeting/{meeting.pk}/angaben/"
    assert "Eingeladene über Titel und Form" not in client.get(address).content.decode()
    type(meeting).objects.filter(pk=meeting.pk).update(status="invited", invited_at=world.in_days(0))
    assert "Eingeladene über Titel und Form" in client.get(address).content.decode()
