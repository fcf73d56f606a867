"""Before the meeting: date and venue, agenda, details."""

from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from meetings import agenda as agenda_job
from meetings import details as details_job
from meetings import scheduling
from meetings.admin.frame import actor, back, numbers, own_meeting, page, receipt, take
from meetings.admin.step_forms import AgendaFormSet, DateForm, DetailsForm, TextsForm
from meetings.models import ActionItem, Meeting
from meetings.models.agenda import total_minutes, with_times
from regions.models import BlockedPeriod, FederalState
from regions.public_holidays import public_holidays

TUESDAY = 1


def _date_initial(meeting: Meeting) -> dict[str, Any]:
    start, end = (timezone.localtime(moment) if moment else None for moment in (meeting.starts_at, meeting.ends_at))
    return {
        "day": start.date() if start else None,
        "start": start.time() if start else "10:00",
        "end": end.time() if end else "16:00",
        "venue": meeting.venue,
    }


def _proposed_day(meeting: Meeting, states: list[FederalState], months: set[int], weeks: set[int]) -> date | None:
    """A day of the wanted week, or the first Tuesday of the wanted month: to come, and no holiday in any Land."""
    month = next((number for number in months if 1 <= number <= 12), 0)
    if not month:
        return None
    holidays = {row.day for row in public_holidays(states, meeting.year)}
    today = timezone.localdate()
    week = next((number for number in weeks if 1 <= number <= 52), 0)
    in_week = [date.fromisocalendar(meeting.year, week, number) for number in (2, 3, 4)] if week else []
    days = [date(meeting.year, month, number) for number in range(1, 29)]
    wanted = [*in_week, *(day for day in days if day.weekday() == TUESDAY)]
    return next((day for day in wanted if day.year == meeting.year and day > today and day not in holidays), None)


def set_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Day, hours, venue. A public holiday of any Land of the region is named and needs a reason."""
    meeting = own_meeting(request, pk)
    states = scheduling.states_of(meeting)
    initial = _date_initial(meeting)
    months, weeks = (numbers([request.GET.get(name, "")]) for name in ("monat", "woche"))
    initial["day"] = initial["day"] or _proposed_day(meeting, states, months, weeks)
    form = DateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        starts_at, ends_at = form.span()

        def job() -> None:
            scheduling.set_date(
                meeting=meeting,
                starts_at=starts_at,
                ends_at=ends_at,
                venue=form.cleaned_data["venue"],
                by=actor(request),
                override_reason=form.cleaned_data["override_reason"],
                form_id=receipt(request),
            )

        done = take(request, meeting, job, "Der Termin steht.", lambda text: form.add_error("day", text))
        if done:
            return done
    window = meeting.round
    holidays = [
        row
        for row in public_holidays(states, meeting.year)
        if not window or window.window_start <= row.day <= window.window_end
    ]
    names = {state.iso_code: state.name for state in states}
    rows = [(row.day, row.name, ", ".join(names[code] for code in row.iso_codes)) for row in holidays]
    return page(
        request,
        "date",
        meeting,
        f"Termin und Ort: {meeting.title}",
        form=form,
        holidays=rows,
        breaks=_school_holidays(meeting, states),
        without=_without_school_holidays(meeting, states),
        window=window,
    )


def _school_holidays(meeting: Meeting, states: list[FederalState]) -> list[BlockedPeriod]:
    """The school holidays of the meeting's Länder in its window, or in its year."""
    window = meeting.round
    first = window.window_start if window else date(meeting.year, 1, 1)
    last = window.window_end if window else date(meeting.year, 12, 31)
    rows = BlockedPeriod.objects.filter(kind=BlockedPeriod.Kind.SCHOOL_HOLIDAY, federal_state__in=states)
    rows = rows.filter(starts_on__lte=last, ends_on__gte=first).select_related("federal_state")
    return list(rows.order_by("starts_on", "federal_state__sort_key"))


def _without_school_holidays(meeting: Meeting, states: list[FederalState]) -> str:
    """The Länder of which nobody entered the year's school holidays, by name."""
    known = BlockedPeriod.objects.filter(kind=BlockedPeriod.Kind.SCHOOL_HOLIDAY, starts_on__year=meeting.year)
    missing = [state.name for state in states if state.pk not in set(known.values_list("federal_state", flat=True))]
    return ", ".join(missing)


def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The points in order with durations; the times follow from the start."""
    meeting = own_meeting(request, pk)
    texts = TextsForm(request.POST or None, instance=meeting)
    known = meeting.agenda.count()
    blanks = [{"position": known + number} for number in (1, 2, 3)]
    formset = AgendaFormSet(request.POST or None, queryset=meeting.agenda.all(), initial=blanks, prefix="top")
    if request.method == "POST" and _saved(request, own_meeting(request, pk), formset, texts):
        messages.success(request, "Die Tagesordnung ist gespeichert.")
        return back(meeting)
    items = list(meeting.agenda.all())
    minutes = total_minutes(items)
    length = (
        int((meeting.ends_at - meeting.starts_at).total_seconds() // 60) if meeting.starts_at and meeting.ends_at else 0
    )
    return page(
        request,
        "agenda",
        meeting,
        f"Tagesordnung: {meeting.title}",
        formset=formset,
        texts=texts,
        rows=with_times(items, meeting.starts_at),
        minutes=minutes,
        length=length,
        follow_ups=ActionItem.objects.visible_to(request.user).open().earlier_than(meeting),
        over=max(0, minutes - length) if length else 0,
    )


@transaction.atomic
def _saved(request: HttpRequest, meeting: Meeting, formset: Any, texts: Any) -> bool:
    """Check and save in one transaction: nobody saves a point in between."""
    if not (formset.is_valid() and texts.is_valid()):
        return False
    items = formset.save(commit=False)
    agenda_job.save(
        meeting=meeting, items=items, removed=formset.deleted_objects, texts=texts.cleaned_data, by=actor(request)
    )
    return True


def details(request: HttpRequest, pk: int) -> HttpResponse:
    """Title, places, form, responsibility, visibility; two editors see each other's values."""
    meeting = own_meeting(request, pk)
    title = f"Angaben: {meeting.title}"
    form = DetailsForm(request.POST or None, instance=own_meeting(request, pk))
    if request.method == "POST":
        with transaction.atomic():
            problems: list[str] = []
            if form.is_valid():
                values = form.cleaned_data
                told = {"tell": values.get("tell", False), "note": values.get("note", "")}
                job = partial(details_job.save, meeting=meeting, values=values, by=actor(request), **told)
                done = take(request, meeting, job, "Die Angaben sind gespeichert.", problems.append)
                if done:
                    return done
        for text in problems:
            form.add_error("title", text)
    return page(request, "details", meeting, title, form=form)
