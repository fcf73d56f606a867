"""Job: save the agenda and the words about a meeting."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from meetings import history, scheduling, workshops
from meetings.models import AgendaItem, Meeting


@transaction.atomic
def save(
    *, meeting: Meeting, items: Iterable[AgendaItem], removed: Iterable[AgendaItem], texts: Mapping[str, str], by: Any
) -> None:
    """Store new and changed items, take removed ones away, number all anew, and keep the texts. Choices of a workshop
    that is none any more go.

    Another description of an announced meeting raises SEQUENCE (scheduling.rename).
    """
    locked = scheduling.lock(meeting)
    for item in removed:
        item.delete()
    for item in items:
        item.meeting = locked
        item.save()
    for position, item in enumerate(locked.agenda.order_by("position", "pk"), start=1):
        if item.position != position:
            item.position = position
            item.save()
    workshops.tidy(locked)
    if texts.get("description", locked.description) != locked.description:
        locked = scheduling.rename(meeting=locked, title=locked.title, description=texts["description"], by=by)
    others = {name: texts[name] for name in ("travel_cost_note", "accessibility_note") if name in texts}
    if any(getattr(locked, name) != text for name, text in others.items()):
        for name, text in others.items():
            setattr(locked, name, text)
        history.save(locked, by=by, reason="Hinweise geändert")
