"""Somebody's program proposed another time: the two answers of the coordinator."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from icalendar import Calendar

from meetings import checks, counters, incoming, invitations, registrations, scheduling
from meetings.models import MeetingChange
from meetings.models.invitation import PartStat
from mobipro import links, mail
from mobipro.outbox.models import State
from tests.meetings import replies, world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db
PROPOSED = (2031, 3, 19)
LIST = "/admin/meetings/incomingmail/"


def proposed_by(invitation, day=PROPOSED):
    """A COUNTER for 9.30 to 15 o'clock of that day; its own DTSTART stands in the last lines."""
    start, end = (at(*clock, day=day).astimezone(UTC).strftime(replies.STAMP) for clock in ((9, 30), (15, 0)))
    meeting = invitation.meeting
    old = f"{meeting.starts_at.astimezone(UTC):{replies.STAMP}}", f"{meeting.ends_at.astimezone(UTC):{replies.STAMP}}"
    content = replies.calendar(invitation, "TENTATIVE", method="COUNTER", client="thunderbird").decode()
    content = content.replace(f"DTSTART:{old[0]}", f"DTSTART:{start}").replace(f"DTEND:{old[1]}", f"DTEND:{end}")
    head = (
        f"From: Ana <{invitation.email}>\r\nTo: vernetzung@example.org\r\nSubject: Vorschlag\r\n"
        f"Message-ID: <{replies.now().timestamp()}@client.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/calendar; method=COUNTER; charset=utf-8\r\n\r\n"
    )
    return incoming.receive((head + content).encode())


@pytest.fixture
def proposal(invitation):
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    return proposed_by(invitation)


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def moved(meeting, by, day=(2031, 4, 9)):
    scheduling.move(meeting=meeting, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="S", by=by)


def declined_mail():
    return world.mails(kind="counter_declined").get()


def test_the_date_stays_and_the_person_is_told_with_declinecounter(proposal, invitation, invited, kaya):
    before = invited.ics_sequence
    row = counters.keep_date(proposal=proposal, by=kaya)
    message = declined_mail()
    message.text, message.html = links.fill(message.text), links.fill(message.html)
    message.calendar = links.fill_calendar(message.calendar)
    parsed = email.message_from_bytes(mail.build(message), policy=email.policy.default)
    part = next(part for part in parsed.walk() if part.get_content_type() == "text/calendar")
    assert part["Content-Type"].params == {"charset": "UTF-8", "method": "DECLINECOUNTER"}
    found = Calendar.from_ical(part.get_payload(decode=True))
    (event,) = found.walk("VEVENT")
    assert (str(found["METHOD"]), str(event["UID"])) == ("DECLINECOUNTER", str(invited.ics_uid))
    assert (event["SEQUENCE"], event["DTSTART"].dt) == (before, invited.starts_at)
    assert str(event["ATTENDEE"]) == "mailto:erste@example.org"
    assert str(event["ORGANIZER"]) == "mailto:vernetzung@example.org"
    invited.refresh_from_db()
    assert invited.ics_sequence == before
    assert (row.state, row.settled_by, row.text) == ("settled", kaya, "")
    assert "Bleibt beim Termin" in row.note
    token = world.token_of(invitation)
    assert f"/treffen/antwort/{token}/" in message.text
    assert f"/treffen/antwort/{token}/" in message.html


def test_the_mail_names_both_times_and_asks_who_is_silent(proposal, kaya):
    counters.keep_date(proposal=proposal, by=kaya)
    text = declined_mail().text
    assert "danke für Ihren Vorschlag, das Treffen auf Mi, 19. März 2031, 9:30–15 Uhr zu legen" in text
    assert "es bleibt bei Mi, 12. März 2031, 10–16 Uhr" in text
    assert "Wir freuen uns" in text


