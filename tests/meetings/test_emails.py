"""Every kind of mail about a meeting, read as the relay gets it."""

import email
import email.policy
import re
from types import SimpleNamespace

import pytest
from django.utils import timezone
from icalendar import Calendar

from meetings import emails, invitations, registrations, reminders, requests, scheduling, seats
from meetings.models import Meeting
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from mobipro import links, mail
from mobipro.outbox.models import State
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db
TREE = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"]
REASON = "Der Saal hat einen Wasserschaden."
OTHER_DAY = (2031, 4, 9)


def sent():
    world.mails().update(state=State.SENT, sent_at=timezone.now())


def moved(meeting, by, day=OTHER_DAY, venue=None):
    sent()
    scheduling.move(
        meeting=meeting, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=venue, reason=REASON, by=by
    )


def cancelled_and_reinstated(meeting, by):
    sent()
    scheduling.cancel(meeting=meeting, reason=REASON, by=by)
    sent()
    scheduling.reinstate(meeting=meeting, reason="Es geht doch.", by=by)


def offered(first, second):
    Meeting.objects.update(capacity=1)
    record_answer(invitation=first, partstat=PartStat.ACCEPTED)
    waiting = record_answer(invitation=second, partstat=PartStat.ACCEPTED).registration
    record_answer(invitation=first, partstat=PartStat.DECLINED)
    return waiting


def confirmed_by_hand(w):
    seats.confirm(registration=offered(w.first, w.second), by=w.by)


def cancelled(meeting, by):
    sent()
    scheduling.cancel(meeting=meeting, reason=REASON, by=by)


def postponed(meeting, by):
    sent()
    scheduling.postpone(meeting=meeting, reason=REASON, by=by)


def withdrawn(row, by):
    sent()
    invitations.withdraw(invitation=row, by=by, reason="Sie haben die Stelle gewechselt.")


# Kind of mail → (what causes it, METHOD, SEQUENCE, STATUS, PARTSTAT, RSVP) of the calendar part.
WITH_CALENDAR = {
    "invitation": (lambda w: None, "REQUEST", 0, "CONFIRMED", "NEEDS-ACTION", "TRUE"),
    "confirmation": (
        lambda w: record_answer(invitation=w.first, partstat=PartStat.ACCEPTED),
        "REQUEST",
        0,
        "CONFIRMED",
        "ACCEPTED",
        "FALSE",
    ),
    "seat": (
        lambda w: seats.confirm(registration=offered(w.first, w.second), by=w.by),
        "REQUEST",
        0,
        "CONFIRMED",
        "ACCEPTED",
        "FALSE",
    ),
    "moved": (lambda w: moved(w.meeting, w.by), "REQUEST", 1, "CONFIRMED", "NEEDS-ACTION", "TRUE"),
    "postponed": (lambda w: postponed(w.meeting, w.by), "REQUEST", 1, "TENTATIVE", "NEEDS-ACTION", "FALSE"),
    "reinstated": (
        lambda w: cancelled_and_reinstated(w.meeting, w.by),
        "REQUEST",
        2,
        "CONFIRMED",
        "NEEDS-ACTION",
        "TRUE",
    ),
    "cancelled": (lambda w: cancelled(w.meeting, w.by), "CANCEL", 1, "CANCELLED", "NEEDS-ACTION", "FALSE"),
    "withdrawn": (lambda w: withdrawn(w.first, w.by), "CANCEL", 1, None, "NEEDS-ACTION", "FALSE"),
}


@pytest.fixture
def around(invited, overall):
    first, second, third = invited.invitations.select_related("meeting").order_by("pk")
    return SimpleNamespace(meeting=invited, by=overall, first=first, second=second, third=third)


def raw_of(message):
    message.text, message.html = links.fill(message.text), links.fill(message.html)
    message.calendar = links.fill_calendar(message.calendar)
    return mail.build(message)


def last_mail():
    return world.mails().last()


