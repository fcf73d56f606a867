"""Mails to everybody who takes part: whom they reach and why, one mail as its recipient gets it, trial, sending."""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from meetings import circulars, notices, participant_info, thanks, trial
from meetings.admin.frame import actor, own_meeting, page, receipt, take
from meetings.circulars import Circular
from meetings.models import Invitation, Meeting


@dataclass(frozen=True)
class Words:
    """A kind of mail by its word in the address, and what its page says."""

    circular: Circular
    mail: str  # as in "… an 12 Personen senden"
    article: str
    about: str
    nobody: str


KINDS = {
    "teilnahmeinfo": Words(
        participant_info.CIRCULAR,
        "Teilnahmeinfo",
        "Die",
        "Sie enthält Tagesordnung, Ort und Anreise, den Zugang für alle, die online dabei sind, Reisekosten und "
        "Kontakt. Üblich ist sie fünf Tage vor dem Treffen.",
        "Noch hat niemand einen bestätigten Platz.",
    ),
    "danke": Words(
        thanks.CIRCULAR,
        "Dankmail",
        "Die",
        "Sie enthält den Link zur anonymen Rückmeldung und wann die Dokumentation erscheint. Wer ohne Anmeldung kam, "
        "bekommt keine: Die Adresse fehlt. Üblich ist sie am ersten Werktag nach dem Treffen.",
        "Noch ist niemand als anwesend erfasst.",
    ),
}


def _words(kind: str) -> Words:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


def circular(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Everybody with the reason beside the name; a POST sends to those who do not have the mail yet."""
    meeting, words = own_meeting(request, pk), _words(kind)
    problems: list[str] = []
    if request.method == "POST":
        number = len(circulars.open_recipients(words.circular, meeting))
        job = partial(
            circulars.send, circular=words.circular, meeting=meeting, by=actor(request), form_id=receipt(request)
        )
        people = "1 Person" if number == 1 else f"{number} Personen"
        text = f"{words.article} {words.mail} an {people} wartet im Postausgang und geht gleich hinaus."
        done = take(request, meeting, job, text, problems.append)
        if done:
            return done
    found = circulars.recipients(words.circular, meeting)
    return page(
        request,
        "circular",
        meeting,
        f"{words.mail}: {meeting.title}",
        what=words,
        kind=kind,
        rows=[row for row in found if not row.excluded_reason],
        already=[row for row in found if row.excluded_reason == circulars.HAVE_MAIL],
        excluded=[row for row in found if row.excluded_reason not in ("", circulars.HAVE_MAIL)],
        error=" ".join(problems),
        refusal=words.circular.refusal(meeting),
        pause=notices.pause_in_words(),
    )


def _person(meeting: Meeting, circular: Circular, invitation_id: int) -> Invitation:
    """The person, if the mail concerns her; else 404, as without a date."""
    rows = (row.invitation for row in circular.people(meeting) if row.why)
    person = next((row for row in rows if row.pk == invitation_id), None)
    if person is None or meeting.starts_at is None:
        raise Http404
    return person


def preview(request: HttpRequest, pk: int, kind: str, invitation_id: int) -> HttpResponse:
    """One mail as this person would get it; nothing is saved."""
    meeting, words = own_meeting(request, pk), _words(kind)
    person = _person(meeting, words.circular, invitation_id)
    mail = circulars.preview(words.circular, meeting, person)
    title = f"Vorschau der Mail an {person.name}"
    return page(request, "circular_preview", meeting, title, person=person, mail=mail, kind=kind)


@require_POST
def test_mail(request: HttpRequest, pk: int, kind: str, invitation_id: int) -> HttpResponse:
    """The mail to this person, sent to the coordinator herself."""
    meeting, words = own_meeting(request, pk), _words(kind)
    person = _person(meeting, words.circular, invitation_id)
    sent = trial.send_circular(meeting=meeting, circular=words.circular, invitation=person, by=actor(request))
    messages.success(request, f"Die Probemail geht gleich an {sent.recipient}.")
    return redirect("admin:meetings_circular_preview", meeting.pk, kind, person.pk)
