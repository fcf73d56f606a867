"""What a meeting is called and how it is held: kept by one job, told to the invited where they would notice."""

from datetime import timedelta

import pytest

from meetings import details, scheduling
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


# --- reminders -----------------------------------------------------------------------------------
def test_other_days_for_the_reminders_are_kept_with_their_history(delivered, kaya):
    saved = details.save(meeting=delivered, values=values(delivered, reminder_days="20 40"), by=kaya)
    assert saved.reminder_days == "40, 20"
    assert saved.history.first().history_change_reason == "Geändert: Erinnerungen (Tage vorher)"


def test_a_day_that_is_over_is_refused_and_an_old_one_may_stay(delivered, kaya):
    start = world.in_days(20)
    type(delivered).objects.filter(pk=delivered.pk).update(
        starts_at=start, ends_at=start + timedelta(hours=6), registration_deadline=start - timedelta(days=14)
    )
    delivered.refresh_from_db()
    with pytest.raises(scheduling.SchedulingError, match="dieser Tag ist vorbei"):
        details.save(meeting=delivered, values=values(delivered, reminder_days="25, 15"), by=kaya)
    assert details.save(meeting=delivered, values=values(delivered, reminder_days="28, 15"), by=kaya)


def test_the_form_names_the_days_and_their_dates(client, kaya, delivered):
    client.force_login(kaya)
    page = client.get(f"/admin/meetings/meeting/{delivered.pk}/angaben/").content.decode()
    assert 'value="28, 17"' in page
    assert "Jetzt: Erinnerung am Mi, 12. Februar 2031 und am So, 23. Februar 2031." in page


def test_the_move_names_the_days_for_the_new_date(client, kaya, delivered):
    client.force_login(kaya)
    address = f"/admin/meetings/meeting/{delivered.pk}/verschieben/"
    assert "Mit diesem Termin: Erinnerung am Mi, 12. Februar 2031" in client.get(address).content.decode()
    data = {"day": "09.04.2031", "start": "10:00", "end": "16:00", "reason": "Saal", "reminders": "21"}
    page = client.post(address, {**data, "step": "preview"}).content.decode()
    assert "Mit diesem Termin: Erinnerung am Mi, 19. März 2031." in page
    page = client.post(address, {**data, "reminders": "21, 3"}).content.decode()
    assert "3 Tage vorher (So, 6. April 2031) käme nach der Anmeldefrist (Mi, 26. März 2031)" in page
    assert client.post(address, data).status_code == 302
    delivered.refresh_from_db()
    assert delivered.reminder_days == "21"


def test_another_room_asks_for_no_other_reminders(client, kaya, delivered):
    """Days that fit the deadline of their own stay possible when only the hours change."""
    deadline = delivered.starts_at - timedelta(days=40)
    type(delivered).objects.filter(pk=delivered.pk).update(registration_deadline=deadline)
    client.force_login(kaya)
    data = {"day": "12.03.2031", "start": "11:00", "end": "16:00", "reason": "Saal", "reminders": "28, 17"}
    address = f"/admin/meetings/meeting/{delivered.pk}/verschieben/"
    assert client.post(address, data).status_code == 302
    page = client.post(address, {**data, "start": "12:00", "reminders": "28"}).content.decode()
    assert "28 Tage vorher (Mi, 12. Februar 2031) käme nach der Anmeldefrist" in page
