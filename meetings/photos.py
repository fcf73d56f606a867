"""Job: whether photos may show a person. No answer means no; a consent can be taken back as long as the link lives."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from meetings import history, minutes
from meetings.models import Attendance, Invitation, Meeting, PhotoConsent, Registration
from regions.models import FormReceipt
from regions.visibility import Visibility

REMOVE_DAYS = 3  # so soon after a withdrawal the published pictures are looked through


class PhotoError(Exception):
    """The step is not possible; the text says why."""


@transaction.atomic
def set_consent(
    *, invitation: Invitation, is_given: bool, form_id: "uuid.UUID | str | None" = None
) -> PhotoConsent | None:
    """Give or take back; None where nothing was given. Taken back after the meeting: a task to look through the photos.

    Raises PhotoError when there is nothing to consent to, AlreadyReceived for a form sent twice.
    """
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    if form_id is not None:
        FormReceipt.take(form_id, purpose=f"meetings.photo:{invitation.pk}")
    row = PhotoConsent.objects.filter(invitation=invitation).first()
    if row is None and not is_given:
        return None
    row = row or PhotoConsent(invitation=invitation)
    if row.is_given == is_given:
        return row
    if is_given and not may_be_asked(meeting):
        raise PhotoError("Zu diesem Treffen wird nicht nach Fotos gefragt.")
    if is_given:
        row.given_at, row.withdrawn_at = timezone.now(), None
    else:
        row.withdrawn_at = timezone.now()
        if meeting.has_started:
            _have_photos_checked(meeting, invitation)
    history.save(row, by=None, reason="Fotos: ja" if is_given else "Fotos: Einwilligung zurückgenommen")
    return row


def may_be_asked(meeting: Meeting) -> bool:
    """Photos are planned, and the meeting is still to come or under way."""
    off = (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED)
    return meeting.photo_planned and meeting.status not in off and not meeting.is_over


def _have_photos_checked(meeting: Meeting, invitation: Invitation) -> None:
    minutes.add_action(
        meeting=meeting,
        title=f"Fotos prüfen und entfernen: {invitation.name} hat die Einwilligung zurückgenommen"[:300],
        owner_name="Koordination",
        due_on=timezone.localdate() + timedelta(days=REMOVE_DAYS),
        visibility=Visibility.COORDINATION,
        by=None,
    )


@dataclass(frozen=True)
class Overview:
    """Who may be shown; names for the coordinators of the meeting only."""

    may: list[str]
    may_not: list[str]
    is_after: bool  # of people who were there, no longer of those who have a seat


def overview(meeting: Meeting) -> Overview | None:
    """Who has a seat – once attendance is recorded, who was there –, by consent. None where no photos are planned."""
    given = set(PhotoConsent.objects.valid().filter(invitation__meeting=meeting).values_list("invitation", flat=True))
    if not meeting.photo_planned and not given:
        return None
    present = list(Attendance.objects.filter(meeting=meeting).present().values_list("invitation", "name"))
    if present:
        return _split(present, given, is_after=True)
    seated = meeting.registrations.filter(status__in=Registration.HELD_STATUSES).order_by("invitation__name")
    return _split(seated.values_list("invitation", "invitation__name"), given, is_after=False)


def _split(people: Iterable[tuple[int | None, str]], given: set[int], *, is_after: bool) -> Overview:
    rows = list(people)
    may = [name for pk, name in rows if pk in given]
    return Overview(may, [name for pk, name in rows if pk not in given], is_after)
