"""The editable words of the meeting mails: standard texts, allowed placeholders, rendering. Pure.

A text is no template: exactly the listed names in braces are replaced, once, by plain values. Attributes, filters
and tags cannot be reached, and a value that looks like a placeholder stays what it is. Facts, links, buttons,
date block and calendar part are not part of these texts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from mobipro.templatetags.portal import day, day_time

MAX_TEXT: Final = 2000
MAX_SUBJECT: Final = 160
_BRACED = re.compile(r"\{([^{}]*)\}")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_COMMON: Final = ("vorname", "anrede", "titel", "treffen", "termin", "ort")
MEANINGS: Final = {
    "vorname": "Vorname der Person",
    "anrede": "Anrede wie am Anfang der Mail",
    "titel": "Titel des Treffens",
    "treffen": "zum Beispiel „Vernetzungstreffen der Region Nord“",
    "termin": "Tag und Uhrzeit",
    "ort": "Veranstaltungsort",
    "frist": "Anmeldefrist",
    "grund": "der eingegebene Grund",
    "bisher": "der bisherige Tag",
}


@dataclass(frozen=True)
class Wording:
    """One kind: its standard text, what may stand in braces, and what stands around it and cannot be changed."""

    text: str
    placeholders: tuple[str, ...]
    around: str


KINDS: Final[dict[str, Wording]] = {
    "save_the_date": Wording(
        "bitte merken Sie sich diesen Tag vor. Wir möchten Sie zum {treffen} einladen.",
        _COMMON,
        "Anrede, dass die Einladung mit Tagesordnung folgt und noch keine Antwort nötig ist, Termin, Link zur Seite "
        "des Treffens, Kalendereintrag.",
    ),
    "invitation": Wording(
        "wir laden Sie herzlich ein zum {treffen}.",
        (*_COMMON, "frist"),
        "Anrede, Ihre Nachricht beim Einladen, Beschreibung, Termin, Knöpfe, Frist, Tagesordnung und Anreise. Wer als "
        "Vertretung oder als weitere Person eingeladen ist, bekommt den festen Text dafür.",
    ),
    "reminder": Wording(
        "zu diesem Treffen haben wir noch keine Antwort von Ihnen.",
        (*_COMMON, "frist"),
        "Anrede, Anmeldefrist, Termin und Knöpfe. Wer „vielleicht“ geantwortet hat oder neu antworten soll, bekommt "
        "den festen Text dafür.",
    ),
    "change": Wording(
        "das Treffen ist verschoben.",
        (*_COMMON, "frist", "grund", "bisher"),
        "Anrede, bisheriger und neuer Termin, Grund, was mit der Antwort geschieht, Knöpfe. Ändert sich nur der Ort, "
        "gilt der feste Text dafür.",
    ),
    "postponed": Wording(
        "Stornieren Sie bitte, was Sie gebucht haben. Wir schreiben Ihnen, sobald es einen neuen Termin gibt, und "
        "fragen Sie dann erneut.",
        ("vorname", "anrede", "titel", "treffen", "grund", "bisher"),
        "Anrede, dass der Tag nicht gilt und ein neuer folgt, Grund. Wer bisher nur das Save the Date hat, bekommt den "
        "festen Text dafür.",
    ),
    "reinstated": Wording(
        "das abgesagte Treffen findet doch statt. {grund}",
        (*_COMMON, "frist", "grund"),
        "Anrede, die Bitte um eine neue Antwort, Termin, Knöpfe, Frist, Tagesordnung und Anreise.",
    ),
    "cancellation": Wording(
        "Stornieren Sie bitte, was Sie gebucht haben.",
        (*_COMMON, "grund"),
        "Anrede, dass das Treffen nicht stattfindet, Grund, der Hinweis zum Kalendereintrag.",
    ),
    "confirmation": Wording(
        "Wir freuen uns auf Sie.",
        _COMMON,
        "Anrede, dass die Zusage angekommen und der Platz bestätigt ist, Termin, Anreise, der Link zum Ändern der "
        "Antwort. Bei Warteliste, Absage, Vertretung und „vielleicht“ gilt der feste Text dafür.",
    ),
    "participant_info": Wording(
        "bald ist es so weit: Wir freuen uns auf Sie beim {treffen}. Hier steht, was Sie für den Tag brauchen.",
        _COMMON,
        "Anrede, die Bitte um Absage, wenn jemand doch nicht kann, Termin und Ort, Zugang online für alle, die online "
        "dabei sind, Link zur eigenen Seite, Tagesordnung, Anreise, Reisekosten, Barrierefreiheit, Kontakt, wie viele "
        "kommen.",
    ),
    "thanks": Wording(
        "vielen Dank, dass Sie beim {treffen} dabei waren.",
        _COMMON,
        "Anrede, Titel und Tag, der Link zur anonymen Rückmeldung mit ihrem letzten Tag, wann die Dokumentation "
        "erscheint oder wo sie steht.",
    ),
}


def problems(kind: str, text: str) -> list[str]:
    """What is wrong with the braces of a text, in sentences that say what to do; empty when all is well."""
    allowed = KINDS[kind].placeholders
    choice = ", ".join(f"{{{name}}}" for name in allowed)
    unknown = dict.fromkeys(found for found in _BRACED.findall(text) if found not in allowed)
    sentences = [f"Den Platzhalter {{{name[:40]}}} gibt es hier nicht. Möglich sind: {choice}." for name in unknown]
    if not sentences and re.search("[{}]", _BRACED.sub("", text)):
        sentences = [f"Geschweifte Klammern stehen nur um einen Platzhalter, einmal vorn und hinten: {choice}."]
    elif not sentences and re.search(r"\{\{|\}\}", text):
        sentences = [f"Schreiben Sie Platzhalter mit einfachen Klammern: {choice}."]
    return sentences


def fill(kind: str, text: str, values: Mapping[str, str]) -> str:
    """The text with its allowed placeholders replaced in one pass; everything else stays as it was typed."""
    allowed = KINDS[kind].placeholders

    def value(found: re.Match[str]) -> str:
        return values.get(found[1], "") if found[1] in allowed else found[0]

    return _BRACED.sub(value, text.replace("\r\n", "\n")).strip()


def as_html(text: str) -> SafeString:
    """Escaped paragraphs with the mails' inline style; a blank line parts them, a line end stays one."""
    parts = [part for part in _PARAGRAPHS.split(text) if part.strip()]
    return format_html_join("", '<p style="margin:0 0 14px;">{}</p>', ((linebreaksbr(part),) for part in parts))


def values_of(invitation: Any, context: Mapping[str, Any]) -> dict[str, str]:
    """The value of every placeholder for one person."""
    meeting, change = context["meeting"], context.get("change")
    names = meeting.region_names
    return {
        "vorname": invitation.first_name or invitation.name,
        "anrede": invitation.greeting,
        "titel": meeting.title,
        "treffen": f"Vernetzungstreffen der Region {names}"
        if names != "bundesweit"
        else "bundesweiten Vernetzungstreffen",
        "termin": day_time(meeting.starts_at, meeting.ends_at),
        "ort": context["place"],
        "frist": day(meeting.registration_deadline),
        "grund": change.reason if change else "",
        "bisher": day(change.old_starts_at) if change else "",
    }


def lead(kind: str, stored: Mapping[str, Any], invitation: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    """What a mail's template gets: `lead`, `lead_html` and, if the coordination wrote one, `own_subject`."""
    if kind not in KINDS:
        return {}
    own, values = stored.get(kind), values_of(invitation, context)
    text = fill(kind, own.text if own else KINDS[kind].text, values)
    subject = fill(kind, own.subject, values) if own else ""
    return {"lead": text, "lead_html": as_html(text), "own_subject": subject}
