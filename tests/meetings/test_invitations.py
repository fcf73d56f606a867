import email
import email.policy
from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from meetings import checks, invitations, recipients, reminders, scheduling, tasks
from meetings.models import Invitation, Mailing, Meeting
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from mobipro import links, mail
from mobipro.outbox.models import State
from regions.models import AlreadyReceived, ContactPerson, FormReceipt
from tests import factories
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db


def by_email(meeting, by=None):
    return {row.contact.email: row for row in recipients.candidates(meeting, by)}


def test_everybody_reachable_is_proposed_with_a_reason(meeting, people):
    found = by_email(meeting)
    assert set(found) == {"erste@example.org", "zweite@example.org", "dritte@example.org"}
    assert found["erste@example.org"].reason_text == "Hauptkontakt im Projekt „Ankommen in Hamburg“"
    assert all(row.preselected for row in found.values())


def test_the_number_of_queries_does_not_grow_with_people(meeting, people, project, django_assert_num_queries):
    world.make_partner()
    with django_assert_num_queries(5):
        recipients.candidates(Meeting.objects.get(pk=meeting.pk))
    for number in range(5):
        world.make_project_person(f"mehr{number}@example.org", project)
    with django_assert_num_queries(5):
        recipients.candidates(Meeting.objects.get(pk=meeting.pk))


def test_a_bounced_address_is_named_and_not_proposed(meeting, people, project):
    ContactPerson.objects.filter(email="erste@example.org").update(bounced_at=timezone.now())
    row = by_email(meeting)["erste@example.org"]
    assert not row.preselected
    assert "unzustellbar" in row.excluded_reason


def test_the_deputy_comes_when_the_main_contact_is_away(meeting, people, project):
    world.make_project_person("vertretung@example.org", project, "Diaz", is_deputy=True)
    assert not by_email(meeting)["vertretung@example.org"].preselected
    ContactPerson.objects.filter(email="erste@example.org").update(status="on_leave")
    found = by_email(meeting)
    assert found["vertretung@example.org"].preselected
    assert "in Vertretung von Ana Arndt" in found["vertretung@example.org"].reason_text
    assert found["erste@example.org"].excluded_reason == "abwesend"


def test_the_successor_of_somebody_who_left_is_proposed(meeting, people):
    successor = factories.make_contact("neu@example.org", last_name="Neu", first_name="Nia")
    ContactPerson.objects.filter(email="erste@example.org").update(status="left", successor=successor)
    assert "Nachfolge von Ana Arndt" in by_email(meeting)["neu@example.org"].reason_text


def test_a_person_of_two_projects_stands_once_with_both_reasons(meeting, people):
    second = factories.make_project("Zweites Projekt", "NORD")
    second.contact_assignments.create(contact=people[0], function="project_lead")
    row = by_email(meeting)["erste@example.org"]
    assert "Ankommen in Hamburg" in row.reason_text
    assert "Zweites Projekt" in row.reason_text


def test_partners_are_proposed(meeting):
    world.make_partner()
    assert by_email(meeting)["partner@example.org"].reason_text == "Partner: BMAS"


def test_each_coordinator_invites_the_people_of_her_own_region(meeting, people, kaya, bavarian, overall):
    meeting.regions.add(factories.region("BY"))
    world.make_project_person("sued@example.org", factories.make_project("In Bayern", "BY"))
    assert set(by_email(meeting, bavarian)) == {"sued@example.org"}
    assert len(by_email(meeting, overall)) == 4
    assert len(by_email(meeting, kaya)) == 4  # Nord and, as deputy, Bayern


def test_a_project_without_anybody_is_counted(meeting, people):
    lonely = factories.make_project("Niemand da", "NORD")
    assert recipients.unreachable_projects(meeting) == [lonely]


def test_inviting_writes_one_mail_a_person_in_one_sending(meeting, people, overall):
    mailing = invitations.invite(meeting=meeting, contacts=people, by=overall)
    meeting.refresh_from_db()
    rows = world.mails(group=mailing.group)
    assert (rows.count(), mailing.recipient_count, meeting.status) == (3, 3, "invited")
    first = rows.get(recipient="erste@example.org")
    assert first.calendar_method == "REQUEST"
    assert "mailto:erste@example.org" in world.unfolded(first.calendar)
    assert "zweite@example.org" not in first.text + first.html + first.calendar
    assert first.not_before > timezone.now()
    assert first.sender == "MobiPro-EU Vernetzung <vernetzung@example.org>"
    assert "{link:meetings:answer|" in first.text
    assert "Frist" not in first.subject


