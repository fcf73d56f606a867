"""The tasks of one meeting: tick, take back, drop with a reason, hand over, add one of one's own."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meetings import milestones, preparation, scheduling
from meetings.admin.frame import actor, numbers, own_meeting, page, receipt
from meetings.admin.step_forms import DATE_ERRORS, DATE_FORMATS
from meetings.milestones import Light
from meetings.models import Meeting, PlanningTask
from mobipro.admin.fields import DayField
from mobipro.html import no_control_characters
from regions.models import AlreadyReceived, RoleAssignment, User

SETTLED = (Light.DONE, Light.DROPPED)


def colleagues() -> Any:
    """Whom a task may be handed to: everybody who coordinates something."""
    staff = RoleAssignment.objects.filter(role=RoleAssignment.Role.COORDINATOR)
    return User.objects.filter(pk__in=staff.values("user"), is_active=True).order_by("last_name", "first_name")


class TaskForm(forms.Form):
    """A task of one's own."""

    title = forms.CharField(
        label="Aufgabe",
        max_length=160,
        validators=[no_control_characters],
        error_messages={
            "required": "Schreiben Sie auf, was zu tun ist.",
            "max_length": "Die Aufgabe ist zu lang (höchstens 160 Zeichen).",
        },
    )
    due_on = DayField(
        label="Bis wann",
        input_formats=DATE_FORMATS,
        error_messages=DATE_ERRORS,
        widget=forms.DateInput(format="%d.%m.%Y"),
    )
    assignee = forms.ModelChoiceField(
        User.objects.none(),
        label="Wer",
        required=False,
        empty_label="Koordination",
        error_messages={"invalid_choice": "Diese Person gibt es hier nicht. Wählen Sie eine aus der Liste."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assignee"]
        field.queryset = colleagues()


def tasks(request: HttpRequest, pk: int) -> HttpResponse:
    """All tasks with their lights; each step is one button."""
    meeting = own_meeting(request, pk)
    form = TaskForm(prefix="neu")
    errors: list[str] = []
    typed: dict[int, str] = {}
    if request.method == "POST":
        if request.POST.get("step") == "add":
            form = TaskForm(request.POST, prefix="neu")
            done = form.is_valid() and _run(
                request,
                partial(preparation.add, meeting=meeting, **form.cleaned_data, by=actor(request)),
                "Die Aufgabe ist eingetragen.",
                lambda text: form.add_error("due_on" if "Der " in text else "title", text),
            )
        else:
            done = _step(request, meeting, errors, typed)
        if done:
            return redirect(_where(request, meeting))
    rows = milestones.tasks_of(meeting)
    named = [(row, typed.get(row.task.pk, "")) for row in rows]
    return page(
        request,
        "tasks",
        meeting,
        f"Aufgaben: {meeting.title}",
        waiting=[pair for pair in named if pair[0].light not in SETTLED],
        settled=[pair for pair in named if pair[0].light in SETTLED],
        preparation=milestones.summary(rows),
        form=form,
        errors=errors,
        people=list(colleagues()),
        has_templates=any(row.task.offset_days is not None for row in rows),
    )


def _where(request: HttpRequest, meeting: Meeting) -> str:
    """Back to the page on which the button was."""
    name = "meeting_change" if request.POST.get("back") == "dossier" else "tasks"
    return reverse(f"admin:meetings_{name}", args=[meeting.pk])


def _step(request: HttpRequest, meeting: Meeting, errors: list[str], typed: dict[int, str]) -> bool:
    """One of the buttons beside a task, "<step>-<id>", or "plan" for a meeting that has none yet."""
    step, _, number = request.POST.get("step", "").partition("-")
    by = actor(request)
    if step == "plan":
        scheduling.count_tasks(meeting=meeting, by=by)
        messages.success(request, "Die Aufgaben sind angelegt.")
        return True
    task = PlanningTask.objects.filter(meeting=meeting, pk__in=numbers([number])).first()
    if task is None:
        raise Http404
    reason = request.POST.get(f"reason-{task.pk}", "")
    person = colleagues().filter(pk__in=numbers([request.POST.get(f"assignee-{task.pk}", "")])).first()
    jobs: dict[str, tuple[Callable[..., Any], str]] = {
        "tick": (partial(preparation.tick, task=task, by=by), f"Erledigt: {task.title}"),
        "reopen": (partial(preparation.reopen, task=task, by=by), f"Wieder offen: {task.title}"),
        "drop": (partial(preparation.drop, task=task, reason=reason, by=by), f"Entfällt: {task.title}"),
        "assign": (partial(preparation.assign, task=task, assignee=person, by=by), f"Weitergegeben: {task.title}"),
    }
    if step not in jobs:
        raise Http404
    typed[task.pk] = reason[:300]
    return _run(request, *jobs[step], errors.append)


def _run(request: HttpRequest, job: Callable[..., Any], done: str, refuse: Callable[[str], Any]) -> bool:
    """Whether the page is to be left: the job worked, or had worked before."""
    try:
        job(form_id=receipt(request))
    except preparation.PreparationError as problem:
        refuse(str(problem))
        return False
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
        return True
    messages.success(request, done)
    return True
