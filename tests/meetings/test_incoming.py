"""Answers of calendar programs, delivery reports, and what must wait for a person."""

from datetime import timedelta

import pytest

from meetings import incoming, registrations, scheduling
from meetings.models import Answer, IncomingMail
from meetings.models.invitation import PartStat
from mobipro.outbox import bounces
from mobipro.outbox.models import OutboxMessage
from regions.models import ContactPerson
from tests.meetings import replies, world

pytestmark = pytest.mark.django_db


def message_id(invitation):
    return OutboxMessage.objects.get(pk=invitation.message_id).message_id


@pytest.mark.parametrize("client", list(replies.PRODUCTS))
@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_answer_of_each_program_counts_at_once(invitation, client, partstat):
    row = incoming.receive(replies.answer(invitation, partstat, client=client))
    invitation.refresh_from_db()
    assert (row.state, row.reason) == ("done", "")
    assert invitation.partstat == partstat.lower()
    answer = invitation.answers.get()
    assert (answer.via, answer.recorded_by, answer.stamped_at) == ("calendar", None, row.stamped_at)


def test_accepted_answer_takes_a_seat_and_is_confirmed(invitation):
    incoming.receive(replies.answer(invitation))
    invitation.refresh_from_db()
    assert invitation.registration.status == "confirmed"
    assert world.mails(kind="confirmation", recipient=invitation.email).count() == 1


def test_accepted_answer_on_a_full_meeting_says_that_an_entry_is_no_seat(invitation, invited):
    other = invited.invitations.get(email="zweite@example.org")
    invited.capacity = 1
    invited.save()
    registrations.record_answer(invitation=other, partstat=PartStat.ACCEPTED)
    incoming.receive(replies.answer(invitation))
    invitation.refresh_from_db()
    assert invitation.registration.status == "waiting"
    mail = world.mails(kind="confirmation", recipient=invitation.email).get()
    assert "ein Eintrag in Ihrem Kalender ist noch kein Platz" in mail.text


def test_accepted_answer_to_a_mixed_meeting_asks_for_the_mode(invitation, invited):
    invited.attendance_mode = "mixed"
    invited.save()
    incoming.receive(replies.answer(invitation))
    assert "Bitte ergänzen" in world.mails(kind="confirmation", recipient=invitation.email).get().text


def test_same_mail_twice_counts_once(invitation):
    raw = replies.answer(invitation)
    first, second = incoming.receive(raw), incoming.receive(b"Delivered-To: x@example.org\r\n" + raw)
    assert first == second
    assert invitation.answers.count() == 1


def test_older_answer_loses_whatever_the_order_of_arrival(invitation):
    early, late = replies.now() - timedelta(minutes=9), replies.now() - timedelta(minutes=2)
    incoming.receive(replies.answer(invitation, "DECLINED", stamped_at=late))
    row = incoming.receive(replies.answer(invitation, "ACCEPTED", stamped_at=early))
    invitation.refresh_from_db()
    assert invitation.partstat == PartStat.DECLINED
    assert (row.state, row.reason) == ("ignored", "Eine neuere Antwort aus dem Kalender liegt schon vor.")


def test_answer_written_before_the_one_on_the_page_loses(invitation):
    registrations.record_answer(invitation=invitation, partstat=PartStat.DECLINED)
    row = incoming.receive(replies.answer(invitation, stamped_at=replies.now() - timedelta(hours=1)))
    assert (row.state, row.reason) == ("ignored", "Die Person hat danach schon anders geantwortet.")


def test_clock_that_runs_ahead_does_not_win_for_ever(invitation):
    incoming.receive(replies.answer(invitation, "DECLINED", stamped_at=replies.now() + timedelta(days=400)))
    registrations.record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    invitation.refresh_from_db()
    assert invitation.partstat == PartStat.ACCEPTED
    assert invitation.answers.filter(via="calendar").get().stamped_at <= replies.now()


