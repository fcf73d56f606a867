"""Move, postpone, cancel, reinstate; hold and release a sending; decide requests."""

from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from meetings import counters, invitations, notices, previews, reminder_days, requests, scheduling
from meetings.admin.dossier import answers
from meetings.admin.frame import actor, back, numbers, own_meeting, page, receipt, take
from meetings.admin.step_forms import MoveForm, ReasonForm
from meetings.admin.steps import _date_initial as date_initial
from meetings.models import IncomingMail, Meeting, MeetingChange


def move(request: HttpRequest, pk: int) -> HttpResponse:
    """New day, hours or venue; the reason goes into the mail. `?vorschlag=`: somebody's proposal, filled in."""
    meeting = own_meeting(request, pk)
    proposal = _proposal(request, meeting)
    initial = {**date_initial(meeting), "reminders": meeting.reminder_days}
    if proposal:
        initial |= _proposed(proposal, meeting)
    form = MoveForm(request.POST or None, initial=initial, meeting=meeting)
    mail = None
    if request.method == "POST" and form.is_valid() and request.POST.get("step") == "preview":
        mail = _move_preview(meeting, form)
    elif request.method == "POST" and form.is_valid():
        starts_at, ends_at = form.span()
        values = form.cleaned_data

        def job() -> None:
            job_function = partial(counters.move, proposal=proposal) if proposal else scheduling.move
            job_function(
                meeting=meeting,
                starts_at=starts_at,
                ends_at=ends_at,
                venue=values["venue"],
                reason=values["reason"],
                by=actor(request),
                override_reason=values["override_reason"],
                registration_deadline=form.deadline_moment(),
                reminders=values["reminders"],
                ask_declined=values["ask_declined"],
                form_id=receipt(request),
            )

        done = take(
            request,
            meeting,
            job,
            "Das Treffen ist verschoben. Die Eingeladenen bekommen eine Mail.",
            lambda text: form.add_error("day", text),
        )
        if done:
            return done
    return page(
        request,
        "move",
        meeting,
        f"Verschieben: {meeting.title}",
        form=form,
        mail=mail,
        proposal=proposal,
        reminders=_reminders(meeting, form),
        affected=notices.affected(meeting),
        answers=answers(meeting),
    )


def _reminders(meeting: Meeting, form: MoveForm) -> str:
    """On which days the silent are reminded with the values in the form; those too near to today are dropped."""
    if form.is_bound and not form.is_valid():
        return ""
    values = form.cleaned_data if form.is_bound else form.initial
    if not values.get("day") or not values.get("start"):
        return ""
    start = values["start"] if isinstance(values["start"], time) else time.fromisoformat(values["start"])
    try:
        starts_at = scheduling.aware(datetime.combine(values["day"], start))
    except scheduling.SchedulingError:
        return ""
    now = timezone.now()
    return reminder_days.in_words(values["reminders"] or meeting.reminder_days, starts_at, asked_at=now, now=now)


def _proposal(request: HttpRequest, meeting: Meeting) -> IncomingMail | None:
    """The waiting proposal that the address names, if it is about this meeting."""
    rows = meeting.incoming.waiting().filter(kind=IncomingMail.Kind.COUNTER, proposed_start__isnull=False)
    return rows.filter(pk__in=numbers([request.GET.get("vorschlag", "")])).select_related("invitation").first()


def _proposed(proposal: IncomingMail, meeting: Meeting) -> dict[str, Any]:
    """Its day and hours for the form; without an end, as long as the meeting is now."""
    if proposal.proposed_start is None:
        return {}
    end = proposal.proposed_end
    if end is None and meeting.starts_at and meeting.ends_at:
        end = proposal.proposed_start + (meeting.ends_at - meeting.starts_at)
    start = timezone.localtime(proposal.proposed_start)
    return {
        "day": start.date(),
        "start": start.time(),
        "end": timezone.localtime(end).time() if end else None,
    }


def _move_preview(meeting: Meeting, form: MoveForm) -> tuple[str, str] | None:
    """The mail with these values; an impossible time is told at its field."""
    starts_at, ends_at = form.span()
    try:
        return previews.change_mail(
            meeting,
            kind=MeetingChange.Kind.MOVED,
            reason=form.cleaned_data["reason"],
            starts_at=starts_at,
            ends_at=ends_at,
            venue=form.cleaned_data["venue"],
            deadline=form.deadline_moment(),
        )
    except scheduling.SchedulingError as problem:
        form.add_error("start", str(problem))
        return None


STEPS: dict[str, tuple[str, str, str, str, Callable[..., Any]]] = {
    "termin-offen": (
        "Verschieben, neuer Termin offen",
        "Verschieben und Termin offen lassen",
        "Das Treffen ist verschoben, der neue Termin folgt.",
        MeetingChange.Kind.POSTPONED,
        scheduling.postpone,
    ),
    "absagen": (
        "Absagen",
        "Treffen absagen",
        "Das Treffen ist abgesagt.",
        MeetingChange.Kind.CANCELLED,
        scheduling.cancel,
    ),
    "findet-statt": (
        "Findet doch statt",
        "Treffen wieder ansetzen",
        "Das Treffen findet doch statt.",
        MeetingChange.Kind.REINSTATED,
        scheduling.reinstate,
    ),
}


def change(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Postpone, cancel or reinstate, each with its reason."""
    meeting = own_meeting(request, pk)
    if kind not in STEPS:
        raise Http404
    title, button, done_text, change_kind, job_function = STEPS[kind]
    form = ReasonForm(request.POST or None)
    mail = None
    if request.method == "POST" and form.is_valid() and request.POST.get("step") == "preview":
        mail = previews.change_mail(meeting, kind=change_kind, reason=form.cleaned_data["reason"])
    elif request.method == "POST" and form.is_valid():
        job = partial(
            job_function,
            meeting=meeting,
            reason=form.cleaned_data["reason"],
            by=actor(request),
            form_id=receipt(request),
        )
        done = take(request, meeting, job, done_text, lambda text: form.add_error(None, text))
        if done:
            return done
    return page(
        request,
        "change",
        meeting,
        f"{title}: {meeting.title}",
        form=form,
        button=button,
        kind=kind,
        mail=mail,
        affected=notices.affected(meeting),
    )


@require_POST
def mailing(request: HttpRequest, pk: int, mailing_id: int, action: str) -> HttpResponse:
    """Hold or release what of a sending has not gone out."""
    meeting = own_meeting(request, pk)
    row = get_object_or_404(meeting.mailings.all(), pk=mailing_id)
    if action == "anhalten":
        messages.success(request, f"{invitations.hold(mailing=row, by=actor(request))} Mails sind angehalten.")
    elif action == "freigeben":
        messages.success(request, f"{invitations.release(mailing=row, by=actor(request))} Mails gehen hinaus.")
    else:
        raise Http404
    return back(meeting)


@require_POST
def decide(request: HttpRequest, pk: int, request_id: int) -> HttpResponse:
    """Accept or decline somebody who asks to be invited, with a text."""
    meeting = own_meeting(request, pk)
    row = get_object_or_404(meeting.invitation_requests.all(), pk=request_id)
    accept = request.POST.get("decision") == "annehmen"
    job = partial(
        requests.decide, request=row, accept=accept, reply=request.POST.get("reply", "")[:2000], by=actor(request)
    )
    return take(
        request, meeting, job, "Die Anfrage ist beantwortet.", lambda text: messages.error(request, text)
    ) or back(meeting)
