"""Before the meeting: date and venue, agenda, invitation."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from meetings import agenda as agenda_job
from meetings import invitations, scheduling
from meetings.admin.frame import actor, back, numbers, own_meeting, page, receipt, take
from meetings.admin.step_forms import AgendaFormSet, DateForm, TextsForm
from meetings.models import Meeting
from meetings.models.agenda import with_times
from regions.public_holidays import public_holidays


def _date_initial(meeting: Meeting) -> dict[str, Any]:
    start, end = (timezone.localtime(moment) if moment else None for moment in (meeting.starts_at, meeting.ends_at))
    return {
        "day": start.date() if start else None,
        "start": start.time() if start else "10:00",
        "end": end.time() if end else "16:00",
        "venue": meeting.venue,
    }


def set_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Day, hours, venue. A public holiday of any Land of the region is named and needs a reason."""
    meeting = own_meeting(request, pk)
    form = DateForm(request.POST or None, initial=_date_initial(meeting))
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
    states = scheduling.states_of(meeting)
    window = meeting.round
    holidays = [
        row
        for row in public_holidays(states, meeting.year)
        if not window or window.window_start <= row.day <= window.window_end
    ]
    names = {state.iso_code: state.name for state in states}
    rows = [(row.day, row.name, ", ".join(names[code] for code in row.iso_codes)) for row in holidays]
    return page(request, "date", meeting, f"Termin und Ort: {meeting.title}", form=form, holidays=rows, window=window)


def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The points in order with durations; the times follow from the start."""
    meeting = own_meeting(request, pk)
    texts = TextsForm(request.POST or None, instance=meeting)
    formset = AgendaFormSet(request.POST or None, queryset=meeting.agenda.all(), prefix="top")
    if request.method == "POST" and formset.is_valid() and texts.is_valid():
        items = formset.save(commit=False)
        agenda_job.save(
            meeting=meeting, items=items, removed=formset.deleted_objects, texts=texts.cleaned_data, by=actor(request)
        )
        messages.success(request, "Die Tagesordnung ist gespeichert.")
        return back(meeting)
    items = list(meeting.agenda.all())
    minutes = sum(item.duration_min for item in items)
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
        over=max(0, minutes - length) if length else 0,
    )


def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody with the reason beside the name; the reachable are chosen, the others say why not."""
    meeting = own_meeting(request, pk)
    user = actor(request)
    found = invitations.candidates(meeting, user)
    error = ""
    chosen = {row.contact.pk for row in found if row.preselected and not row.excluded_reason}
    if request.method == "POST":
        chosen = numbers(request.POST.getlist("contact"))
        contacts = [row.contact for row in found if row.contact.pk in chosen]
        problems: list[str] = []
        job = partial(invitations.invite, meeting=meeting, contacts=contacts, by=user, form_id=receipt(request))
        done = take(
            request,
            meeting,
            job,
            f"Die Einladung an {len(contacts)} Personen wartet im Postausgang und geht gleich hinaus.",
            problems.append,
        )
        if done:
            return done
        error = " ".join(problems)
    open_rows = [row for row in found if not row.excluded_reason]
    projects = {row.project.pk for row in open_rows if row.project and row.contact.pk in chosen}
    return page(
        request,
        "invite",
        meeting,
        f"Einladen: {meeting.title}",
        rows=open_rows,
        excluded=[row for row in found if row.excluded_reason],
        chosen=chosen,
        error=error,
        people_count=len(chosen & {row.contact.pk for row in open_rows}),
        project_count=len(projects),
        unreachable=invitations.unreachable_projects(meeting, user),
    )


def preview(request: HttpRequest, pk: int, contact_id: int) -> HttpResponse:
    """One mail as this person would get it; nothing is saved."""
    meeting = own_meeting(request, pk)
    row = next((row for row in invitations.candidates(meeting, actor(request)) if row.contact.pk == contact_id), None)
    if row is None or meeting.starts_at is None:
        raise Http404
    return page(
        request,
        "preview",
        meeting,
        f"Vorschau der Mail an {row.contact.full_name}",
        row=row,
        mail=invitations.preview_mail(meeting, row),
    )
