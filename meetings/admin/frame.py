"""What every step of a meeting shares: fetch within the caller's rights, render, take the step once."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from meetings.attendance import AttendanceError
from meetings.invitations import InvitationError
from meetings.minutes import MinutesError
from meetings.models import Meeting
from meetings.preparation import PreparationError
from meetings.requests import RequestError
from meetings.scheduling import SchedulingError
from meetings.seats import SeatError
from regions.models import AlreadyReceived, FormReceipt, User

REFUSALS = (
    AttendanceError,
    InvitationError,
    MinutesError,
    PreparationError,
    RequestError,
    SchedulingError,
    SeatError,
)


def own_meeting(request: HttpRequest, pk: int) -> Meeting:
    """The meeting, if this person may change it. A foreign one is not found."""
    meeting = Meeting.objects.visible_to(request.user).for_list().filter(pk=pk).first()
    if meeting is None:
        raise Http404
    if not request.user.has_perm("meetings.change_meeting", meeting):
        raise PermissionDenied
    return meeting


def actor(request: HttpRequest) -> User:
    return cast(User, request.user)


def page(request: HttpRequest, template: str, meeting: Meeting, title: str, **context: Any) -> HttpResponse:
    """One step's page; `form_id` is kept when the form comes back with errors."""
    form_id = request.POST.get("form_id") or FormReceipt.new_id()
    common = {
        **admin.site.each_context(request),
        "opts": Meeting._meta,
        "meeting": meeting,
        "title": title,
        "form_id": form_id,
    }
    return render(request, f"admin/meetings/{template}.html", {**common, **context})


def back(meeting: Meeting) -> HttpResponse:
    return redirect("admin:meetings_meeting_change", meeting.pk)


def take(
    request: HttpRequest, meeting: Meeting, job: Callable[[], Any], done: str, refuse: Callable[[str], None]
) -> HttpResponse | None:
    """Run one job; the dossier when it worked or had worked before, None when `refuse` got the reason."""
    try:
        job()
    except REFUSALS as problem:
        refuse(str(problem))
        return None
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
        return back(meeting)
    messages.success(request, done)
    return back(meeting)


def receipt(request: HttpRequest) -> str:
    """The form's id; a broken one counts as a form of its own."""
    text = request.POST.get("form_id", "")
    return (
        text
        if len(text) == 36 and text.count("-") == 4 and all(c in "0123456789abcdef-" for c in text)
        else FormReceipt.new_id()
    )


def numbers(texts: Any) -> set[int]:
    """Primary keys from a form; anything else is left out."""
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
