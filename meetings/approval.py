"""Job: record what BMAS and ZAV say to the year plan. The rows are its history; nothing is sent from here."""

import uuid
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import scheduling
from meetings.models import MeetingSeries
from meetings.models.proposal import FunderAgreement
from meetings.planning import PlanningError
from regions.models import FormReceipt
from regions.visibility import access_of

Outcome = FunderAgreement.Outcome


class ApprovalError(PlanningError):
    """The agreement cannot be recorded like this; the text says why, in German."""


@transaction.atomic
def record(
    *,
    series: MeetingSeries,
    funder: str,
    outcome: str,
    on: date,
    by: Any,
    person: str = "",
    note: str = "",
    form_id: "uuid.UUID | str | None" = None,
) -> FunderAgreement:
    """What a funder said on a day. When both agreed last, the plan is agreed; a wish for changes reopens it.

    Only the Gesamtkoordination records; an answer needs the person who gave it. Raises ApprovalError.
    """
    if not access_of(by).coordinates_all:
        raise ApprovalError("Die Abstimmung trägt die Gesamtkoordination ein.")
    if funder not in FunderAgreement.Funder.values or outcome not in Outcome.values:
        raise ApprovalError("Wählen Sie Stelle und Ergebnis.")
    who, words = scheduling.one_line(person, 120), scheduling.one_line(note, 500)
    if outcome != Outcome.SENT and not who:
        raise ApprovalError("Tragen Sie ein, wer geantwortet hat.")
    if on > timezone.localdate():
        raise ApprovalError("Das Datum liegt in der Zukunft. Tragen Sie den Tag ein, an dem es geschah.")
    locked = MeetingSeries.objects.select_for_update().get(pk=series.pk)
    if form_id:
        FormReceipt.take(form_id, purpose="plan.approval", user=by)
    row = FunderAgreement.objects.create(
        series=locked, funder=funder, outcome=outcome, on=on, person=who, note=words, made_by=by
    )
    _follow(locked)
    return row


def newest(series: MeetingSeries) -> list[tuple[str, FunderAgreement | None]]:
    """Each funder's name with what it said last, by the order in which it was recorded."""
    rows = sorted(series.agreements.all(), key=lambda row: row.pk)
    last = {row.funder: row for row in rows}
    return [(str(name), last.get(key)) for key, name in FunderAgreement.Funder.choices]


def _follow(series: MeetingSeries) -> None:
    """The plan's state follows from what both said last; a plan that runs or is closed keeps its state."""
    last = [row for _, row in newest(series)]
    agreed = [row.on for row in last if row and row.outcome == Outcome.AGREED]
    complete = len(agreed) == len(last)
    series.agreed_with_funders_on = max(agreed) if complete else None
    if series.status in (MeetingSeries.Status.DRAFT, MeetingSeries.Status.AGREED):
        series.status = MeetingSeries.Status.AGREED if complete else MeetingSeries.Status.DRAFT
    series.save()