def test_answer_to_the_old_day_does_not_count_for_the_new_one(invitation, invited, overall):
    scheduling.move(
        meeting=invited,
        starts_at=world.at(10, day=(2031, 3, 19)),
        ends_at=world.at(16, day=(2031, 3, 19)),
        venue=invited.venue,
        reason="Der Saal ist belegt.",
        by=overall,
    )
    row = incoming.receive(replies.answer(invitation, sequence=invited.ics_sequence))
    invitation.refresh_from_db()
    assert (row.state, row.reason) == ("ignored", "Die Antwort galt dem alten Termin.")
    assert invitation.partstat == PartStat.NEEDS_ACTION


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sender": "chef@example.org"}, "kam von chef@example.org"),
        ({"attendee": "alias@example.org", "sender": "alias@example.org"}, "nicht eingeladen"),
        ({"params": ';SENT-BY="mailto:buero@example.org"'}, "Jemand anderes"),
        ({"params": ';DELEGATED-TO="mailto:buero@example.org"'}, "Jemand anderes"),
        ({"partstat": "DELEGATED"}, "weder Zusage noch Absage"),
        ({"partstat": "NEEDS-ACTION"}, "weder Zusage noch Absage"),
        ({"method": "COUNTER"}, "schlägt einen anderen Termin vor"),
    ],
)
def test_doubtful_answer_waits_for_the_coordinator(invitation, options, words):
    row = incoming.receive(replies.answer(invitation, **options))
    invitation.refresh_from_db()
    assert (row.state, row.meeting) == ("waiting", invitation.meeting)
    assert words in row.reason
    assert invitation.partstat == PartStat.NEEDS_ACTION
    assert not invitation.answers.exists()


def test_alias_is_proposed_by_the_mail_that_it_answers(invitation):
    raw = replies.answer(
        invitation, attendee="a.arndt@example.net", sender="a.arndt@example.net", about=message_id(invitation)
    )
    row = incoming.receive(raw)
    assert (row.state, row.invitation) == ("waiting", invitation)


def test_proposed_time_is_shown_with_its_comment(invitation):
    row = incoming.receive(
        replies.answer(
            invitation, "TENTATIVE", method="COUNTER", client="exchange", lines="COMMENT:Lieber am Nachmittag\n"
        )
    )
    assert (row.kind, row.text) == ("counter", "Lieber am Nachmittag")
    assert row.proposed_start == invitation.meeting.starts_at


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ("mx.netz.example; dmarc=pass header.from=example.org", "done"),
        ("mx.netz.example; dmarc=fail header.from=example.org", "waiting"),
        ("mx.netz.example; dmarc=none; dkim=pass header.d=example.org", "done"),
        ("mx.netz.example; spf=pass smtp.mailfrom=x@elsewhere.example", "waiting"),
        ("mx.stranger.example; dmarc=pass header.from=example.org", "waiting"),
    ],
)
def test_forged_sender_waits_where_a_server_checks(invitation, settings, results, state):
    settings.INBOUND_AUTHSERV_ID = "mx.netz.example"
    row = incoming.receive(replies.answer(invitation, headers=f"Authentication-Results: {results}\n"))
    assert row.state == state


def test_reference_to_the_own_invitation_proves_the_person(invitation, settings):
    settings.INBOUND_AUTHSERV_ID = "mx.netz.example"
    assert incoming.receive(replies.answer(invitation, about=message_id(invitation))).state == "done"


def test_answer_after_the_cancellation_waits_with_the_reason(invitation, invited, overall):
    scheduling.cancel(meeting=invited, reason="Zu wenige Zusagen.", by=overall)
    row = incoming.receive(replies.answer(invitation))
    assert (row.state, row.reason) == ("waiting", "Dieses Treffen ist abgesagt. Eine Antwort ist nicht mehr nötig.")


@pytest.mark.parametrize(
    "headers",
    ["Auto-Submitted: auto-replied\n", "X-Autoreply: yes\n", "Precedence: auto_reply\n"],
)
def test_out_of_office_is_ignored(invitation, headers):
    row = incoming.receive(replies.text_mail(sender=invitation.email, headers=headers, about=message_id(invitation)))
    assert (row.kind, row.state, row.text) == ("automatic", "ignored", "")


def test_out_of_office_is_known_by_its_subject(invitation):
    row = incoming.receive(replies.text_mail(sender=invitation.email, subject="Automatische Antwort: Einladung"))
    assert row.state == "ignored"


def test_written_reply_waits_beside_its_invitation(invitation):
    row = incoming.receive(replies.text_mail(sender=invitation.email, about=message_id(invitation)))
    assert (row.kind, row.state, row.invitation) == ("text", "waiting", invitation)
    assert row.text == "Ich komme vielleicht mit dem Zug."