def test_who_has_answered_is_not_asked_again(proposal, invitation, kaya):
    registrations.record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    counters.keep_date(proposal=proposal, by=kaya)
    assert "Ihre bisherige Antwort gilt weiter" in declined_mail().text
    assert "antwort=vertretung" not in declined_mail().text


def test_a_second_click_sends_nothing(proposal, kaya):
    counters.keep_date(proposal=proposal, by=kaya)
    with pytest.raises(incoming.IncomingError, match="schon erledigt"):
        counters.keep_date(proposal=proposal, by=kaya)
    assert world.mails(kind="counter_declined").count() == 1


def test_a_changed_meeting_or_person_cannot_be_answered_so(proposal, invitation, invited, kaya, overall):
    scheduling.postpone(meeting=invited, reason="Saal", by=overall)
    proposal.refresh_from_db()
    assert not counters.is_open(proposal)
    with pytest.raises(incoming.IncomingError, match="so nicht beantworten"):
        counters.keep_date(proposal=proposal, by=kaya)
    assert not world.mails(kind="counter_declined").exists()


def test_the_mail_is_stopped_at_the_last_moment_when_it_is_no_longer_true(proposal, invitation, invited, kaya, overall):
    counters.keep_date(proposal=proposal, by=kaya)
    assert checks.still_kept(declined_mail()) is None
    moved(invited, overall)
    assert "geändert" in checks.still_kept(declined_mail())
    invitations.withdraw(invitation=invitation, by=overall)
    assert "ausgeladen" in checks.still_kept(declined_mail())


def test_accepting_leads_to_the_move_with_the_proposal_filled_in(office, proposal, invited):
    page = office.get(f"{LIST}{proposal.pk}/change/").content.decode()
    address = f"/admin/meetings/meeting/{invited.pk}/verschieben/?vorschlag={proposal.pk}"
    assert address in page
    assert "Mi, 19. März 2031, 9:30–15 Uhr" in page
    form = office.get(address).content.decode()
    for value in ("19.03.2031", "09:30", "15:00"):
        assert f'value="{value}"' in form
    assert "Ausgefüllt ist der Vorschlag von Ana Arndt" in form
    assert not MeetingChange.objects.exists()


def test_moving_from_the_proposal_settles_it(office, proposal, invited, kaya):
    data = {"day": "19.03.2031", "start": "09:30", "end": "15:00", "reason": "Vorschlag angenommen"}
    address = f"/admin/meetings/meeting/{invited.pk}/verschieben/?vorschlag={proposal.pk}"
    data["form_id"] = "7d9f3c1e-8f5f-4c53-9a3a-0a2b6f6f0c11"
    for _ in range(2):
        office.post(address, data, follow=True)
    invited.refresh_from_db()
    proposal.refresh_from_db()
    assert invited.starts_at == datetime(2031, 3, 19, 8, 30, tzinfo=UTC)
    assert (proposal.state, proposal.note) == ("settled", "Verschoben auf Mi, 19. März 2031, 9:30–15 Uhr")
    assert MeetingChange.objects.count() == 1


def test_the_button_keeps_the_date(office, proposal):
    page = office.post(f"{LIST}{proposal.pk}/change/", {"step": "keep_date"}, follow=True).content.decode()
    assert "Es bleibt beim Termin. Die Person bekommt eine Mail." in page
    assert (
        "schon erledigt"
        in office.post(f"{LIST}{proposal.pk}/change/", {"step": "keep_date"}, follow=True).content.decode()
    )


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 40])
def test_a_wrong_number_fills_in_nothing(office, invited, number):
    page = office.get(f"/admin/meetings/meeting/{invited.pk}/verschieben/?vorschlag={number}")
    assert page.status_code == 200
    assert "Ausgefüllt ist" not in page.content.decode()


def test_others_cannot_answer_the_proposal(client, proposal, bavarian):
    client.force_login(bavarian)
    assert client.post(f"{LIST}{proposal.pk}/change/", {"step": "keep_date"}).status_code == 404
    assert not world.mails(kind="counter_declined").exists()
