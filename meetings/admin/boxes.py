"""The overview's boxes about meetings, in the order of the coordinator's day."""

from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from meetings import milestones, planning
from meetings.admin.plan import ribbon
from meetings.models import ActionItem, AgendaItem, DatePoll, Invitation, InvitationRequest, Meeting
from meetings.models.invitation import PartStat
from mobipro.admin import Box, Row, register_box
from mobipro.outbox.models import Bounce, OutboxMessage, State
from mobipro.templatetags.portal import day
from regions.visibility import access_of

NOTHING = "Nichts zu tun"
ROWS = 8


def _meetings(request: HttpRequest, scope: str) -> QuerySet[Meeting]:
    """The meetings of the chosen scope: own regions, those in deputy, or all."""
    access = access_of(request.user)
    rows = Meeting.objects.all()
    if scope == "vertretung":
        return rows.filter(regions__in=access.deputy_region_ids, kind=Meeting.Kind.REGIONAL).distinct()
    if scope == "alle" or access.coordinates_all:
        return rows
    own = access.coordinated_region_ids - access.deputy_region_ids
    return rows.filter(Q(regions__in=own, kind=Meeting.Kind.REGIONAL) | Q(responsible=access.user_id)).distinct()


def _url(meeting: Meeting) -> str:
    return reverse("admin:meetings_meeting_change", args=[meeting.pk])


def due_today(request: HttpRequest, scope: str) -> Box:
    """Requests that wait and tasks whose day has come."""
    meetings = _meetings(request, scope).values("pk")
    requests = InvitationRequest.objects.filter(status="open", meeting__in=meetings).select_related("meeting")[:ROWS]
    rows: list[Row] = [
        {"title": f"{row.get_kind_display()}: {row.name}", "url": _url(row.meeting), "meta": row.meeting.code}
        for row in requests
    ]
    tasks = ActionItem.objects.overdue().filter(meeting__in=meetings).select_related("meeting")[:ROWS]
    rows += [
        {"title": row.title, "url": _url(row.meeting), "meta": f"{row.owner_name}, bis {row.due_on:%d.%m.%Y}"}
        for row in tasks
    ]
    undecided = DatePoll.objects.undecided().filter(meeting__in=meetings).select_related("meeting")[:ROWS]
    rows += [
        {
            "title": f"Termin wählen: {row.meeting.title}",
            "url": reverse("admin:meetings_poll", args=[row.meeting_id]),
            "meta": f"{row.meeting.code} · Die Terminabfrage ist geschlossen.",
        }
        for row in undecided
    ]
    rows += [_preparing(row) for row in milestones.due(_meetings(request, scope), most=ROWS)]
    return {"title": "Heute fällig", "rows": rows[:ROWS], "empty": NOTHING}


def _preparing(row: milestones.Seen) -> Row:
    """A task of the preparation whose day has come."""
    meta = f"{row.task.meeting.code} · {row.task.who}, bis {row.task.due_on:%d.%m.%Y}"
    url = reverse("admin:meetings_tasks", args=[row.task.meeting_id])
    found: Row = {"title": row.task.title, "url": url, "meta": meta}
    if row.light == milestones.Light.OVERDUE:
        found["badge"] = {"text": row.word, "tone": "danger"}
    return found


def undelivered(request: HttpRequest, scope: str) -> Box:
    """Mails that failed or whose fate is unclear."""
    troubled = OutboxMessage.objects.without_private()
    troubled = troubled.filter(Q(state__in=[State.FAILED, State.UNCLEAR]) | Q(bounce=Bounce.HARD))
    if scope != "alle":
        mails = Invitation.objects.filter(meeting__in=_meetings(request, scope).values("pk"))
        troubled = troubled.filter(pk__in=mails.values("message"))
    rows = troubled.order_by("-pk")[:ROWS]
    return {
        "title": "Unzustellbar",
        "url": reverse("admin:outbox_outboxmessage_changelist"),
        "empty": NOTHING,
        "rows": [
            {
                "title": f"{row.recipient}: {row.subject}",
                "url": reverse("admin:outbox_outboxmessage_change", args=[row.pk]),
                "badge": {
                    "text": row.get_bounce_display() if row.bounce else row.get_state_display(),
                    "tone": "danger",
                },
            }
            for row in rows
        ],
    }


def next_meetings(request: HttpRequest, scope: str) -> Box:
    """What is coming, with answers and seats."""
    invited = Q(invitations__withdrawn_at=None, invitations__invited_at__isnull=False)
    accepted = Count("invitations", filter=invited & Q(invitations__partstat=PartStat.ACCEPTED), distinct=True)
    coming = _meetings(request, scope).upcoming().with_places().annotate(accepted=accepted)[:ROWS]
    rows: list[Row] = [
        {
            "title": row.title,
            "url": _url(row),
            "meta": f"{day(row.starts_at)} · {row.region_names} · {row.accepted} von {row.capacity} Plätzen zugesagt",
            "badge": {"text": row.get_status_display(), "tone": "info"},
        }
        for row in coming
    ]
    return {
        "title": "Nächste Treffen",
        "url": reverse("admin:meetings_meeting_changelist"),
        "rows": rows,
        "empty": "Kein Treffen geplant",
    }


def missing_results(request: HttpRequest, scope: str) -> Box:
    """Past meetings without attendance or results."""
    past = (
        _meetings(request, scope)
        .past()
        .filter(status__in=[Meeting.Status.INVITED, Meeting.Status.REGISTRATION_CLOSED, Meeting.Status.HELD])
    )
    without = past.exclude(agenda__in=_with_result())[:ROWS]
    rows: list[Row] = [
        {"title": row.title, "url": _url(row), "meta": f"{day(row.starts_at)} · {row.code}"} for row in without
    ]
    return {"title": "Ergebnisse fehlen", "rows": rows, "empty": NOTHING}


def _with_result() -> QuerySet:
    return AgendaItem.objects.exclude(result_text="").values("pk")


def documentation(request: HttpRequest, scope: str) -> Box:
    """Held and not yet documented, with the day it is due and a light in words."""
    held = _meetings(request, scope).filter(status=Meeting.Status.HELD).order_by("starts_at")[:ROWS]
    rows: list[Row] = []
    for row in held:
        due = row.documentation_due_on
        if due is None:
            continue
        left = due - timezone.localdate()
        text, tone = (
            ("überfällig", "danger")
            if left < timedelta(0)
            else ("bald fällig", "warning")
            if left < timedelta(days=8)
            else ("im Plan", "success")
        )
        rows.append(
            {
                "title": row.title,
                "url": _url(row),
                "meta": f"fällig am {due:%d.%m.%Y} · {row.code}",
                "badge": {"text": text, "tone": tone},
            }
        )
    return {"title": "Dokumentation", "rows": rows, "empty": NOTHING}


def network_year(request: HttpRequest, scope: str) -> Box:
    """ "Das Netzwerkjahr" of this year; its list is the year plan."""
    year = timezone.localdate().year
    return {
        "title": f"Das Netzwerkjahr {year}",
        "url": reverse("admin:meetings_year_plan", args=[year]),
        "html": ribbon(year, planning.year_board(year)),
        "wide": True,
    }


register_box(10, due_today)
register_box(30, undelivered)
register_box(40, next_meetings)
register_box(50, missing_results)
register_box(60, documentation)
register_box(90, network_year)
