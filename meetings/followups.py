"""Job: what was agreed comes back – a mail to the owner of a task, its state, a point on the next agenda.

Lock order: meetings in the order of their days, then the task.
"""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import history
from meetings.emails import followups as emails
from meetings.models import ActionItem, AgendaItem, Decision, Meeting
from meetings.models.agenda import slots
from mobipro import html
from mobipro.outbox.models import OutboxMessage
from regions.models import ContactAssignment, ContactPerson, FormReceipt
from regions.reachability import Reached, obstacle
from regions.visibility import Visibility

log = logging.getLogger(__name__)

REMIND_BEFORE = timedelta(days=7)
REST = timedelta(hours=12)  # after it was written down: time to correct a slip before it is mailed
ITEM_MINUTES = 20
LONGEST_RESULT = 500  # characters
FormId = uuid.UUID | str | None


class FollowUpError(Exception):
    """The state cannot be stored like this; the text says why, in German."""


# --- the mail before the day ---------------------------------------------------------------------
def remind_owners_due(*, now: datetime | None = None) -> int:
    """By the clock, as often as it likes: one mail a week before the due day; gives the number of new mails.

    To the owner, or who stands in for her. Another due day asks once more; a task without an owner in the address
    book asks nobody.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    rows = ActionItem.objects.open().filter(owner__isnull=False, created_at__lte=now - REST)
    due = list(rows.filter(due_on__gte=today, due_on__lte=today + REMIND_BEFORE).select_related("owner__successor"))
    keys = {emails.key_of(action): action for action in due}
    known = set(OutboxMessage.objects.filter(key__in=keys).values_list("key", flat=True))
    sent = 0
    for key, action in keys.items():
        if key in known:
            continue
        try:
            sent += remind_owner(action=action)
        except Exception:  # one task's trouble must not keep the others from their mails
            log.exception("The clock could not remind of action %s", action.pk)
    return sent


@transaction.atomic
def remind_owner(*, action: ActionItem) -> bool:
    """The mail about one open task, once a due day; False when nobody can be reached or it is open no more."""
    locked = _lock(action)
    reached = addressee(locked.owner) if locked.owner else None
    if reached is None or not locked.is_open:
        return False
    emails.action_due(locked, reached)
    return True


def addressee(owner: ContactPerson) -> Reached | None:
    """The owner; where nothing reaches her, her successor, or a deputy of the projects whose main contact she is."""
    why_not = obstacle(owner)
    if not why_not:
        return Reached(owner, "Sie haben die Aufgabe übernommen")
    if owner.status == ContactPerson.Status.LEFT:
        successor = owner.successor
        if successor is None or obstacle(successor):
            return None
        return Reached(successor, f"Nachfolge von {owner.full_name}")
    assignments = ContactAssignment.objects.valid()
    projects = assignments.filter(contact=owner, is_primary=True, project__isnull=False).values("project")
    deputies = assignments.filter(project__in=projects, is_deputy=True).select_related("contact").order_by("pk")
    for row in deputies:
        if not obstacle(row.contact):
            return Reached(row.contact, f"in Vertretung von {owner.full_name} ({why_not})")
    return None


# --- how it stands -------------------------------------------------------------------------------
def _lock(action: ActionItem) -> ActionItem:
    rows = ActionItem.objects.select_for_update(of=("self",)).select_related("meeting", "owner__successor")
    return rows.get(pk=action.pk)


def receipt_of(action: ActionItem) -> str:
    """What the receipt of this task's form says: the same form under another link is another form."""
    return f"meetings.ActionItem:{action.pk}"


