"""Job: take anonymous feedback about a meeting by the one link that all have; how long, and for how long it is kept."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import history, scheduling
from meetings.models import FeedbackForm, FeedbackResponse, Meeting
from meetings.models.feedback import QUESTIONS, TEXTS
from mobipro import html, links
from regions.models import FormReceipt

LINK_PURPOSE = "feedback"
DAYS_OPEN = 28  # after the meeting, unless the coordination sets another day
LATEST_DAYS = 180
MOST = 1000  # answers to one meeting: beyond that somebody plays with the link
KEEP_TEXTS = timedelta(days=365)  # after the meeting (domain.md, RetentionRule); the marks stay


class FeedbackError(Exception):
    """The step is not possible; the text says why, in German."""


# --- the link and its time -----------------------------------------------------------------------
def form_of(meeting: Meeting) -> FeedbackForm:
    """The stored form, or an unsaved one with the usual values."""
    return FeedbackForm.objects.filter(meeting=meeting).first() or FeedbackForm(meeting=meeting)


def link(form: FeedbackForm) -> str:
    """What a mail's template writes; hand-over makes the link of it."""
    return links.placeholder("meetings:feedback", LINK_PURPOSE, form.meeting_id, form.link_version)


def token(form: FeedbackForm) -> str:
    return links.token(LINK_PURPOSE, form.meeting_id, form.link_version)


def form_by(token: str) -> FeedbackForm | None:
    """The form of a genuine, current token, with its meeting; None for anything else."""
    found = links.verify(LINK_PURPOSE, token)
    meeting = Meeting.objects.select_related("venue").filter(pk=found[0]).first() if found else None
    if found is None or meeting is None:
        return None
    form = form_of(meeting)
    form.meeting = meeting
    return form if form.link_version == found[1] else None


def last_day(form: FeedbackForm) -> date | None:
    """The last day on which feedback is taken; None without a date of the meeting."""
    if form.last_day is not None or form.meeting.ends_at is None:
        return form.last_day
    return timezone.localtime(form.meeting.ends_at).date() + timedelta(days=DAYS_OPEN)


def state_of(form: FeedbackForm, now: datetime | None = None) -> str:
    """ "off" (no such meeting now), "early" (before it starts), "open" or "closed"."""
    meeting, last, now = form.meeting, last_day(form), now or timezone.now()
    if meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED) or meeting.starts_at is None:
        return "off"
    if now < meeting.starts_at:
        return "early"
    return "closed" if last is None or timezone.localtime(now).date() > last else "open"


# --- what people send ----------------------------------------------------------------------------
@transaction.atomic
def submit(*, form: FeedbackForm, answers: Mapping[str, Any], form_id: "uuid.UUID | str") -> FeedbackResponse:
    """Store one answer. Nobody is asked for and nothing is stored that says who it was; no `by` for that reason.

    Raises FeedbackError outside the time or without any answer, AlreadyReceived for a form sent twice.
    """
    FormReceipt.take(form_id, purpose="meetings.feedback", result=form.meeting.code)
    if state_of(form) != "open" or form.meeting.feedback.count() >= MOST:
        raise FeedbackError("Rückmeldungen zu diesem Treffen sind nicht mehr möglich.")
    marks = {name: answers.get(name) or None for name in QUESTIONS}
    texts = {name: html.plain(answers.get(name) or "").strip() for name in TEXTS}
    if not any(marks.values()) and not any(texts.values()):
        raise FeedbackError("Füllen Sie mindestens eine Bewertung oder ein Textfeld aus.")
    response = FeedbackResponse(
        meeting=form.meeting,
        submitted_on=timezone.localdate(),
        organisation_kind=answers.get("organisation_kind") or "",
        **marks,
        **texts,
    )
    response.save(force_insert=True)
    return response


# --- what the coordination sets ------------------------------------------------------------------
@transaction.atomic
def set_last_day(*, meeting: Meeting, day: date, by: Any, form_id: "uuid.UUID | str | None" = None) -> FeedbackForm:
    """Take feedback until this day; a past one ends it. Raises FeedbackError for a day that makes no sense."""
    locked = scheduling.lock(meeting, form_id, by, "feedback_last_day")
    if locked.starts_at is None or locked.ends_at is None:
        raise FeedbackError("Setzen Sie zuerst den Termin des Treffens.")
    first, latest = timezone.localtime(locked.starts_at).date(), timezone.localtime(locked.ends_at).date()
    latest += timedelta(days=LATEST_DAYS)
    if not first <= day <= latest:
        raise FeedbackError(f"Wählen Sie einen Tag vom {first:%d.%m.%Y} bis zum {latest:%d.%m.%Y}.")
    form = form_of(locked)
    form.last_day = day
    history.save(form, by=by, reason=f"Rückmeldungen bis {day:%d.%m.%Y}")
    return form


@transaction.atomic
def renew_link(*, meeting: Meeting, by: Any, form_id: "uuid.UUID | str | None" = None) -> FeedbackForm:
    """A new link, because the old one reached strangers: it and its QR code are void from now on."""
    form = form_of(scheduling.lock(meeting, form_id, by, "feedback_link"))
    form.link_version += 1
    history.save(form, by=by, reason="Neuer Link für Rückmeldungen")
    return form


# --- retention -----------------------------------------------------------------------------------
def delete_old_texts(now: datetime | None = None) -> int:
    """Empty the texts a year after the meeting and give the number of answers; marks and counts stay."""
    over = (now or timezone.now()) - KEEP_TEXTS
    rows = FeedbackResponse.objects.with_texts().filter(meeting__ends_at__lte=over)
    return rows.update(**dict.fromkeys(TEXTS, ""))
