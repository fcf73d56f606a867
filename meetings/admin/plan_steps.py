"""The proposal beside the current dates, and the steps of the year plan; each calls one job."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from meetings import approval, plan_facts, planning, proposing
from meetings.admin import plan
from meetings.admin.frame import actor, numbers, receipt
from meetings.admin.plan_forms import AllowForm, ApprovalForm, RefuseForm
from meetings.models import DateAllowance, DateProposal, DateVeto, Meeting, MeetingSeries
from meetings.scheduling import SchedulingError
from regions.models import AlreadyReceived, FormReceipt, Region
from regions.visibility import access_of

REFUSALS = (planning.PlanningError, SchedulingError)
Bound = dict[int, RefuseForm | AllowForm]


@require_safe
def proposal(request: HttpRequest, year: int) -> HttpResponse:
    """The newest proposal of an open year."""
    return _page(request, _series(year), {})


def _series(year: int) -> MeetingSeries:
    return get_object_or_404(MeetingSeries, year=year)


def _page(request: HttpRequest, series: MeetingSeries, bound: Bound) -> HttpResponse:
    run = proposing.newest_run(series)
    rows = list(run.proposals.for_board().prefetch_related("meeting__regions", "meeting__fixed_date")) if run else []
    for row in rows:
        _prepare(request, row, bound)
    groups: dict[Any, list[DateProposal]] = {}
    for row in rows:
        groups.setdefault(row.region, []).append(row)
    vetoes = DateVeto.objects.filter(round__series=series).select_related("round__series", "region", "made_by")
    allowed = DateAllowance.objects.filter(round__series=series).select_related("round__series", "region", "made_by")
    access = access_of(request.user)
    context = {
        **admin.site.each_context(request),
        "opts": Meeting._meta,
        "title": f"Terminvorschlag {series.year}",
        "year": series.year,
        "series": series,
        "run": run,
        "groups": [(region, rows, access.coordinates(region.pk)) for region, rows in groups.items() if region]
        + [(None, rows, access.coordinates_all) for region, rows in groups.items() if region is None],
        "moved": [row for row in rows if row.has_moved],
        "without": [row for row in rows if row.problem],
        "open": sum(row.is_open for row in rows),  # type: ignore[attr-defined]
        "vetoes": [(row, _may_take_back(access, row)) for row in vetoes],
        "allowed": [(row, _may_take_back(access, row)) for row in allowed],
        "may_plan": access.coordinates_all,
        "errors": any(form.errors for form in bound.values()),
        "form_id": FormReceipt.new_id(),
    }
    return render(request, "admin/meetings/year_proposal.html", context)


def _may_take_back(access: Any, row: DateVeto | DateAllowance) -> bool:
    return access.coordinates(row.region_id) if row.region_id else access.coordinates_all


def _prepare(request: HttpRequest, row: Any, bound: Bound) -> None:
    """What the page shows of a row beside its record."""
    row.may = request.user.has_perm("meetings.decide_dateproposal", row)  # type: ignore[union-attr]
    row.now = row.meeting.starts_on if row.meeting else None
    row.is_held = bool(row.meeting and plan_facts.is_fixed(row.meeting))
    row.is_open = bool(row.best and not row.is_fixed and row.now != row.best)
    row.options = [(day, row.choice_on(day)) for day in row.days]
    row.against = [(sentence, [date.fromisoformat(day) for day in days]) for sentence, days in row.refused.items()]
    row.form = bound.get(row.pk) or (RefuseForm(row=row) if row.best else AllowForm(row=row))


@require_POST
def step(request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """One step of the year plan; the kinds are the keys of STEPS."""
    if kind not in STEPS:
        raise Http404
    return STEPS[kind](request, _series(year))


def _done(request: HttpRequest, series: MeetingSeries, job: Callable[[], Any], said: str) -> HttpResponse:
    """Run a job that needs nothing typed; the message says what happened."""
    try:
        job()
    except REFUSALS as problem:
        messages.error(request, str(problem))
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
    else:
        messages.success(request, said)
    return redirect("admin:meetings_year_proposal", series.year)


def _overall(request: HttpRequest) -> None:
    if not request.user.has_perm("meetings.plan_year"):  # type: ignore[union-attr]
        raise PermissionDenied


def _row(request: HttpRequest, series: MeetingSeries) -> DateProposal:
    """The row of the form, for those who decide about it."""
    wanted = numbers([request.POST.get("row", "")])
    row = get_object_or_404(DateProposal.objects.select_related("run", "round", "region", "meeting"), pk__in=wanted)
    if row.run.series_id != series.pk:
        raise Http404
    if not request.user.has_perm("meetings.decide_dateproposal", row):  # type: ignore[union-attr]
        raise PermissionDenied
    return row


def _propose(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    _overall(request)

    def job() -> Any:
        return proposing.propose(series=series, by=actor(request), form_id=receipt(request))

    return _done(request, series, job, "Der Vorschlag ist gerechnet. An den Terminen hat sich noch nichts geändert.")


def _propose_row(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    region = get_object_or_404(Region.objects.active(), code=request.POST.get("region", "")[:8])
    if not access_of(request.user).coordinates(region.pk):
        raise PermissionDenied

    def job() -> Any:
        return proposing.propose_row(series=series, region=region, by=actor(request), form_id=receipt(request))

    return _done(request, series, job, f"Der Vorschlag für {region} ist neu gerechnet; alle anderen bleiben.")


def _accept(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    """The ticked days of one row, or the best of all."""
    run = proposing.newest_run(series)
    if run is None or str(run.pk) != request.POST.get("run"):
        messages.error(request, "Inzwischen gibt es einen neueren Vorschlag. Sehen Sie ihn sich an.")
        return redirect("admin:meetings_year_proposal", series.year)
    days = {}
    for row in run.proposals.all():
        text = request.POST.get(f"tag-{row.pk}", "")
        if request.POST.get("alle") and row.best and not row.is_fixed:
            days[row.pk] = row.best
        elif text in [day.isoformat() for day in row.days]:
            days[row.pk] = date.fromisoformat(text)
    if request.POST.get("alle"):
        _overall(request)
    said = "Der Termin ist übernommen." if len(days) == 1 else f"{len(days)} Termine sind übernommen."

    def job() -> Any:
        return proposing.accept(run=run, days=days, by=actor(request), form_id=receipt(request))

    return _done(request, series, job, f"{said} Verschickt wurde nichts.")


def _typed(
    request: HttpRequest, series: MeetingSeries, row: DateProposal, form: RefuseForm | AllowForm, job: Any, said: str
) -> HttpResponse:
    """A step with words, then the region's row planned again; with errors the page comes back as it was filled in."""
    if form.is_valid():
        try:
            job()
            if row.region:
                proposing.propose_row(series=series, region=row.region, by=actor(request))
            else:
                proposing.propose(series=series, by=actor(request))
        except REFUSALS as problem:
            form.add_error("reason", str(problem))
        except AlreadyReceived:
            messages.info(request, "Dieser Schritt ist schon getan.")
            return redirect("admin:meetings_year_proposal", series.year)
        else:
            messages.success(request, said)
            return redirect("admin:meetings_year_proposal", series.year)
    return _page(request, series, {row.pk: form})