@transaction.atomic
def set_status(*, action: ActionItem, status: str, by: Any, result: str = "", form_id: FormId = None) -> ActionItem:
    """Note how the task stands and what came of it; the same again changes nothing, and every state can be corrected.

    `by` is None for the personal link in the mail. Raises FollowUpError, and AlreadyReceived for a form sent twice.
    """
    if status not in ActionItem.Status.values:
        raise FollowUpError("Wählen Sie, wie die Aufgabe steht.")
    words = " ".join(html.plain(result).split())
    if len(words) > LONGEST_RESULT:
        raise FollowUpError(f"Das Ergebnis ist {len(words) - LONGEST_RESULT} Zeichen zu lang.")
    locked = _lock(action)
    if form_id is not None:
        FormReceipt.take(form_id, purpose="meetings.action_state", user=by, result=receipt_of(locked))
    if (locked.status, locked.result) == (status, words):
        return locked
    locked.status, locked.result = status, words
    way = "über den Link in der Mail" if by is None else "eingetragen"
    history.save(locked, by=by, reason=f"{locked.get_status_display()}, {way}")
    return locked


# --- the point on the next agenda ----------------------------------------------------------------
def carry_over(*, meeting: Meeting | None = None) -> int:
    """Put "Stand der Vereinbarungen" on the agenda of each region's next meeting; gives how many got it.

    Called when something is agreed at `meeting`, and (without one) by the clock: a meeting may get its date later.
    """
    if meeting is not None and not meeting.has_started:
        return 0  # its own preparation is nothing to report about
    added = 0
    for row in next_meetings():
        if row.follow_up_added_at is None and (meeting is None or _concerns(row, meeting)):
            added += put_on_agenda(meeting=row)
    return added


def _lanes(meeting: Meeting) -> set[int | None]:
    if meeting.kind == Meeting.Kind.NATIONAL:
        return {None}
    return {region.pk for region in meeting.places}


def _concerns(following: Meeting, meeting: Meeting) -> bool:
    return bool(_lanes(following) & _lanes(meeting))


def next_meetings(now: datetime | None = None) -> list[Meeting]:
    """The next meeting of each region and the next national one; a joint one counts for each of its regions."""
    coming = Meeting.objects.filter(status__in=Meeting.OPEN_STATUSES, starts_at__gt=now or timezone.now())
    coming = coming.exclude(status=Meeting.Status.POSTPONED).with_places().order_by("starts_at", "pk")
    found, seen = [], set[int | None]()
    for meeting in coming:
        if _lanes(meeting) - seen:
            found.append(meeting)
        seen |= _lanes(meeting)
    return found


@transaction.atomic
def put_on_agenda(*, meeting: Meeting) -> bool:
    """The point, once: after the welcome, unless there is one. Whoever removes it does not get it again."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.follow_up_added_at is not None or locked.has_started or not _has_something_to_report(locked):
        return False
    items = list(locked.agenda.order_by("position", "pk"))
    has_point = any(item.kind == AgendaItem.Kind.FOLLOW_UP for item in items)
    if not has_point:
        _insert(locked, items)
    locked.follow_up_added_at = timezone.now()
    words = "stand schon" if has_point else "kam"
    history.save(locked, by=None, reason=f"„Stand der Vereinbarungen“ {words} auf die Tagesordnung")
    return not has_point


def _has_something_to_report(meeting: Meeting) -> bool:
    """Open tasks of any earlier meeting, or agreements of the last one; what only the coordination sees is no topic."""
    actions = ActionItem.objects.open().earlier_than(meeting).exclude(visibility=Visibility.COORDINATION)
    if actions.exists():
        return True
    last = Meeting.objects.before(meeting).order_by("-starts_at").first()
    return Decision.objects.filter(meeting=last).exclude(visibility=Visibility.COORDINATION).exists()


def _insert(meeting: Meeting, items: list[AgendaItem]) -> None:
    first = slots(items)[0] if items else []
    after = len(first) if first and first[0].kind == AgendaItem.Kind.WELCOME else 0
    kind = AgendaItem.Kind.FOLLOW_UP
    point = AgendaItem(meeting=meeting, kind=kind, title=str(kind.label), duration_min=ITEM_MINUTES)
    for position, item in enumerate([*items[:after], point, *items[after:]], start=1):
        if item.pk is None or item.position != position:
            item.position = position
            item.save()