def test_the_stored_mail_holds_no_usable_link(invited):
    for row in world.mails():
        assert "/treffen/antwort/" not in row.text + row.html + row.calendar


def test_the_mail_that_goes_out_carries_the_link_and_one_calendar_twice(invited):
    message = world.mails(kind="invitation", recipient="erste@example.org").get()
    message.text, message.html = links.fill(message.text), links.fill(message.html)
    message.calendar = links.fill_calendar(message.calendar)
    parsed = email.message_from_bytes(mail.build(message), policy=email.policy.default)
    kinds = [part.get_content_type() for part in parsed.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    parts = {part.get_content_type(): part for part in parsed.walk()}
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert parts["text/calendar"].get_payload(decode=True) == parts["application/ics"].get_payload(decode=True)
    link = (
        f"http://localhost:8000/treffen/antwort/{world.token_of(invited.invitations.get(email='erste@example.org'))}/"
    )
    assert f"{link}?antwort=vertretung" in parts["text/plain"].get_content()
    event = Calendar.from_ical(parts["text/calendar"].get_payload(decode=True)).walk("VEVENT")[0]
    assert event["DESCRIPTION"].endswith(link)


def test_a_second_invitation_reaches_only_the_new(invited, people, project, overall):
    new = world.make_project_person("vierte@example.org", project)
    preselected = [row for row in recipients.candidates(invited, overall) if row.preselected]
    assert [row.contact for row in preselected] == [new]
    with pytest.raises(invitations.InvitationError):
        invitations.invite(meeting=invited, contacts=people, by=overall)
    second = invitations.invite(meeting=invited, contacts=[new], by=overall)
    assert second.round == 2
    assert invited.invitations.count() == 4


def test_the_same_form_invites_once(meeting, people, overall):
    form_id = FormReceipt.new_id()
    invitations.invite(meeting=meeting, contacts=people, by=overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        invitations.invite(meeting=meeting, contacts=people, by=overall, form_id=form_id)
    assert Mailing.objects.count() == 1


def test_a_person_of_another_region_cannot_be_smuggled_in(meeting, people, kaya):
    stranger = world.make_project_person("fremd@example.org", factories.make_project("Im Westen", "NRW"))
    with pytest.raises(invitations.InvitationError):
        invitations.invite(meeting=meeting, contacts=[*people, stranger], by=kaya)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("status", ["cancelled", "held", "postponed"])
def test_inviting_to_a_meeting_that_is_not_to_come_is_refused(meeting, people, overall, status):
    Meeting.objects.filter(pk=meeting.pk).update(status=status, cancelled_at=timezone.now())
    with pytest.raises(invitations.InvitationError):
        invitations.invite(meeting=meeting, contacts=people, by=overall)


def test_inviting_without_a_date_is_refused(people, overall):
    with pytest.raises(invitations.InvitationError, match="Termin"):
        invitations.invite(meeting=world.make_meeting("2031-NORD-2"), contacts=people, by=overall)


def test_the_preview_shows_the_mail_and_saves_nothing(meeting, people):
    shown = invitations.preview_mail(meeting, by_email(meeting)["erste@example.org"])
    assert "Guten Tag Ana Arndt" in shown.text
    assert "[persönlicher Link]" in shown.html
    assert "METHOD:REQUEST" in shown.ics
    assert not Invitation.objects.exists()


def test_a_sending_can_be_held_and_released(invited, overall):
    mailing = invited.mailings.get()
    assert invitations.hold(mailing=mailing, by=overall) == 3
    assert world.mails(state=State.HELD).count() == 3
    assert invitations.release(mailing=mailing, by=overall) == 3


def test_one_person_is_withdrawn_without_cancelling_the_meeting(invitation, overall):
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    invitations.withdraw(invitation=invitation, by=overall, reason="Doppelt eingeladen.")
    mail = world.mails(kind="withdrawn").get()
    assert "METHOD:CANCEL" in mail.calendar
    assert "STATUS:" not in mail.calendar
    assert mail.recipient == "erste@example.org"
    assert invitation.meeting.invitations.active().count() == 2


def test_who_is_withdrawn_before_the_mail_went_out_hears_nothing(invitation, overall):
    invitations.withdraw(invitation=invitation, by=overall)
    assert not world.mails(kind="withdrawn").exists()
    assert world.mails(recipient="erste@example.org").get().state == State.WITHDRAWN


def test_a_withdrawn_person_can_be_invited_again_with_a_new_link(invitation, people, overall):
    invitations.withdraw(invitation=invitation, by=overall)
    invitations.invite(meeting=invitation.meeting, contacts=people[:1], by=overall)
    invitation.refresh_from_db()
    assert invitation.link_version == 2
    assert invitation.withdrawn_at is None


# --- reminders -----------------------------------------------------------------------------------
def due_for(meeting, days_before):
    """The meeting as if it were so many days away, invited long ago."""
    start = world.in_days(days_before)
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=start, ends_at=start + timedelta(hours=6), registration_deadline=start - timedelta(days=14)
    )
    Invitation.objects.update(invited_at=timezone.now() - timedelta(days=60))


def test_only_the_silent_are_reminded_and_only_once_a_day_of_the_timetable(invited, invitation):
    record_answer(invitation=invitation, partstat=PartStat.DECLINED)
    due_for(invited, 27)
    for _ in range(3):
        tasks.clock()
    assert set(world.mails(kind="reminder").values_list("recipient", flat=True)) == {
        "zweite@example.org",
        "dritte@example.org",
    }
    assert world.mails(kind="reminder").count() == 2
    due_for(invited, 16)
    tasks.clock()
    assert world.mails(kind="reminder").count() == 4


def test_perhaps_gets_only_the_last_reminder(invited, invitation):
    record_answer(invitation=invitation, partstat=PartStat.TENTATIVE)
    due_for(invited, 27)
    tasks.clock()
    assert not world.mails(kind="reminder", recipient="erste@example.org").exists()
    due_for(invited, 16)
    tasks.clock()
    assert world.mails(kind="reminder", recipient="erste@example.org").count() == 1


def test_nobody_is_reminded_after_the_deadline_and_registration_closes(invited):
    due_for(invited, 10)
    tasks.clock()
    tasks.clock()
    invited.refresh_from_db()
    assert not world.mails(kind="reminder").exists()
    assert invited.status == "registration_closed"


def test_nobody_is_reminded_days_after_the_invitation(invited):
    due_for(invited, 27)
    Invitation.objects.update(invited_at=timezone.now())
    tasks.clock()
    assert not world.mails(kind="reminder").exists()


def test_reminders_whose_day_was_past_at_the_move_are_dropped(invited, overall):
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    due_for(invited, 20)
    tasks.clock()
    assert not world.mails(kind="reminder").exists()
    invited.changes.update(made_at=timezone.now() - timedelta(days=30))
    tasks.clock()
    assert world.mails(kind="reminder").count() == 3


def test_a_reminder_by_hand_refuses_when_all_answered(invited, overall):
    assert reminders.remind(meeting=invited, by=overall).recipient_count == 3
    for row in invited.invitations.all():
        record_answer(invitation=row, partstat=PartStat.ACCEPTED)
    with pytest.raises(invitations.InvitationError, match="niemanden"):
        reminders.remind(meeting=invited, by=overall)


# --- the last question ---------------------------------------------------------------------------
def test_a_queued_invitation_is_stopped_when_it_is_no_longer_true(invited, invitation, overall):
    message = world.mails(kind="invitation", recipient="erste@example.org").get()
    assert checks.still_invited(message) is None
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=timezone.now())
    assert "ausgeladen" in checks.still_invited(message)
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=None)
    scheduling.cancel(meeting=invited, reason="Krankheit", by=overall)
    assert "abgesagt" in checks.still_invited(message)


def test_a_queued_reminder_is_stopped_by_an_answer(invited, invitation, overall):
    reminders.remind(meeting=invited, by=overall)
    message = world.mails(kind="reminder", recipient="erste@example.org").get()
    assert checks.still_silent(message) is None
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert "geantwortet" in checks.still_silent(message)
