"""Job: who was there. Counted once, used by list, documentation and report."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import history
from meetings.models import Attendance, Invitation, Meeting
from mobipro import html
from regions.models import FormReceipt

LONGEST_NAME = 200


class AttendanceError(Exception):
    """The attendance cannot be recorded; the text says why, in German."""


@transaction.atomic
def record(
    *,
    meeting: Meeting,
    states: Mapping[int, str],
    by: Any,
    walk_ins: Iterable[tuple[str, str]] = (),
    form_id: "uuid.UUID | str | None" = None,
) -> Meeting:
    """Store the tick list: a state by invitation id, and (name, organisation) of people who came without one.

    The first list makes the meeting "durchgeführt"; a later one corrects it. Ids that are not of this meeting are
    refused. Raises AttendanceError before the meeting began or when it was cancelled.
    """
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.attendance", user=by)
    _check(locked)
    invitations = {row.pk: row for row in Invitation.objects.active().filter(meeting=locked)}
    unknown = set(states) - set(invitations)
    if unknown:
        raise AttendanceError("Eine Person der Liste gehört nicht zu diesem Treffen. Laden Sie die Seite neu.")
    for pk, state in states.items():
        if state not in Attendance.State.values:
            raise AttendanceError("Wählen Sie für jede Person eine Angabe aus der Liste.")
        row = invitations[pk]
        values = {"name": row.name, "organisation_name": row.organisation_name, "state": state, "recorded_by": by}
        Attendance.objects.update_or_create(invitation=row, defaults={"meeting": locked, **values})
    for name, organisation in walk_ins:
        _walk_in(locked, name, organisation, by)
    if locked.status not in Meeting.HELD_STATUSES:
        locked.status, locked.held_at = Meeting.Status.HELD, timezone.now()
        history.save(locked, by=by, reason="Teilnahme erfasst")
    return locked


def _check(meeting: Meeting) -> None:
    if meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        raise AttendanceError(f"Dieses Treffen ist {meeting.get_status_display()}.")
    if not meeting.has_started:
        raise AttendanceError("Die Teilnahme erfassen Sie, wenn das Treffen begonnen hat.")


def _walk_in(meeting: Meeting, name: str, organisation: str, by: Any) -> None:
    name = " ".join(html.plain(name).split())[:LONGEST_NAME]
    if not name:
        return
    organisation = " ".join(html.plain(organisation).split())[:LONGEST_NAME]
    known = Attendance.objects.filter(meeting=meeting, is_walk_in=True, name=name, organisation_name=organisation)
    if not known.exists():
        Attendance(
            meeting=meeting,
            name=name,
            organisation_name=organisation,
            is_walk_in=True,
            state=Attendance.State.PRESENT,
            recorded_by=by,
        ).save()
