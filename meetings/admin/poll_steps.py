"""Terminabfrage: choose dates and people, read the answers, remind once, close, take the winner."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from meetings import notices, poll_results, polls, scheduling
from meetings.admin.frame import actor, numbers, own_meeting, page, receipt
from meetings.admin.step_forms import DATE_ERRORS, DATE_FORMATS, TIME_ERRORS
from meetings.models import DatePoll, Meeting
from meetings.scheduling import SchedulingError
from meetings.working_days import DAY, Calendar
from mobipro.admin.fields import DayField, refuse_control_characters
from mobipro.html import no_control_characters
from regions.models import AlreadyReceived

PROPOSED = 3  # dates filled in beforehand
ANSWER_DAYS = 10
MEETING_WEEKDAYS = (1, 2, 3)  # Tuesday to Thursday (walks.md)


class DateRow(forms.Form):
    """One of the dates to choose from; an empty day is no date."""

    day = DayField(
        label="Tag",
        required=False,
        input_formats=DATE_FORMATS,
        error_messages=DATE_ERRORS,
        widget=forms.DateInput(format="%d.%m.%Y"),
    )
    start = forms.TimeField(label="Beginn", error_messages=TIME_ERRORS, widget=forms.TimeInput(format="%H:%M"))
    end = forms.TimeField(label="Ende", error_messages=TIME_ERRORS, widget=forms.TimeInput(format="%H:%M"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("start") and values.get("end") and values["end"] <= values["start"]:
            self.add_error("end", "Das Ende muss nach dem Beginn liegen.")
        return values

    def span(self) -> tuple[datetime, datetime] | None:
        """Start and end on the clock in Berlin, not yet aware; None for an empty row."""
        day: date | None = self.cleaned_data.get("day")
        if day is None:
            return None
        return datetime.combine(day, self.cleaned_data["start"]), datetime.combine(day, self.cleaned_data["end"])


class PollStartForm(forms.Form):
    closes_on = DayField(
        label="Antworten bis",
        input_formats=DATE_FORMATS,
        error_messages=DATE_ERRORS,
        widget=forms.DateInput(format="%d.%m.%Y"),
        help_text="Bis zum Ende dieses Tages. Zwei Tage vorher werden alle erinnert, die noch nicht geantwortet haben.",
    )
    message = forms.CharField(
        label="Nachricht",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_control_characters],
        help_text="Steht in der Mail und auf der Seite.",
        error_messages={"max_length": "Die Nachricht ist zu lang (höchstens 1000 Zeichen)."},
    )
    override_reason = forms.CharField(
        label="Begründung trotz Feiertag oder Ferien",
        required=False,
        max_length=300,
        validators=[no_control_characters],
        help_text="Nur nötig, wenn einer der Tage darauf fällt.",
    )


def proposed_days(meeting: Meeting) -> list[date]:
    """A few days to begin with: in the round's window, Tuesday to Thursday, free in every Land, a week apart."""
    window, today = meeting.round, timezone.localdate()
    first = max(window.window_start if window else today, today + timedelta(weeks=6))
    last = window.window_end if window and window.window_end > first else first + timedelta(weeks=10)
    calendar = Calendar(scheduling.states_of(meeting, meeting.venue))
    blocks = polls.blocked_on(meeting, first, last)
    found: list[date] = []
    for day in calendar.between(first, last):
        if day.weekday() not in MEETING_WEEKDAYS or any(row.starts_on <= day <= row.ends_on for row in blocks):
            continue
        if not found or day - found[-1] >= 8 * DAY:  # another weekday too
            found.append(day)
        if len(found) == PROPOSED:
            break
    return found


