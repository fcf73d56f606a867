"""The check-in at the door: a page for phones that works without script, and its endpoint for those with one.

Only for whoever may change the meeting; a foreign meeting is not found. The page's script keeps each tap in the
browser and sends it here; `static/js/check-in.js` and `check-in-worker.js` are the other half.
"""

import json
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meetings import attendance, check_in, participants
from meetings.attendance import AttendanceError
from meetings.check_in import CheckInError, Entry
from meetings.models import Attendance, Invitation, Meeting
from regions.models import AlreadyReceived, FormReceipt

LARGEST = 500_000  # bytes of one sending
WORKER = Path(settings.BASE_DIR) / "static" / "js" / "check-in-worker.js"
PRESENT, LEFT_EARLY = Attendance.State.PRESENT, Attendance.State.LEFT_EARLY


def _own(request: HttpRequest, slug: str) -> Meeting:
    meeting = Meeting.objects.visible_to(request.user).for_list().filter(slug=slug).first()
    if meeting is None or not request.user.has_perm("meetings.change_meeting", meeting):
        raise Http404
    return meeting


# --- the page ------------------------------------------------------------------------------------
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = _own(request, slug)
    typed: dict[str, str] = {}
    error = ""
    if request.method == "POST":
        try:
            anchor = _step(request, meeting)
        except AttendanceError as problem:
            error, typed = str(problem), {name: request.POST.get(name, "") for name in ("name", "einrichtung")}
        else:
            return redirect(f"{reverse('meetings:check_in', args=[slug])}{anchor}")
    return render(request, "meetings/check_in.html", {**_context(meeting), "error": error, "typed": typed})


def _step(request: HttpRequest, meeting: Meeting) -> str:
    """One tap, a person who just came, or the end of the list; gives where on the page to go on."""
    if "abschliessen" in request.POST:
        with suppress(AlreadyReceived):
            attendance.close(meeting=meeting, by=request.user, form_id=_form_id(request))
        messages.success(request, "Die Liste ist abgeschlossen, die Teilnahme ist erfasst.")
        return ""
    person, _, state = request.POST.get("tun", "").partition(" ")
    row = {"id": str(_form_id(request)), "person": person, "state": state, "at": _now()}
    if person == "neu":
        given = {"name": "name", "organisation": "einrichtung", "instead_of": "anstelle"}
        row.update(person=f"w-{uuid.uuid4()}", state=PRESENT)
        row.update({name: request.POST.get(field, "") for name, field in given.items()})
    elif person.startswith("w-"):
        known = _walk_in(meeting, person)
        row.update(name=known.name, organisation=known.organisation_name)
    try:
        outcome = check_in.take(meeting=meeting, entries=[check_in.parse(row)], by=request.user)
    except (ValueError, OverflowError) as problem:
        raise CheckInError("Das ließ sich nicht lesen. Laden Sie die Seite neu.") from problem
    for _, text in outcome.refused:
        raise CheckInError(text)
    return "#ohne-anmeldung" if person == "neu" else f"#{person}"


def _walk_in(meeting: Meeting, person: str) -> Attendance:
    row = meeting.attendances.filter(walk_in_key__isnull=False, is_walk_in=True)
    found = next((each for each in row if f"w-{each.walk_in_key}" == person), None)
    if found is None:
        raise CheckInError("Diese Person steht nicht mehr auf der Liste.")
    return found


def _form_id(request: HttpRequest) -> uuid.UUID:
    """The form's id is the id of its one entry: sent twice, it counts once."""
    try:
        return uuid.UUID(request.POST.get("form_id", ""))
    except ValueError:
        return uuid.uuid4()