@pytest.mark.parametrize("kind", WITH_CALENDAR)
def test_each_mail_with_a_calendar_part_follows_rfc_6047(around, kind):
    cause, method, sequence, status, partstat, rsvp = WITH_CALENDAR[kind]
    cause(around)
    message = world.mails(kind="seat").last() if kind == "seat" else last_mail()
    parsed = email.message_from_bytes(raw_of(message), policy=email.policy.default)
    parts = list(parsed.walk())
    assert [part.get_content_type() for part in parts] == TREE
    calendar, attachment = parts[4], parts[5]
    assert calendar["Content-Type"].params == {"charset": "UTF-8", "method": method}
    assert calendar["Content-Disposition"] is None
    assert calendar["Content-Transfer-Encoding"] == "base64"
    content = calendar.get_payload(decode=True)
    assert content == attachment.get_payload(decode=True)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    found = Calendar.from_ical(content)
    (event,) = found.walk("VEVENT")
    (zone,) = found.walk("VTIMEZONE")
    assert not found.errors
    assert not event.errors
    assert [part.name for part in zone.subcomponents] == ["DAYLIGHT", "STANDARD"]
    assert str(found["METHOD"]) == method
    assert str(event["UID"]) == str(around.meeting.ics_uid)
    assert re.fullmatch(r"[0-9a-f-]{36}", str(event["UID"]))
    assert (event["SEQUENCE"], event.get("STATUS")) == (sequence, status)
    assert str(event["ORGANIZER"]) == f"mailto:{parsed['From'].addresses[0].addr_spec}"
    assert str(event["ATTENDEE"]) == f"mailto:{parsed['To'].addresses[0].addr_spec}"
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == (partstat, rsvp)
    assert event["DTSTAMP"].dt.utcoffset().total_seconds() == 0
    assert not event.walk("VALARM")


def declined(w):
    record_answer(invitation=w.first, partstat=PartStat.DECLINED)


def perhaps(w):
    record_answer(invitation=w.first, partstat=PartStat.TENTATIVE)


def waiting(w):
    Meeting.objects.update(capacity=0)
    record_answer(invitation=w.first, partstat=PartStat.ACCEPTED)


def returned(w):
    deputy = registrations.name_deputy(invitation=w.first, name="Dora Dachs", email="dora@example.org")
    record_answer(invitation=deputy, partstat=PartStat.DECLINED)


def declined_request(w):
    requests.decide(request=requests.request_late(invitation=w.first), accept=False, reply="Voll.", by=w.by)


WITHOUT_CALENDAR = {
    "declined": declined,
    "perhaps": perhaps,
    "waiting": waiting,
    "delegated": lambda w: registrations.name_deputy(invitation=w.first, name="Dora Dachs", email="dora@example.org"),
    "returned": returned,
    "offered": lambda w: offered(w.first, w.second),
    "reminder": lambda w: reminders.remind(meeting=w.meeting, by=w.by),
    "request": lambda w: requests.request_late(invitation=w.first),
    "declined_request": declined_request,
    "new_link": lambda w: requests.send_new_links(email=w.first.email),
}


@pytest.mark.parametrize("kind", WITHOUT_CALENDAR)
def test_mails_that_are_no_calendar_entry_carry_none(around, kind):
    WITHOUT_CALENDAR[kind](around)
    kinds = {"returned": "seat", "offered": "seat_offer"}
    message = world.mails(kind=kinds[kind]).get() if kind in kinds else last_mail()
    assert message.calendar == message.calendar_method == ""
    parsed = email.message_from_bytes(raw_of(message), policy=email.policy.default)
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("kind", [*WITH_CALENDAR, *WITHOUT_CALENDAR])
def test_each_mail_is_complete_in_both_texts(around, kind):
    (WITH_CALENDAR[kind][0] if kind in WITH_CALENDAR else WITHOUT_CALENDAR[kind])(around)
    message = last_mail()
    raw_of(message)
    assert message.subject
    assert "\n" not in message.subject
    for text in (message.text, message.html):
        assert "fördert" in text or "Gefördert" in text
        assert not re.search(r"\{link:|\{\{|\{%|None|&amp;lt;", text)
    assert "<" not in message.text
    assert around.meeting.title in message.text + message.subject
    if kind not in ("cancelled", "withdrawn", "request", "declined_request"):
        assert message.text.count("/treffen/antwort/") >= 1
        assert set(re.findall(r"/antwort/[^/?\s]+", message.text)) == set(
            re.findall(r"/antwort/[^/?\"]+", message.html)
        )


