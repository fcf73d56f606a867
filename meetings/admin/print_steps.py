"""For the day: the print kit and the certificates, made while the browser waits.

200 badges take 1.3 s and a list of 200 names 1.6 s (plus 1.4 s for the first PDF of a process), so no worker
is asked and nothing is stored: each print shows who has a seat now.
"""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from meetings import certificates as certificate_job
from meetings import participants, print_kit
from meetings.admin.frame import back, own_meeting, page
from meetings.models import Attendance, Meeting
from meetings.models.agenda import public_with_times
from meetings.print_kit import programme_of
from mobipro import pdf
from mobipro.files import serve_pdf
from regions.models import ProgrammeSettings

Builder = Callable[[Meeting, ProgrammeSettings | None], bytes]


def _seats(build: Callable[..., bytes]) -> Builder:
    return lambda meeting, programme: build(meeting, participants.with_a_seat(meeting), programme)


def _points(build: Callable[..., bytes]) -> Builder:
    def made(meeting: Meeting, programme: ProgrammeSettings | None) -> bytes:
        return build(meeting, public_with_times(meeting), programme)

    return made


KIT: Final[dict[str, Builder]] = {
    "teilnahmeliste": _seats(print_kit.attendance_list),
    "namensschilder": _seats(print_kit.name_badges),
    "tuerschilder": _points(print_kit.door_signs),
    "tagesordnung": _points(print_kit.agenda_sheet),
}


def _problem(request: HttpRequest, meeting: Meeting) -> HttpResponse | None:
    """Back to the dossier with the reason, when this machine or this meeting allows no print."""
    text = pdf.missing_message() or ("" if meeting.starts_at else "Legen Sie zuerst den Termin fest.")
    if not text:
        return None
    messages.error(request, text)
    return back(meeting)


@require_safe
def print_one(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """One part of the kit."""
    meeting = own_meeting(request, pk)
    build = KIT.get(kind)
    if build is None:
        raise Http404
    return _problem(request, meeting) or serve_pdf(build(meeting, programme_of(meeting)), f"{kind}-{meeting.code}")


@require_safe
def certificates(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who was there, each with her certificate; `?alle=1` gives one file with a page each."""
    meeting = own_meeting(request, pk)
    rows = list(Attendance.objects.present().filter(meeting=meeting))
    if request.GET.get("alle") and rows:
        made = _problem(request, meeting)
        content = b"" if made else certificate_job.build(meeting, rows, programme_of(meeting))
        return made or serve_pdf(content, f"teilnahmebestaetigungen-{meeting.code}")
    return page(request, "certificates", meeting, f"Teilnahmebestätigungen: {meeting.title}", rows=rows)


@require_safe
def certificate(request: HttpRequest, pk: int, attendance_id: int) -> HttpResponse:
    """One person's certificate; a person who was not there has none."""
    meeting = own_meeting(request, pk)
    row = get_object_or_404(Attendance.objects.present().filter(meeting=meeting), pk=attendance_id)
    made = _problem(request, meeting)
    content = b"" if made else certificate_job.build(meeting, [row], programme_of(meeting))
    return made or serve_pdf(content, f"teilnahmebestaetigung-{meeting.code}-{row.pk}")
