"""The Postausgang of one meeting: who got what, when, why not; searched, exported, held and released."""

from collections.abc import Callable
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from meetings import emails
from meetings.admin.frame import own_meeting, page
from meetings.models import Mailing, Meeting
from mobipro import html, spreadsheet
from mobipro.outbox.models import OutboxMessage, OutboxQuerySet, State
from mobipro.templatetags.portal import stamp

PER_PAGE: Final = 100
KINDS: Final = {
    "action_due": "Erinnerung an eine Aufgabe",
    "date_poll": "Terminabfrage",
    "date_poll_reminder": "Erinnerung an die Terminabfrage",
    "date_poll_result": "Ergebnis der Terminabfrage",
    "save_the_date": "Save the Date",
    "invitation": "Einladung",
    "reminder": "Erinnerung",
    "participant_info": "Teilnahmeinfo",
    "thanks": "Dank und Rückmeldung",
    "meeting_change": "Terminänderung",
    "meeting_cancellation": "Absage",
    "confirmation": "Bestätigung",
    "seat": "Nachricht zum Platz",
    "seat_offer": "Angebot eines Platzes",
    "withdrawn": "Ausladung",
    "counter_declined": "Antwort auf einen Terminvorschlag",
}
#: Columns of the export: heading and value.
COLUMNS: Final[dict[str, Callable[[OutboxMessage], Any]]] = {
    "Person": lambda row: row.recipient_name,
    "E-Mail-Adresse": lambda row: row.recipient,
    "Betreff": lambda row: row.subject,
    "Art": lambda row: KINDS.get(row.kind, row.kind),
    "Stand": lambda row: row.get_state_display(),
    "Angelegt am": lambda row: row.created_at,
    "Gesendet am": lambda row: row.sent_at,
    "Versuche": lambda row: row.attempts,
    "Antwort des Mailservers": lambda row: row.relay_reply or row.last_error,
    "Rücklauf": lambda row: row.get_bounce_display() if row.bounce else "",
    "Rücklauf am": lambda row: row.bounced_at,
    "Vermerk": lambda row: row.note,
    "Kennung": lambda row: str(row.uuid),
}


def mails_of(meeting: Meeting) -> OutboxQuerySet:
    """All mails about this meeting to the people who are or were invited."""
    return OutboxMessage.objects.filter(thread__startswith=emails.threads_of(meeting.pk)).order_by("-pk")


def _chosen(request: HttpRequest, meeting: Meeting) -> tuple[OutboxQuerySet, str, str, str]:
    words = html.plain(request.GET.get("q", ""))[:200].strip()
    state = request.GET.get("stand", "")
    kind = request.GET.get("art", "")
    rows = mails_of(meeting)
    if words:
        rows = rows.search(words)
    if state in State.values:
        rows = rows.filter(state=state)
    elif state == "ruecklauf":
        rows = rows.exclude(bounce="")
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    return rows, words, state, kind


@require_safe
def sent_mails(request: HttpRequest, pk: int) -> HttpResponse:
    """The list; `?format=xlsx` gives the same rows as a table."""
    meeting = own_meeting(request, pk)
    rows, words, state, kind = _chosen(request, meeting)
    if request.GET.get("format") == "xlsx":
        return _export(meeting, rows)
    counts = dict(mails_of(meeting).order_by().values_list("state").annotate(number=Count("pk")))
    choices = [(value, label, counts.get(value, 0)) for value, label in State.choices]
    return page(
        request,
        "sent_mails",
        meeting,
        f"Postausgang: {meeting.title}",
        page=Paginator(rows, PER_PAGE).get_page(request.GET.get("seite")),
        words=words,
        state=state,
        kind=kind,
        states=[*choices, ("ruecklauf", "Rücklauf", mails_of(meeting).exclude(bounce="").count())],
        kinds=KINDS.items(),
        mailings=_mailings(meeting),
    )


def _mailings(meeting: Meeting) -> list[Any]:
    """The sendings, each with what of it waits or is held."""
    groups = mails_of(meeting).order_by().values_list("group", "state").annotate(number=Count("pk"))
    numbers: dict[tuple[str, str], int] = {(group, state): number for group, state, number in groups}
    rows: list[Any] = list(Mailing.objects.filter(meeting=meeting).select_related("created_by"))
    for row in rows:
        row.queued, row.held = (numbers.get((row.group, state), 0) for state in (State.QUEUED, State.HELD))
    return rows


def _export(meeting: Meeting, rows: OutboxQuerySet) -> HttpResponse:
    mails = rows.defer("text", "html", "calendar").iterator(chunk_size=500)
    table = ([value(row) for value in COLUMNS.values()] for row in mails)
    about = [f"Postausgang {meeting.code}: {meeting.title}", f"Stand {stamp(timezone.now())}"]
    content = spreadsheet.build(about, [spreadsheet.Sheet("Postausgang", list(COLUMNS), table)])
    response = HttpResponse(content, content_type=spreadsheet.CONTENT_TYPE)
    name = f"postausgang-{slugify(meeting.code)}-{timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