@pytest.mark.parametrize("kind", [*WITH_CALENDAR, *WITHOUT_CALENDAR])
def test_the_sentence_after_the_salutation_goes_on_with_a_small_letter(around, kind):
    """ "Sie" and "Ihr" are written large in German letters, and so are names."""
    (WITH_CALENDAR[kind][0] if kind in WITH_CALENDAR else WITHOUT_CALENDAR[kind])(around)
    message = last_mail()
    of_text = re.search(r"\AGuten Tag[^\n]*,\n\n(\S+)", message.text)[1]
    of_html = re.sub(r"<[^>]+>", " ", message.html.partition("</h1>")[2]).split()[0]
    for word in (of_text, of_html):
        assert word[0].islower() or word in ("Sie", "Ihr", "Ihre", "Ihnen", "Ana"), word


@pytest.mark.parametrize("kind", ["invitation", "moved", "reinstated"])
def test_three_buttons_open_the_page_with_their_choice(around, kind):
    WITH_CALENDAR[kind][0](around)
    message = last_mail()
    raw_of(message)
    for word in ("ja", "nein", "vertretung"):
        assert f"/?antwort={word}" in message.text
        assert f'/?antwort={word}"' in message.html


def test_an_attempt_after_the_first_has_the_same_bytes(around):
    message = last_mail()
    raw_of(message)
    first, second = mail.build(message), mail.build(message)
    assert first == second
    parsed = email.message_from_bytes(first, policy=email.policy.default)
    assert parsed["X-MobiPro-Message"] in parsed["Message-ID"]
    assert parsed["Auto-Submitted"] == "auto-generated"


def test_a_new_room_is_not_called_a_move(around):
    moved(around.meeting, around.by, day=world.QUIET_DAY, venue=world.make_venue("Kiel", "DE-SH"))
    message = last_mail()
    assert message.subject.startswith("Neuer Ort: ")
    assert "Haus der Begegnung Hamburg" in message.text
    assert "Haus der Begegnung Kiel" in message.text


def test_who_has_answered_is_not_asked_to_answer_in_time(around):
    record_answer(invitation=around.first, partstat=PartStat.ACCEPTED)
    assert "Bitte antworten Sie bis" not in last_mail().text
    assert "Bitte antworten Sie bis" in world.mails(kind="invitation").last().text


def test_umlauts_arrive_in_both_calendar_copies_and_in_the_subject(around):
    Meeting.objects.update(title="Übergänge: „größer“, schöner; weiter")
    first = around.meeting.invitations.select_related("meeting").get(pk=around.first.pk)
    first.link_version = 2
    message = emails.invitation(first, mailing=None)
    parsed = email.message_from_bytes(raw_of(message), policy=email.policy.default)
    assert "Übergänge: „größer“, schöner; weiter" in parsed["Subject"]
    for part in list(parsed.walk())[4:]:
        event = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]
        assert str(event["SUMMARY"]) == "Übergänge: „größer“, schöner; weiter"


def test_what_somebody_typed_cannot_become_markup_or_a_link(around):
    first = around.first
    first.link_version = 2
    other = links.placeholder("meetings:answer", emails.LINK_PURPOSE, around.second.pk, 1)
    message = emails.invitation(first, mailing=None, note=f"<script>alert(1)</script> {other[:-2]}xx}}")
    assert "<script>" not in message.html
    assert links.token(emails.LINK_PURPOSE, around.second.pk, 1) not in links.fill(message.text)


def test_the_same_cause_never_sends_two_mails(around):
    first = around.first
    assert emails.invitation(first, mailing=None) == emails.invitation(first, mailing=None)


def test_a_seat_given_by_the_coordinator_comes_with_its_entry(around):
    Meeting.objects.update(confirm_seats_individually=True)
    registration = record_answer(invitation=around.first, partstat=PartStat.ACCEPTED).registration
    assert last_mail().calendar == ""
    seats.confirm(registration=registration, by=around.by)
    assert "PARTSTAT=ACCEPTED" in world.unfolded(last_mail().calendar)


def test_a_mail_without_a_personal_link_speaks_of_none(invited, overall):
    cancelled(invited, overall)
    for message in world.mails(kind="meeting_cancellation"):
        assert "persönlich" not in message.text
        assert "persönlich" not in message.html
