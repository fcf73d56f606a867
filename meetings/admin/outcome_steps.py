"""On the day and after: the tick list, results, agreements and tasks."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from meetings import attendance as attendance_job
from meetings import followups
from meetings import minutes as minutes_job
from meetings.admin.frame import actor, numbers, own_meeting, page, receipt, take
from meetings.admin.step_forms import ActionForm, DecisionForm
from meetings.models import ActionItem, Attendance, Meeting
from meetings.models.invitation import PartStat
from regions.models import AlreadyReceived

STATES = Attendance.State.choices
WALK_INS = 3


def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody invited, those who said yes first and ticked; below them people who just came."""
    meeting = own_meeting(request, pk)
    invited = list(meeting.invitations.active().select_related("attendance").order_by("name"))
    invited.sort(key=lambda row: row.partstat != PartStat.ACCEPTED)
    errors: list[str] = []
    blanks = [("", "")] * WALK_INS
    if request.method == "POST":
        states = {row.pk: request.POST[f"state-{row.pk}"] for row in invited if request.POST.get(f"state-{row.pk}")}
        names, houses = request.POST.getlist("walk_in"), request.POST.getlist("walk_in_organisation")
        walk_ins = list(zip(names, houses, strict=False))[:200]
        blanks = [*walk_ins, *blanks][: max(WALK_INS, len(walk_ins))]
        job = partial(
            attendance_job.record,
            meeting=meeting,
            states=states,
            walk_ins=walk_ins,
            by=actor(request),
            form_id=receipt(request),
        )
        done = take(request, meeting, job, "Die Teilnahme ist erfasst.", errors.append)
        if done:
            return done
    rows = [(row, _state(request, row)) for row in invited]
    came = list(meeting.attendances.filter(is_walk_in=True))
    return page(
        request,
        "attendance",
        meeting,
        f"Teilnahme: {meeting.title}",
        rows=rows,
        states=STATES,
        came=came,
        blanks=blanks,
        errors=errors,
    )


def _state(request: HttpRequest, row: Any) -> str:
    """What was ticked just now, else what is stored, else what the answer suggests."""
    if request.method == "POST":
        return request.POST.get(f"state-{row.pk}", "")
    stored = getattr(row, "attendance", None)
    if stored:
        return str(stored.state)
    return Attendance.State.PRESENT if row.partstat == PartStat.ACCEPTED else ""


def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Course and result of each item; agreements and tasks of the meeting."""
    meeting = own_meeting(request, pk)
    decision, action = DecisionForm(prefix="decision", meeting=meeting), ActionForm(prefix="action", meeting=meeting)
    conflicts: dict[int, dict[str, str]] = {}
    errors: list[str] = []
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step == "decision":
            decision = DecisionForm(request.POST, prefix="decision", meeting=meeting)
            saved = decision.is_valid() and _decide(request, meeting, decision)
        elif step == "action":
            action = ActionForm(request.POST, prefix="action", meeting=meeting)
            saved = action.is_valid() and _assign(request, meeting, action)
        elif step.startswith("state-"):
            saved = _set_state(request, meeting, step, errors)
        elif step.startswith("remove-"):
            saved = _remove(request, meeting, step)
        else:
            saved = _save_items(request, meeting, conflicts, errors)
        if saved:
            return redirect("admin:meetings_minutes", meeting.pk)
    rows = [(item, conflicts.get(item.pk)) for item in meeting.agenda.exclude(kind="break")]
    return page(
        request,
        "minutes",
        meeting,
        f"Ergebnisse: {meeting.title}",
        rows=rows,
        errors=errors,
        decision=decision,
        action=action,
        decisions=meeting.decisions.select_related("agenda_item"),
        actions=meeting.action_items.select_related("agenda_item"),
        earlier=_earlier(request, meeting).open(),
    )


def _save_items(
    request: HttpRequest, meeting: Meeting, conflicts: dict[int, dict[str, str]], errors: list[str]
) -> bool:
    for item in meeting.agenda.all():
        if f"result-{item.pk}" not in request.POST:
            continue
        texts = {
            "minutes_text": request.POST.get(f"minutes-{item.pk}", ""),
            "result_text": request.POST[f"result-{item.pk}"],
        }
        revision = next(iter(numbers([request.POST.get(f"revision-{item.pk}", "")])), -1)
        try:
            minutes_job.save_item(item=item, **texts, revision=revision, by=actor(request))
        except minutes_job.Conflict as problem:
            conflicts[item.pk] = problem.mine
            errors.append(f"TOP {item.position}: {problem}")
        except minutes_job.MinutesError as problem:
            conflicts[item.pk] = texts
            errors.append(str(problem))
    if not errors:
        messages.success(request, "Die Ergebnisse sind gespeichert.")
    return not errors


def _once(request: HttpRequest, job: Any, done: str) -> bool:
    try:
        job()
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
    else:
        messages.success(request, done)
    return True


def _decide(request: HttpRequest, meeting: Meeting, form: DecisionForm) -> bool:
    job = partial(
        minutes_job.add_decision, meeting=meeting, **form.cleaned_data, by=actor(request), form_id=receipt(request)
    )
    return _once(request, job, "Die Vereinbarung ist eingetragen.")


def _assign(request: HttpRequest, meeting: Meeting, form: ActionForm) -> bool:
    job = partial(
        minutes_job.add_action, meeting=meeting, **form.cleaned_data, by=actor(request), form_id=receipt(request)
    )
    return _once(request, job, "Die Aufgabe ist eingetragen.")


def _remove(request: HttpRequest, meeting: Meeting, step: str) -> bool:
    kind, _, pk = step.removeprefix("remove-").partition("-")
    rows = meeting.decisions.all() if kind == "decision" else meeting.action_items.all()
    record = get_object_or_404(rows, pk=next(iter(numbers([pk])), 0))
    minutes_job.remove(record=record, by=actor(request))
    messages.success(request, "Der Eintrag ist gelöscht; der Verlauf kennt ihn noch.")
    return True


def _earlier(request: HttpRequest, meeting: Meeting) -> Any:
    return ActionItem.objects.visible_to(request.user).earlier_than(meeting)


def _set_state(request: HttpRequest, meeting: Meeting, step: str, errors: list[str]) -> bool:
    """ "state-done-12": a task of this meeting or of an earlier one of its regions."""
    status, _, number = step.removeprefix("state-").rpartition("-")
    pk = next(iter(numbers([number])), 0)
    rows = ActionItem.objects.filter(pk=pk)
    action = (rows & meeting.action_items.all()).first() or get_object_or_404(_earlier(request, meeting), pk=pk)
    try:
        stored = followups.set_status(
            action=action, status=status, result=request.POST.get("result", ""), by=actor(request)
        )
    except followups.FollowUpError as problem:
        errors.append(f"{action.title}: {problem}")
        return False
    messages.success(request, f"„{stored.title}“ ist jetzt: {stored.get_status_display()}.")
    return True
