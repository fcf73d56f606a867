"""Whom to write before the meeting: the Save the Date, then the invitation; each with its preview."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from meetings import invitations, notices, recipients, save_the_date, trial
from meetings.admin.frame import actor, numbers, own_meeting, page, receipt, take
from meetings.models import Meeting


@dataclass(frozen=True)
class Words:
    """What the page of recipients says about the mail that is sent."""

    title: str
    article: str
    mail: str
    column: str
    region: str
    nobody: str
    already: str
    preview: str  # name of the address
    back: str
    trial: str


INVITATION = Words(
    title="Einladen",
    article="Die",
    mail="Einladung",
    column="Einladen",
    region="Wer eingeladen wird",
    nobody="Alle erreichbaren Personen sind schon eingeladen.",
    already="schon eingeladen",
    preview="admin:meetings_preview",
    back="admin:meetings_invite",
    trial="admin:meetings_test_mail",
)
SAVE_THE_DATE = Words(
    title="Save the Date",
    article="Das",
    mail="Save the Date",
    column="Senden",
    region="Wer das Save the Date bekommt",
    nobody="Alle erreichbaren Personen haben das Save the Date schon.",
    already="schon benachrichtigt",
    preview="admin:meetings_save_the_date_preview",
    back="admin:meetings_save_the_date",
    trial="admin:meetings_save_the_date_test_mail",
)


def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody with the reason beside the name; the reachable are chosen, the others say why not."""
    meeting = own_meeting(request, pk)
    found = recipients.candidates(meeting, actor(request))
    return _recipients(request, meeting, INVITATION, found, invitations.invite)


def send_save_the_date(request: HttpRequest, pk: int) -> HttpResponse:
    """The same choice for the date alone; who has it already is told by the later invitation."""
    meeting = own_meeting(request, pk)
    found = recipients.candidates(meeting, actor(request), for_save_the_date=True)
    return _recipients(request, meeting, SAVE_THE_DATE, found, save_the_date.send)


def _recipients(
    request: HttpRequest,
    meeting: Meeting,
    words: Words,
    found: list[recipients.Candidate],
    send: Callable[..., Any],
) -> HttpResponse:
    user = actor(request)
    error = ""
    chosen = {row.contact.pk for row in found if row.preselected and not row.excluded_reason}
    if request.method == "POST":
        chosen = numbers(request.POST.getlist("contact"))
        contacts = [row.contact for row in found if row.contact.pk in chosen]
        problems: list[str] = []
        job = partial(send, meeting=meeting, contacts=contacts, by=user, form_id=receipt(request))
        done = take(
            request,
            meeting,
            job,
            f"{words.article} {words.mail} an {len(contacts)} Personen wartet im Postausgang und geht gleich hinaus.",
            problems.append,
        )
        if done:
            return done
        error = " ".join(problems)
    open_rows = [row for row in found if not row.excluded_reason]
    already = [row for row in found if row.excluded_reason in recipients.HAVE_MAIL]
    projects = {row.project.pk for row in open_rows if row.project and row.contact.pk in chosen}
    return page(
        request,
        "invite",
        meeting,
        f"{words.title}: {meeting.title}",
        what=words,
        rows=open_rows,
        excluded=[row for row in found if row.excluded_reason and row not in already],
        already=already,
        chosen=chosen,
        error=error,
        pause=notices.pause_in_words(),
        people_count=len(chosen & {row.contact.pk for row in open_rows}),
        project_count=len(projects),
        unreachable=recipients.unreachable_projects(meeting, user),
    )


def _candidate(request: HttpRequest, meeting: Meeting, contact_id: int) -> recipients.Candidate:
    """The person, if she could be invited; else 404, as without a date."""
    row = next((row for row in recipients.candidates(meeting, actor(request)) if row.contact.pk == contact_id), None)
    if row is None or meeting.starts_at is None:
        raise Http404
    return row


@require_POST
def test_mail(request: HttpRequest, pk: int, contact_id: int) -> HttpResponse:
    """The invitation to this person, sent to the coordinator herself."""
    return _test_mail(request, own_meeting(request, pk), contact_id, INVITATION, invitations.preview_mail)


@require_POST
def test_save_the_date(request: HttpRequest, pk: int, contact_id: int) -> HttpResponse:
    """The Save the Date to this person, sent to the coordinator herself."""
    return _test_mail(request, own_meeting(request, pk), contact_id, SAVE_THE_DATE, save_the_date.preview)


def _test_mail(
    request: HttpRequest, meeting: Meeting, contact_id: int, words: Words, render: Callable[..., invitations.Preview]
) -> HttpResponse:
    candidate = _candidate(request, meeting, contact_id)
    mail = trial.send_to_self(meeting=meeting, candidate=candidate, render=render, by=actor(request))
    messages.success(request, f"Die Probemail geht gleich an {mail.recipient}.")
    return redirect(words.preview, meeting.pk, contact_id)


def preview(request: HttpRequest, pk: int, contact_id: int) -> HttpResponse:
    """One mail as this person would get it; nothing is saved."""
    return _preview(request, own_meeting(request, pk), contact_id, INVITATION, invitations.preview_mail)


def preview_save_the_date(request: HttpRequest, pk: int, contact_id: int) -> HttpResponse:
    """The Save the Date as this person would get it; nothing is saved."""
    return _preview(request, own_meeting(request, pk), contact_id, SAVE_THE_DATE, save_the_date.preview)


def _preview(
    request: HttpRequest, meeting: Meeting, contact_id: int, words: Words, render: Callable[..., invitations.Preview]
) -> HttpResponse:
    row = _candidate(request, meeting, contact_id)
    title = f"Vorschau der Mail an {row.contact.full_name}"
    return page(request, "preview", meeting, title, row=row, mail=render(meeting, row), what=words)
