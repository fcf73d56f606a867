"""Steps of one button in the dossier: announce, remind the silent, un-invite a person, confirm a seat."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from meetings import invitations, reminders, scheduling, seats
from meetings.admin.frame import actor, back, own_meeting, receipt, take
from meetings.models import Meeting

MEETING_STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "ankuendigen": (scheduling.announce, "Das Treffen steht mit seinem Termin auf der Website und im Kalender."),
    "erinnern": (reminders.remind, "Wer noch nicht geantwortet hat, bekommt eine Erinnerung."),
}


@require_POST
def meeting_step(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Announce the meeting, or remind everybody who is silent."""
    meeting = own_meeting(request, pk)
    if kind not in MEETING_STEPS:
        raise Http404
    job_function, done = MEETING_STEPS[kind]
    job = partial(job_function, meeting=meeting, by=actor(request), form_id=receipt(request))
    return _taken(request, meeting, job, done)


@require_POST
def person_step(request: HttpRequest, pk: int, invitation_id: int, kind: str) -> HttpResponse:
    """Un-invite one person, or give her the seat she waits for."""
    meeting = own_meeting(request, pk)
    row = get_object_or_404(meeting.invitations.select_related("registration"), pk=invitation_id)
    row.meeting = meeting
    if kind == "ausladen":
        reason = request.POST.get("reason", "")
        job: Callable[[], Any] = partial(
            invitations.withdraw, invitation=row, reason=reason, by=actor(request), form_id=receipt(request)
        )
        done = f"{row.name} ist ausgeladen; der Kalendereintrag wird zurückgenommen."
        if row.contact_id:
            done += " War es ein Irrtum, laden Sie unter „Empfängerinnen und Empfänger“ wieder ein."
        return _taken(request, meeting, job, done)
    registration = getattr(row, "registration", None)
    if kind != "bestaetigen" or registration is None:
        raise Http404
    job = partial(seats.confirm, registration=registration, by=actor(request))
    return _taken(request, meeting, job, f"Der Platz von {row.name} ist bestätigt; die Mail wartet im Postausgang.")


def _taken(request: HttpRequest, meeting: Meeting, job: Callable[[], Any], done: str) -> HttpResponse:
    refused = take(request, meeting, job, done, lambda text: messages.error(request, text))
    return refused or back(meeting)
