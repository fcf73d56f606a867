"""Public list and page of meetings, calendar file, and "Einladung anfragen". Only the last one changes anything."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from meetings import ical, requests
from meetings.forms import InvitationRequestForm, MeetingFilter
from meetings.models import ActionItem, Meeting, MeetingChange
from meetings.models.agenda import public_with_times
from meetings.views.answer import ics_response
from mobipro import charts
from mobipro.templatetags.portal import MONTHS, day_short
from regions import school_holidays
from regions.models import AlreadyReceived, Region

BADGES = {
    "planned": "info",
    "invited": "success",
    "moved": "warning",
    "postponed": "warning",
    "cancelled": "danger",
    "held": "info",
    "documentation_due": "info",
    "documented": "success",
}

MARKS = {"planned": "save_the_date", "documentation_due": "documenting"}  # where the chart's word is another


@dataclass(frozen=True)
class Row:
    """A meeting with the state the public sees: words, and a kind of badge for its icon."""

    meeting: Meeting
    state: str
    label: str

    @property
    def badge(self) -> str:
        return BADGES.get(self.state, "info")


def row_of(meeting: Meeting) -> Row:
    """Reads prefetched `changes`; a moved meeting says "verschoben: 12. März → 14. April"."""
    state, label = meeting.public_state
    changes = [row for row in meeting.changes.all() if row.kind == MeetingChange.Kind.MOVED]
    if state in ("planned", "invited") and changes and changes[0].old_starts_at and meeting.starts_at:
        old, new = day_short(changes[0].old_starts_at), day_short(meeting.starts_at)
        state, label = "moved", f"verschoben: {old} → {new}" if old != new else "verschoben: neue Zeit oder neuer Ort"
    return Row(meeting, state, label)


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """The year by month, and the same meetings as a table of regions and months."""
    public = Meeting.objects.visible_to(request.user).filter(announced_at__isnull=False)
    years = sorted(set(public.order_by().values_list("year", flat=True)), reverse=True)
    data = request.GET.copy()
    if "jahr" not in data and years:
        this_year = timezone.localdate().year
        data["jahr"] = str(this_year if this_year in years else years[0])
    found = MeetingFilter(data, queryset=public.for_list().prefetch_related("changes"), years=years)
    rows = [row_of(meeting) for meeting in found.qs.order_by("starts_at", "code").distinct()[:500]]
    regions = list(Region.objects.active())
    region_field: Any = found.form.fields["region"]
    # The list of choices would read the same regions once more.
    region_field.widget.choices = [("", region_field.empty_label), *((region.slug, str(region)) for region in regions)]
    year = found.form.cleaned_data.get("jahr", "") if found.form.is_valid() else ""
    context = {
        "filter": found,
        "network_year": _drawing(int(year), rows, regions) if year and rows else "",
        "next": next((row for row in rows if _is_to_come(row)), None),
        "months": _by_month(rows),
        "table": _table(rows, regions) if year else None,
        "month_names": [name[:3] for name in MONTHS],
        "regions": regions,
        "number": len(rows),
        "year": year,
    }
    return render(request, "meetings/meeting_list.html", context)


def _is_to_come(row: Row) -> bool:
    return row.state in ("planned", "invited", "moved") and not row.meeting.is_over


def _drawing(year: int, rows: list[Row], regions: list[Region]) -> SafeString:
    """ "Das Netzwerkjahr" of the meetings in the list below it."""
    marks = []
    for row in rows:
        if row.meeting.starts_on is None:
            continue
        url = row.meeting.get_absolute_url()
        national = row.meeting.kind == Meeting.Kind.NATIONAL
        for lane in [None] if national else [region.number for region in row.meeting.places]:
            marks.append(
                charts.Mark(lane, row.meeting.starts_on, MARKS.get(row.state, row.state), row.meeting.title, url)
            )
    lanes = [charts.Lane(region.name, region.number) for region in regions]
    holidays = school_holidays.breaks_of(year)
    return charts.network_year(year, lanes, marks, timezone.localdate(), holidays, linked=True)


def _by_month(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """Months in order with their meetings; what has no date comes last."""
    groups: dict[date | None, list[Row]] = {}
    for row in rows:
        day = row.meeting.starts_on
        groups.setdefault(day.replace(day=1) if day else None, []).append(row)
    months = sorted((key for key in groups if key), key=lambda key: key)
    named = [(f"{MONTHS[month.month - 1]} {month.year}", groups[month]) for month in months]
    return named + ([("Termin offen", groups[None])] if None in groups else [])


def _table(rows: list[Row], regions: list[Region]) -> list[tuple[str, list[list[Row]]]]:
    """One line a region and one for national meetings; twelve cells each."""
    cells: dict[int | None, list[list[Row]]] = {region.pk: [[] for _ in range(12)] for region in regions}
    cells[None] = [[] for _ in range(12)]
    for row in rows:
        if row.meeting.starts_on is None:
            continue
        month = row.meeting.starts_on.month - 1
        national = row.meeting.kind == Meeting.Kind.NATIONAL
        for key in [None] if national else [region.pk for region in row.meeting.places]:
            if key in cells:
                cells[key][month].append(row)
    named: list[tuple[str, list[list[Row]]]] = [(region.name, cells[region.pk]) for region in regions]
    return [*named, ("bundesweit", cells[None])]


def _meeting(request: HttpRequest, slug: str) -> Meeting:
    rows = Meeting.objects.visible_to(request.user).for_list().select_related("host_organisation")
    return get_object_or_404(rows.prefetch_related("changes", "agenda__topics"), slug=slug)


def follow_ups_of(meeting: Meeting, user: Any) -> QuerySet[ActionItem]:
    """What is still to do from earlier meetings, until this one is over; read only where the agenda has the point."""
    rows = ActionItem.objects.visible_to(user).open()
    return rows.none() if meeting.is_over else rows.earlier_than(meeting)


@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything the public may know of a meeting."""
    found = _meeting(request, slug)
    documentation = getattr(found, "documentation", None)  # of the app above, only for its link
    context = {
        "meeting": found,
        "row": row_of(found),
        "place": ical.location_of(found) or "Ort folgt",
        "agenda": public_with_times(found),
        "follow_ups": follow_ups_of(found, request.user),
        "changes": list(found.changes.all()),
        "documentation": documentation if documentation and documentation.current_version_id else None,
        "may_ask": requests.takes_requests(found) and found.announced_at is not None,
    }
    return render(request, "meetings/meeting.html", context)


@require_safe
def ics(request: HttpRequest, slug: str) -> HttpResponse:
    found = _meeting(request, slug)
    if found.starts_at is None:
        raise Http404
    return ics_response(ical.publish([found]), found.code)


@require_http_methods(["GET", "HEAD", "POST"])
def request_invitation(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an invitation to a national meeting. The reply is the same whether somebody is invited already."""
    found = _meeting(request, slug)
    if not requests.takes_requests(found) or found.announced_at is None:
        raise Http404
    here = reverse("meetings:request_invitation", args=[found.slug])
    done = HttpResponseRedirect(f"{here}?angefragt=1")
    form = InvitationRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _ask(found, form)
        except AlreadyReceived:
            return done
        except requests.RequestError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return done
    context: dict[str, Any] = {"meeting": found, "form": form, "is_asked": bool(request.GET.get("angefragt"))}
    return render(request, "meetings/request_invitation.html", context)


def _ask(meeting: Meeting, form: InvitationRequestForm) -> None:
    data = form.cleaned_data
    requests.request_invitation(
        meeting=meeting,
        name=data["name"],
        organisation_name=data["einrichtung"],
        function=data["funktion"],
        email=data["email"],
        message=data["nachricht"],
        form_id=form.receipt_id,
    )
