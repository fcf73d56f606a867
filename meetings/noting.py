"""Job: keep what a meeting leaves behind – parked topics and heard risks – and say what became of a topic."""

import uuid
from typing import Any

from django.db import transaction

from meetings.minutes import MinutesError
from meetings.models import AgendaItem, Meeting, ParkedTopic, RiskNote
from mobipro import html
from regions.models import FormReceipt


def _line(text: str) -> str:
    return " ".join(html.plain(text).split())


@transaction.atomic
def park(
    *,
    meeting: Meeting,
    text: str,
    by: Any,
    agenda_item: AgendaItem | None = None,
    form_id: "uuid.UUID | str | None" = None,
) -> ParkedTopic:
    """Put a topic aside for the region's next meeting. Raises MinutesError without words."""
    text = _line(text)
    if not text:
        raise MinutesError("Schreiben Sie auf, welches Thema später drankommen soll.")
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.park", user=by)
    topic = ParkedTopic(meeting=meeting, agenda_item=agenda_item, text=text[:300])
    topic.save()
    return topic


@transaction.atomic
def note_risk(
    *,
    meeting: Meeting,
    category: str,
    text: str,
    by: Any,
    agenda_item: AgendaItem | None = None,
    form_id: "uuid.UUID | str | None" = None,
) -> RiskNote:
    """Keep a risk for the coordination. Raises MinutesError without words or with an unknown category."""
    text = _line(text)
    if not text:
        raise MinutesError("Schreiben Sie auf, was gesagt wurde.")
    if category not in RiskNote.Category.values:
        raise MinutesError("Wählen Sie einen Bereich aus der Liste.")
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.risk", user=by)
    note = RiskNote(meeting=meeting, agenda_item=agenda_item, category=category, text=text[:500])
    note.save()
    return note


@transaction.atomic
def settle(*, topic: ParkedTopic, status: str, by: Any) -> ParkedTopic:
    """Say what became of a topic; it stops waiting. Raises MinutesError for an unknown state."""
    if status not in ParkedTopic.Status.values:
        raise MinutesError("Diesen Stand gibt es nicht.")
    locked = ParkedTopic.objects.select_for_update(of=("self",)).get(pk=topic.pk)
    locked.status = status
    locked.save()
    return locked


@transaction.atomic
def remove(*, note: ParkedTopic | RiskNote, by: Any) -> None:
    """Take back what was entered by mistake."""
    note.delete()
