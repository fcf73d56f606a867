"""Job: who was there. Counted once, used by list, documentation and report."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import history
from meetings.models import Attendance, CheckIn, Invitation, Meeting, Registration
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
    refused. Each change is an entry beside those of the phones: what a phone brings later and was tapped earlier does
    not undo it. Raises AttendanceError before the meeting began or when it was cancelled.
    """
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.attendance", user=by)
    _check(locked)
    invitations = {row.pk: row for row in Invitation.objects.active().filter(meeting=locked)}
    stored = dict(locked.attendances.exclude(invitation=None).values_list("invitation", "state"))
    unknown = set(states) - set(invitations)
    if unknown:
        raise AttendanceError("Eine Person der Liste gehört nicht zu diesem Treffen. Laden Sie die Seite neu.")
    for pk, state in states.items():
        if state not in Attendance.State.values:
            raise AttendanceError("Wählen Sie für jede Person eine Angabe aus der Liste.")
        store(invitations[pk], state, by)
        if stored.get(pk) != state:
            _note(invitations[pk], state, by)
    for name, organisation in walk_ins:
        _walk_in(locked, name, organisation, by)
    return _held(locked, by)


@transaction.atomic
def close(*, meeting: Meeting, by: Any, form_id: "uuid.UUID | str | None" = None) -> Meeting:
    """End the check-in: who had a seat and was not ticked counts as not there; the meeting is "durchgeführt".

    That is a conclusion and no entry of its own: a tick that a phone without network brings later still counts.
    Raises AttendanceError like `record`.
    """
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.attendance", user=by)
    _check(locked)
    for row in missing(locked):
        store(row, Attendance.State.ABSENT, by)
    return _held(locked, by)


def missing(meeting: Meeting) -> Iterable[Invitation]:
    """Everybody with a seat of whom nothing is recorded."""
    seated = Invitation.objects.active().filter(registration__status=Registration.Status.CONFIRMED)
    return seated.filter(meeting=meeting, attendance=None).order_by("pk")


def store(invitation: Invitation, state: str, by: Any) -> Attendance:
    """The row of an invited person; the caller locked the meeting."""
    values = {"name": invitation.name, "organisation_name": invitation.organisation_name, "state": state}
    return Attendance.objects.update_or_create(
        invitation=invitation, defaults={"meeting_id": invitation.meeting_id, **values, "recorded_by": by}
    )[0]


def clean_name(text: str) -> str:
    """A typed name or house on one line, without control characters."""
    return " ".join(html.plain(text).split())[:LONGEST_NAME]


def _held(meeting: Meeting, by: Any) -> Meeting:
    if meeting.status not in Meeting.HELD_STATUSES:
        meeting.status, meeting.held_at = Meeting.Status.HELD, timezone.now()
        history.save(meeting, by=by, reason="Teilnahme erfasst")
    return meeting


def _note(invitation: Invitation, state: str, by: Any) -> None:
    CheckIn.objects.create(
        operation_id=uuid.uuid4(),
        meeting_id=invitation.meeting_id,
        invitation=invitation,
        name=invitation.name,
        state=state,
        made_at=timezone.now(),
        made_by=by,
    )


def _check(meeting: Meeting) -> None:
    if meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        raise AttendanceError(f"Dieses Treffen ist {meeting.get_status_display()}.")
    if not meeting.has_started:
        raise AttendanceError("Die Teilnahme erfassen Sie, wenn das Treffen begonnen hat.")


def _walk_in(meeting: Meeting, name: str, organisation: str, by: Any) -> None:
    name, organisation = clean_name(name), clean_name(organisation)
    if not name:
        return
    known = Attendance.objects.filter(meeting=meeting, is_walk_in=True, name=name, organisation_name=organisation)
    if not known.exists():
        Attendance(
            meeting=meeting,
            name=name,
            organisation_name=organisation,
            is_walk_in=True,
            walk_in_key=uuid.uuid4(),
            state=Attendance.State.PRESENT,
            recorded_by=by,
        ).save()
