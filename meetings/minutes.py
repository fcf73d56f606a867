"""Job: what came of each agenda item – course, result, agreements and tasks."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from meetings import followups, history
from meetings.models import ActionItem, AgendaItem, Decision, Meeting
from mobipro import html
from regions.models import ContactPerson, FormReceipt
from regions.visibility import Visibility

LONGEST_TEXT = 20_000  # characters; the same as the fields of AgendaItem


class MinutesError(Exception):
    """The minutes cannot be saved like this; the text says why, in German."""


@dataclass
class Conflict(Exception):
    """Somebody saved this agenda item meanwhile; `theirs` is what stands there now, `mine` is what was not saved."""

    theirs: AgendaItem
    mine: dict[str, str]

    def __str__(self) -> str:
        return "Dieser Punkt wurde inzwischen geändert. Unten stehen beide Fassungen; nichts ist verloren."


@transaction.atomic
def save_item(*, item: AgendaItem, minutes_text: str, result_text: str, revision: int, by: Any) -> AgendaItem:
    """Store course and result of one item. Raises Conflict when `revision` is not the stored one any more."""
    locked = AgendaItem.objects.select_for_update().get(pk=item.pk)
    mine = {"minutes_text": html.plain(minutes_text).strip(), "result_text": html.plain(result_text).strip()}
    if {name: getattr(locked, name) for name in mine} == mine:
        return locked
    if locked.revision != revision:
        raise Conflict(locked, mine)
    for name, text in mine.items():
        longest = LONGEST_TEXT
        if len(text) > longest:
            raise MinutesError(f"TOP {locked.position}: Der Text ist {len(text) - longest} Zeichen zu lang.")
        setattr(locked, name, text)
    locked.save()
    return locked


@transaction.atomic
def add_decision(
    *,
    meeting: Meeting,
    text: str,
    by: Any,
    agenda_item: AgendaItem | None = None,
    visibility: str = Visibility.PUBLIC,
    form_id: "uuid.UUID | str | None" = None,
) -> Decision:
    """The next numbered Vereinbarung; it comes up at the next meeting (followups.carry_over).

    Raises MinutesError for an empty or too long one.
    """
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    text = html.plain(text).strip()
    if not text:
        raise MinutesError("Schreiben Sie auf, was vereinbart wurde.")
    if len(text) > 2000:
        raise MinutesError(f"Die Vereinbarung ist {len(text) - 2000} Zeichen zu lang.")
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.decision", user=by)
    number = (locked.decisions.aggregate(last=Max("number"))["last"] or 0) + 1
    decision = Decision(meeting=locked, agenda_item=agenda_item, number=number, text=text, visibility=visibility)
    history.save(decision, by=by, reason="vereinbart")
    followups.carry_over(meeting=locked)
    return decision


@transaction.atomic
def add_action(
    *,
    meeting: Meeting,
    title: str,
    due_on: date,
    by: Any,
    owner: ContactPerson | None = None,
    owner_name: str = "",
    agenda_item: AgendaItem | None = None,
    visibility: str = Visibility.NETWORK,
    form_id: "uuid.UUID | str | None" = None,
) -> ActionItem:
    """A task: who (from the address book or by name), what, until when. Raises MinutesError when one is missing."""
    title, owner_name = (" ".join(html.plain(text).split()) for text in (title, owner_name))
    if not title:
        raise MinutesError("Schreiben Sie auf, was zu tun ist.")
    if owner is None and not owner_name:
        raise MinutesError("Nennen Sie, wer die Aufgabe übernimmt.")
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.action", user=by)
    action = ActionItem(
        meeting=meeting,
        agenda_item=agenda_item,
        title=title[:300],
        owner=owner,
        owner_name=(owner.full_name if owner else owner_name)[:200],
        due_on=due_on,
        visibility=visibility,
    )
    history.save(action, by=by, reason="verabredet")
    followups.carry_over(meeting=meeting)
    return action


@transaction.atomic
def remove(*, record: Decision | ActionItem, by: Any) -> None:
    """Take back an agreement or a task that was entered by mistake; the history keeps it."""
    record._history_user = by  # type: ignore[union-attr]
    record.delete()