def _rows(request: HttpRequest, meeting: Meeting) -> list[DateRow]:
    days = [*proposed_days(meeting), *[None] * polls.MOST][: polls.MOST]
    rows = []
    for number, day in enumerate(days, start=1):
        initial = {"day": day, "start": "10:00", "end": "16:00"}
        row = DateRow(request.POST or None, prefix=f"termin{number}", initial=initial)
        for field in row.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}, Termin {number}"
        rows.append(row)
    return rows


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Two to six dates, a deadline, and whom to ask."""
    meeting = own_meeting(request, pk)
    running = meeting.polls.filter(state=DatePoll.State.OPEN).first()
    if running is not None:
        return redirect("admin:meetings_poll", meeting.pk)
    user = actor(request)
    form = PollStartForm(request.POST or None, initial={"closes_on": timezone.localdate() + ANSWER_DAYS * DAY})
    rows = _rows(request, meeting)
    found = polls.candidates(meeting, user)
    chosen = {row.contact.pk for row in found if row.preselected and not row.excluded_reason}
    errors: list[str] = []
    if request.method == "POST":
        chosen = numbers(request.POST.getlist("contact"))
        if _start(request, meeting, form, rows, [row.contact for row in found if row.contact.pk in chosen], errors):
            return redirect("admin:meetings_poll", meeting.pk)
    return page(
        request,
        "poll_start",
        meeting,
        f"Terminabfrage: {meeting.title}",
        form=form,
        date_rows=rows,
        rows=[row for row in found if not row.excluded_reason],
        excluded=[row for row in found if row.excluded_reason],
        chosen=chosen,
        errors=errors,
        may_ask=polls.may_ask(meeting),
        pause=notices.pause_in_words(),
        people_count=len(chosen),
        project_count=len({row.project.pk for row in found if row.project and row.contact.pk in chosen}),
    )


def _start(
    request: HttpRequest, meeting: Meeting, form: Any, rows: list[DateRow], contacts: list[Any], errors: list[str]
) -> bool:
    """Whether the poll runs now; each problem stands at its date, or above the form."""
    if not all([form.is_valid(), *[row.is_valid() for row in rows]]):
        errors.append("Bitte prüfen Sie die markierten Angaben.")
        return False
    given = [(row, span) for row in rows if (span := row.span()) is not None]
    try:
        polls.start(
            meeting=meeting,
            spans=[span for _, span in given],
            closes_at=datetime.combine(form.cleaned_data["closes_on"], time(23, 59)),
            contacts=contacts,
            by=actor(request),
            message=form.cleaned_data["message"],
            override_reason=form.cleaned_data["override_reason"],
            form_id=receipt(request),
        )
    except polls.PollError as problem:
        if problem.row is not None:
            given[problem.row][0].add_error("day", str(problem))
        errors.append(str(problem))
        return False
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
        return True
    people = "1 Person" if len(contacts) == 1 else f"{len(contacts)} Personen"
    messages.success(request, f"Die Terminabfrage an {people} wartet im Postausgang und geht gleich hinaus.")
    return True


def poll(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers as a matrix; remind, close, or take a date."""
    meeting = own_meeting(request, pk)
    found = meeting.polls.select_related("chosen").first()
    if found is None:
        if request.method == "POST":
            raise Http404
        return redirect("admin:meetings_poll_start", meeting.pk)
    errors: list[str] = []
    if request.method == "POST":
        target = _step(request, meeting, found, errors)
        if target:
            return redirect(target, meeting.pk)
        found.refresh_from_db()
    found.meeting = meeting
    result = poll_results.result_of(found)
    return page(
        request,
        "poll",
        meeting,
        f"Terminabfrage: {meeting.title}",
        poll=found,
        result=result,
        errors=errors,
        may_choose=found.state != DatePoll.State.DECIDED and polls.may_ask(meeting),
        may_remind=found.is_running and found.reminded_at is None and bool(result.missing),
        may_ask=polls.may_ask(meeting) and found.state != DatePoll.State.OPEN,
        pause=notices.pause_in_words(),
        viable=round(100 * poll_results.VIABLE_SHARE),
    )


def _step(request: HttpRequest, meeting: Meeting, found: DatePoll, errors: list[str]) -> str:
    """Take one step; where to go on, or nothing when it was refused."""
    step, _, number = request.POST.get("step", "").partition("-")
    by = actor(request)
    if step == "choose":
        option = found.options.filter(pk__in=numbers([number])).first()
        if option is None:
            raise Http404
        job: Callable[..., Any] = partial(polls.choose, poll=found, option=option, by=by)
        return _run(request, job, "Der Termin steht. Als Nächstes: einladen.", "admin:meetings_invite", errors)
    jobs = {
        "remind": (polls.remind, "Die Erinnerung wartet im Postausgang und geht gleich hinaus."),
        "close": (polls.close, "Die Abfrage ist geschlossen. Wählen Sie nun den Termin."),
    }
    if step not in jobs:
        raise Http404
    return _run(request, partial(jobs[step][0], poll=found, by=by), jobs[step][1], "admin:meetings_poll", errors)


def _run(request: HttpRequest, job: Callable[..., Any], done: str, target: str, errors: list[str]) -> str:
    try:
        job(form_id=receipt(request))
    except (polls.PollError, SchedulingError) as problem:
        errors.append(str(problem))
        return ""
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
        return target
    messages.success(request, done)
    return target
