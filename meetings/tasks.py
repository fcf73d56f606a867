"""Background work of meetings. Everything is safe to repeat: keys and states decide what is left to do."""

import logging
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from meetings import feedback, followups, history, incoming, polls, preparation, reminders, retention, scheduling, seats
from meetings.models import DatePoll, Meeting
from mobipro import mailbox

log = logging.getLogger(__name__)


@shared_task
def clock() -> None:
    """Every five minutes: due reminders, the end of registration, seats nobody confirmed, what must be deleted."""
    now = timezone.now()
    running = Meeting.objects.filter(
        status__in=[Meeting.Status.INVITED, Meeting.Status.REGISTRATION_CLOSED], starts_at__gt=now
    )
    for meeting in running.order_by("starts_at"):
        try:
            reminders.remind_due(meeting=meeting, now=now)
            close_registration(meeting=meeting)
            seats.release_overdue(meeting=meeting, now=now)
        except Exception:  # one meeting's trouble must not keep the others from their reminders
            log.exception("The clock failed for meeting %s", meeting.code)
    retention.support_needs(now).delete()
    feedback.delete_old_texts()
    prepare()
    followups.remind_owners_due(now=now)
    followups.carry_over()


@shared_task
def fetch_mail(**_: Any) -> None:
    """Every minute: the mailbox to which answers and delivery reports come, where there is one."""
    if settings.INBOUND_URL:
        try:
            mailbox.each_unread(settings.INBOUND_URL, incoming.receive)
        except mailbox.MailboxError as error:
            log.warning("%s", error)


@transaction.atomic
def close_registration(*, meeting: Meeting) -> bool:
    """Past its deadline, registration is closed; declining stays possible on the personal page."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.status != Meeting.Status.INVITED or not locked.is_deadline_passed:
        return False
    locked.status = Meeting.Status.REGISTRATION_CLOSED
    history.save(locked, by=None, reason="Anmeldefrist abgelaufen")
    return True


def prepare() -> None:
    """Tasks of meetings whose date was set without them, polls that end, and what the portal sees of the others."""
    for meeting in preparation.without_tasks():
        try:
            scheduling.count_tasks(meeting=meeting)
        except Exception:
            log.exception("The clock could not plan the tasks of meeting %s", meeting.code)
    for poll in DatePoll.objects.filter(state=DatePoll.State.OPEN):
        try:
            polls.keep_time(poll=poll)
        except Exception:
            log.exception("The clock failed for the date poll %s", poll.pk)
    for meeting in preparation.unsettled():
        preparation.settle(meeting=meeting)
