"""How long people's data around a meeting stays (domain.md 3.3); afterwards only counts are left.

A row that is counted – an invitation, an attendance – stays without the person; what is not counted is deleted.
"""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from meetings import check_in
from meetings.models import (
    Answer,
    Attendance,
    IncomingMail,
    Invitation,
    InvitationRequest,
    PollVoter,
    Registration,
    SupportNeed,
)
from meetings.models.invitation import READING_DAYS
from mobipro import retention
from mobipro.retention import Rule, before

NAMELESS: Final = "Name gelöscht"
NO_ADDRESS: Final = "@geloescht.invalid"  # RFC 6761: never anybody's; with the number in front, unique
_State = IncomingMail.State


def register() -> None:
    years = f"{settings.RETENTION_YEARS} Jahre nach dem Treffen"
    retention.register(
        Rule("support", "Verpflegung und Unterstützung", "30 Tage nach dem Treffen", support_needs, retention.delete),
        Rule("check_ins", "Eingaben beim Check-in", "30 Tage nach dem Treffen", check_in.outdated, retention.delete),
        Rule("incoming", "Eingegangene Mails: Absender und Inhalt", "12 Monate nach dem Eingang", _incoming, _empty),
        Rule("requests", "Beantwortete Anfragen", "12 Monate nach dem Treffen", _requests, retention.delete),
        Rule("polls", "Terminabfragen: Namen, Adressen, Antworten", "90 Tage nach dem Ende", _voters, retention.delete),
        Rule("attendances", "Namen in der Teilnahme", years, _attendances, _forget_attendances),
        Rule("invitations", "Namen und Worte in Einladung, Antwort, Anmeldung", years, _invitations, _forget_invited),
    )


def support_needs(now: datetime) -> QuerySet[SupportNeed]:
    return SupportNeed.objects.filter(delete_on__lte=timezone.localdate(now))


# --- received mails ------------------------------------------------------------------------------
def _incoming(now: datetime) -> QuerySet[IncomingMail]:
    told = Q(sender="", subject="", attendee="", text="", reason="", note="")
    return IncomingMail.objects.filter(received_at__lte=before(now, years=1)).exclude(told)


def _empty(rows: QuerySet[IncomingMail]) -> int:
    """Date, kind and outcome stay, and the digest: the same mail never counts twice. Nobody assigned it: no effect."""
    keys = list(rows.values_list("pk", flat=True))
    found = IncomingMail.objects.filter(pk__in=keys)
    content = {"sender": "", "subject": "", "attendee": "", "text": "", "reason": "", "note": ""}
    waiting = found.filter(state=_State.WAITING).update(state=_State.IGNORED, **content)
    return waiting + found.exclude(sender="", subject="", attendee="", text="", reason="", note="").update(**content)


# --- requests ------------------------------------------------------------------------------------
def _requests(now: datetime) -> QuerySet[InvitationRequest]:
    answered = InvitationRequest.objects.exclude(status=InvitationRequest.Status.OPEN)
    return answered.filter(meeting__ends_at__lte=before(now, years=1))


# --- date polls ----------------------------------------------------------------------------------
def _voters(now: datetime) -> QuerySet[PollVoter]:
    """Their links cannot be opened any more; dates and choice stay, the votes go with the people."""
    return PollVoter.objects.filter(poll__closes_at__lte=before(now, days=READING_DAYS))


# --- who was there -------------------------------------------------------------------------------
def _proven(now: datetime) -> datetime:
    """Meetings that ended before it need no proof any more."""
    return before(now, years=settings.RETENTION_YEARS)


def _attendances(now: datetime) -> QuerySet[Attendance]:
    return Attendance.objects.filter(meeting__ends_at__lte=_proven(now)).exclude(name=NAMELESS)


def _forget_attendances(rows: QuerySet[Attendance]) -> int:
    return rows.update(name=NAMELESS)


def _invitations(now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(meeting__ends_at__lte=_proven(now)).exclude(email__endswith=NO_ADDRESS)


def _forget_invited(rows: QuerySet[Invitation]) -> int:
    """The row with its answer and project stays for the counts; its history, which repeats the names, goes."""
    keys = list(rows.values_list("pk", flat=True))
    Invitation.history.filter(id__in=keys).delete()
    Registration.history.filter(invitation_id__in=keys).delete()
    Registration.objects.filter(invitation__in=keys).update(comment="")
    Answer.objects.filter(invitation__in=keys).update(detail="")
    return Invitation.objects.filter(pk__in=keys).update(
        name=NAMELESS,
        first_name="",
        greeting="Guten Tag",
        email=Concat(Cast(F("pk"), CharField()), Value(NO_ADDRESS)),
        contact=None,
        reason_text="",
        organisation_name="",
    )