def _refuse(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    row = _row(request, series)
    form = RefuseForm(request.POST, row=row)

    def job() -> None:
        day = date.fromisoformat(form.cleaned_data["day"])
        proposing.refuse(
            row=row, day=day, reason=form.cleaned_data["reason"], by=actor(request), form_id=receipt(request)
        )

    return _typed(request, series, row, form, job, "Der Tag ist abgelehnt; ein anderer ist vorgeschlagen.")


def _allow(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    row = _row(request, series)
    form = AllowForm(request.POST, row=row)

    def job() -> None:
        values = form.cleaned_data
        proposing.allow(
            row=row, kind=values["kind"], reason=values["reason"], by=actor(request), form_id=receipt(request)
        )

    return _typed(request, series, row, form, job, "Die Ausnahme ist eingetragen und die Zeile neu gerechnet.")


def _take_back(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    model: Any = DateVeto if request.POST.get("what") == "veto" else DateAllowance
    wanted = numbers([request.POST.get("record", "")])
    record = get_object_or_404(model.objects.filter(round__series=series), pk__in=wanted)
    if not _may_take_back(access_of(request.user), record):
        raise PermissionDenied

    def job() -> None:
        proposing.take_back(record=record, by=actor(request))

    return _done(request, series, job, "Zurückgenommen. Beim nächsten Rechnen gilt es nicht mehr.")


def _hold(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    row = _row(request, series)
    if row.meeting is None:
        raise Http404
    meeting, held = row.meeting, request.POST.get("held") == "ja"

    def job() -> None:
        proposing.hold(meeting=meeting, by=actor(request), held=held)

    said = "Der Termin ist festgehalten." if held else "Der Termin darf wieder wandern."
    return _done(request, series, job, f"{said} Das gilt ab dem nächsten Rechnen.")


def _approve(request: HttpRequest, series: MeetingSeries) -> HttpResponse:
    _overall(request)
    form = ApprovalForm(request.POST)
    if form.is_valid():
        try:
            row = approval.record(series=series, by=actor(request), form_id=receipt(request), **form.cleaned_data)
        except REFUSALS as problem:
            form.add_error("on" if "Datum" in str(problem) else "person", str(problem))
        except AlreadyReceived:
            messages.info(request, "Diese Abstimmung ist schon eingetragen.")
            return redirect("admin:meetings_year_plan", series.year)
        else:
            messages.success(request, f"Eingetragen: {row}.")
            return redirect("admin:meetings_year_plan", series.year)
    return plan.board(request, series.year, form)


STEPS: dict[str, Callable[[HttpRequest, MeetingSeries], HttpResponse]] = {
    "rechnen": _propose,
    "zeile": _propose_row,
    "uebernehmen": _accept,
    "ablehnen": _refuse,
    "zulassen": _allow,
    "zuruecknehmen": _take_back,
    "festhalten": _hold,
    "abstimmung": _approve,
}