def test_outlook_format_waits_and_does_not_crash(invitation):
    raw = replies.text_mail(sender=invitation.email).replace(b"text/plain; charset=utf-8", b"application/ms-tnef")
    assert incoming.receive(raw).kind == "tnef"


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff" * 50, b"From: \r\n\r\n", b"Content-Type: text/calendar\r\n\r\nBEGIN:X"]
)
def test_nonsense_waits_and_does_not_crash(base_data, raw):
    assert incoming.receive(raw).state == "waiting"


# --- mails that came back ------------------------------------------------------------------------
@pytest.fixture
def verp(settings, invitation):
    settings.BOUNCE_ADDRESS = "bounce@netz.example"
    return OutboxMessage.objects.get(pk=invitation.message_id)


def test_hard_bounce_marks_the_contact(verp, invitation):
    raw = replies.report(to=bounces.envelope_sender(verp), final_recipient="srs0=x@relay.example")
    row = incoming.receive(raw)
    verp.refresh_from_db()
    assert (row.state, row.invitation) == ("done", invitation)
    assert (verp.bounce, verp.bounce_words) == ("hard", "5.1.1 smtp; 550 5.1.1 User unknown")
    assert ContactPerson.objects.get(email=invitation.email).bounced_at is not None


def test_delayed_mail_is_not_a_failed_one(verp, invitation):
    raw = replies.report(
        to=bounces.envelope_sender(verp), final_recipient=invitation.email, action="delayed", status="4.4.1"
    )
    incoming.receive(raw)
    verp.refresh_from_db()
    assert verp.bounce == "delayed"
    assert ContactPerson.objects.get(email=invitation.email).bounced_at is None


def test_third_soft_bounce_marks_the_contact(verp, invitation):
    mails = [verp]
    for number in (2, 3):
        copy = OutboxMessage.objects.get(pk=verp.pk)
        copy.pk, copy.key, copy._state.adding = None, f"copy-{number}", True
        copy.uuid = OutboxMessage._meta.get_field("uuid").get_default()
        copy.save()
        mails.append(copy)
    marks = []
    for one in mails:
        raw = replies.report(to=bounces.envelope_sender(one), final_recipient=invitation.email, status="4.2.2")
        incoming.receive(raw)
        marks.append(ContactPerson.objects.get(email=invitation.email).bounced_at is not None)
    assert marks == [False, False, True]


def test_report_without_own_address_is_found_by_the_returned_mail(invitation):
    raw = replies.report(to="vernetzung@example.org", final_recipient=invitation.email, returned=message_id(invitation))
    assert incoming.receive(raw).state == "done"


def test_forged_bounce_address_marks_nobody(verp, invitation):
    forged = bounces.envelope_sender(verp).replace("-", "-a", 1)
    row = incoming.receive(replies.report(to=forged, final_recipient=invitation.email))
    assert row.state == "waiting"
    assert ContactPerson.objects.get(email=invitation.email).bounced_at is None


# --- what the coordinator does -------------------------------------------------------------------
def test_assigned_answer_counts_and_its_text_is_deleted(invitation, kaya):
    row = incoming.receive(replies.answer(invitation, sender="chef@example.org"))
    row = incoming.assign(incoming=row, invitation=invitation, partstat="accepted", by=kaya)
    invitation.refresh_from_db()
    assert (row.state, row.text, row.settled_by) == ("settled", "", kaya)
    assert invitation.partstat == PartStat.ACCEPTED
    assert invitation.answers.get().via == Answer.Via.CALENDAR


def test_settled_mail_cannot_be_settled_again(invitation, kaya):
    row = incoming.receive(replies.text_mail(sender=invitation.email))
    incoming.dismiss(incoming=row, by=kaya)
    with pytest.raises(incoming.IncomingError, match="schon erledigt"):
        incoming.dismiss(incoming=row, by=kaya)


def test_queue_shows_own_meetings_and_what_belongs_to_none(invitation, kaya, bavarian, gross, lindner):
    incoming.receive(replies.text_mail(sender=invitation.email, about=message_id(invitation)))
    incoming.receive(replies.text_mail(sender="fremd@example.org"))
    seen = {who: IncomingMail.objects.visible_to(who).waiting().count() for who in (kaya, bavarian, gross, lindner)}
    assert list(seen.values()) == [2, 1, 0, 0]
