"""Job: choose a workshop where several run at the same time. Places are counted under the lock of the Meeting row."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from meetings.models import AgendaItem, Invitation, Meeting, Registration, WorkshopChoice
from meetings.models.agenda import slots, with_times
from regions.models import FormReceipt

Status = Registration.Status
TAKING = (Status.CONFIRMED, Status.REQUESTED, Status.OFFERED)  # these take a seat, and may choose


class WorkshopError(Exception):
    """The choice is not possible; `field` names the form's field where there is one."""

    def __init__(self, text: str, field: str = ""):
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Workshop:
    """One of several at the same time, with who chose it."""

    item: AgendaItem
    people: list[WorkshopChoice] = field(default_factory=list)

    @property
    def left(self) -> int | None:
        """Places left; None: no limit."""
        return None if self.item.capacity is None else max(0, self.item.capacity - len(self.people))


@dataclass(frozen=True)
class Block:
    """Workshops at the same time: a person takes part in one of them. `number` counts from 1."""

    number: int
    starts_at: datetime | None
    workshops: list[Workshop]

    @property
    def field(self) -> str:
        return f"arbeitsgruppe_{self.number}"

    def chosen_by(self, registration: Registration | None) -> int | None:
        """The item that this person chose."""
        if registration is None or registration.pk is None:
            return None
        found = (row for one in self.workshops for row in one.people if row.registration_id == registration.pk)
        return next((row.agenda_item_id for row in found), None)


def blocks_of(meeting: Meeting) -> list[Block]:
    """Where people choose: slots with at least two public workshops. Two queries at most."""
    items = list(meeting.agenda.all())
    times = {item.pk: start for item, start in with_times(items, meeting.starts_at)}
    groups = [[item for item in slot if _is_choosable(item)] for slot in slots(items)]
    groups = [group for group in groups if len(group) > 1]
    if not groups:
        return []
    chosen: dict[int, list[WorkshopChoice]] = {}
    rows = WorkshopChoice.objects.filter(agenda_item__meeting=meeting).select_related("registration__invitation")
    for row in rows:
        chosen.setdefault(row.agenda_item_id, []).append(row)
    return [
        Block(number, times[group[0].pk], [Workshop(item, chosen.get(item.pk, [])) for item in group])
        for number, group in enumerate(groups, start=1)
    ]


def _is_choosable(item: AgendaItem) -> bool:
    return item.kind == AgendaItem.Kind.WORKSHOP and item.is_public


def seat_of(invitation: Invitation) -> Registration | None:
    """Her registration, if it takes a seat."""
    return Registration.objects.filter(invitation=invitation, status__in=TAKING).first()


def is_missing(registration: Registration | None, blocks: Iterable[Block]) -> bool:
    """She has a seat, and one of the blocks waits for her choice."""
    if registration is None or registration.status not in TAKING:
        return False
    return any(block.chosen_by(registration) is None for block in blocks)


@transaction.atomic
def choose(*, invitation: Invitation, items: Iterable[int], form_id: "uuid.UUID | str | None" = None) -> None:
    """Change the choice until the meeting begins. Raises WorkshopError, AlreadyReceived for a form sent twice."""
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    if form_id is not None:
        FormReceipt.take(form_id, purpose=f"meetings.workshop:{invitation.pk}")
    row = seat_of(invitation)
    off = (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED, *Meeting.HELD_STATUSES)
    if row is None or invitation.withdrawn_at is not None:
        raise WorkshopError("Eine Arbeitsgruppe wählen Sie, sobald Sie einen Platz haben.")
    if meeting.status in off or meeting.has_started:
        raise WorkshopError("Arbeitsgruppen lassen sich für dieses Treffen nicht mehr wählen.")
    row.meeting = meeting
    settle(row, items)


def settle(registration: Registration, items: Iterable[int]) -> None:
    """The step itself, for jobs that hold the meeting's lock: one workshop a block, while there is a place."""
    if registration.status not in TAKING:
        return
    blocks = blocks_of(registration.meeting)
    for pk in items:
        found = next(((block, one) for block in blocks for one in block.workshops if one.item.pk == pk), None)
        if found is None:
            raise WorkshopError("Diese Arbeitsgruppe gibt es nicht mehr. Wählen Sie eine andere.")
        block, workshop = found
        if block.chosen_by(registration) == pk:
            continue
        if workshop.left == 0:
            raise WorkshopError(f"„{workshop.item.title}“ ist voll. Wählen Sie eine andere Arbeitsgruppe.", block.field)
        registration.workshops.filter(agenda_item__in=[one.item for one in block.workshops]).delete()
        WorkshopChoice(registration=registration, agenda_item=workshop.item, chosen_at=timezone.now()).save()


def leave(registration: Registration) -> None:
    """Who gives up her seat gives up her places in the workshops."""
    registration.workshops.all().delete()


def hand_over(old: Registration, new: Registration) -> None:
    """A deputy takes the places too; she can choose others."""
    leave(new)
    old.workshops.update(registration=new)


def tidy(meeting: Meeting) -> None:
    """After a change of the agenda: no choice of what is no choice any more, and one a block (the first counts)."""
    blocks = blocks_of(meeting)
    kept: set[int] = set()
    for block in blocks:
        seen: set[int] = set()
        for row in sorted((row for one in block.workshops for row in one.people), key=lambda row: row.pk):
            if row.registration_id not in seen:
                seen.add(row.registration_id)
                kept.add(row.pk)
    WorkshopChoice.objects.filter(agenda_item__meeting=meeting).exclude(pk__in=kept).delete()