def _context(meeting: Meeting) -> dict[str, Any]:
    """Those with a seat, the other invited and who just came; in a fixed number of queries."""
    states = dict(meeting.attendances.exclude(invitation=None).values_list("invitation", "state"))
    seated = participants.with_a_seat(meeting)
    ids = {row.invitation_id for row in seated}
    others = Invitation.objects.active().filter(meeting=meeting).exclude(pk__in=ids).select_related("contact")
    rows = [
        {
            **_row(f"i-{row.invitation_id}", row.name, row.organisation, states.get(row.invitation_id, "")),
            "is_online": row.is_online,
        }
        for row in seated
    ]
    came = [_row(f"w-{row.walk_in_key}" if row.walk_in_key else "", row.name, row.organisation_name, row.state)
            for row in meeting.attendances.filter(is_walk_in=True)]  # fmt: skip
    without_seat = [
        _row(f"i-{row.pk}", row.name, row.organisation_name, states.get(row.pk, ""))
        for row in sorted(others, key=participants.family_first)
    ]
    return {
        "meeting": meeting,
        "seated": rows,
        "others": without_seat,
        "came": came,
        "blank": {**_row("", "", "", ""), "is_blank": True},
        "here": sum(row["is_here"] for row in [*rows, *without_seat, *came]),
        "now": _now(),
        "is_open": check_in.is_open(meeting),
        "is_closed": meeting.status in Meeting.HELD_STATUSES,
        **{name: FormReceipt.new_id() for name in ("form_id", "other_form_id", "close_form_id")},
    }


def _now() -> int:
    """The server's clock as browsers count, in milliseconds."""
    return int(timezone.now().timestamp() * 1000)


def _row(person: str, name: str, organisation: str, state: str) -> dict[str, Any]:
    """A line with what its two buttons would do next."""
    return {
        "person": person,
        "name": name,
        "organisation": organisation,
        "state": state,
        "label": Attendance.State(state).label if state else "",
        "is_here": state in Attendance.PRESENT_STATES,
        "is_gone": state == LEFT_EARLY,
        "next_here": "" if state in Attendance.PRESENT_STATES else PRESENT,
        "next_gone": PRESENT if state == LEFT_EARLY else LEFT_EARLY,
    }


# --- for the script ------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entries(request: HttpRequest, slug: str) -> HttpResponse:
    """POST: entries of one phone; GET: only the list. Both answer with the list of all phones and the clock.

    401 without a login (the phone keeps its entries and asks for it), 404 for a foreign meeting.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"problem": "Melden Sie sich an."}, status=401)
    meeting = _own(request, slug)
    outcome = check_in.Outcome()
    if request.method == "POST":
        try:
            readable = _readable(request, outcome)
            done = check_in.take(meeting=meeting, entries=readable, by=request.user)
        except CheckInError as problem:
            return JsonResponse({"problem": str(problem)}, status=409)
        outcome.taken += done.taken
        outcome.refused += done.refused
    done_with = {"taken": outcome.taken, "refused": outcome.refused}
    return JsonResponse({**_state(meeting), **done_with, "csrf": get_token(request)})


def _readable(request: HttpRequest, outcome: check_in.Outcome) -> list[Entry]:
    """The entries; one that cannot be read is refused by its id and keeps no other from being taken."""
    if len(request.body) > LARGEST:
        raise CheckInError("Das sind zu viele Eingaben auf einmal.")
    try:
        rows = json.loads(request.body)["entries"]
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise CheckInError("Die Eingaben ließen sich nicht lesen.") from problem
    found = []
    for row in rows if isinstance(rows, list) else []:
        try:
            found.append(check_in.parse(row))
        except (ValueError, KeyError, TypeError, OverflowError):
            name = str(row.get("id", ""))[:40] if isinstance(row, dict) else ""
            outcome.refused.append((name, "Diese Eingabe ließ sich nicht lesen."))
    return found


def _state(meeting: Meeting) -> dict[str, Any]:
    """The state of everybody, as all phones together made it."""
    people, came = {}, []
    for row in meeting.attendances.all():
        if row.invitation_id:
            people[f"i-{row.invitation_id}"] = row.state
        elif row.walk_in_key:
            came.append({"person": f"w-{row.walk_in_key}", "name": row.name, "organisation": row.organisation_name,
                         "state": row.state})  # fmt: skip
    return {"now": _now(), "people": people, "came": came}


@login_required
@require_safe
def worker(request: HttpRequest, slug: str) -> HttpResponse:
    """The service worker. Served here and not from /static/, so that it governs this one page only."""
    _own(request, slug)
    response = HttpResponse(WORKER.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
