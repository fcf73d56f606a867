"""Who was invited and what they said; who came; what was agreed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from meetings.models import (
    ActionItem,
    AgendaItem,
    Answer,
    Attendance,
    Decision,
    Invitation,
    Mailing,
    Meeting,
    Registration,
)
from meetings.models.invitation import PartStat
from mobipro.demo.build_meetings import theme_of
from mobipro.outbox.models import OutboxMessage, State
from regions.models import ContactAssignment, ContactPerson

FOLLOW_UPS = (
    "Alle Träger haben damit begonnen; zwei berichteten, was sie nach den ersten Wochen geändert haben.",
    "Die meisten Träger sind so weit. Wo es noch hakt, helfen bis zum nächsten Treffen die Nachbarprojekte.",
    "Das ist umgesetzt. Die Runde will dabei bleiben und in einem Jahr noch einmal Bilanz ziehen.",
    "Ein Teil ist geschafft, ein Teil braucht länger als gedacht: Die Frist wurde um ein Vierteljahr verlängert.",
)
SAVE_THE_DATES = 2  # meetings whose people have only the date so far
NEVER_ANSWERS = "gross@example.org"  # Herr Groß answers in the first trip


def _chance(*words: object) -> int:
    """A number from 0 to 99 that is the same in every run."""
    return hashlib.sha256("|".join(map(str, words)).encode()).digest()[0] * 100 // 256


def build(now: datetime, meetings: Iterable[Meeting]) -> None:
    noted = 0
    for meeting in meetings:
        if meeting.invited_at is None:
            if meeting.status == Meeting.Status.SAVE_THE_DATE and noted < SAVE_THE_DATES:
                _invite(meeting, Mailing.Kind.SAVE_THE_DATE)
                noted += 1
            continue
        invitations = _invite(meeting)
        for invitation in invitations:
            _answer(meeting, invitation, now)
        if meeting.status in Meeting.HELD_STATUSES:
            _attendance(meeting)
            _outcome(meeting, now)


def _invite(meeting: Meeting, kind: str = Mailing.Kind.INVITATION) -> list[Invitation]:
    """The people of the meeting's projects and the partners, with the mail that they got."""
    regions = list(meeting.regions.all())
    assignments = (
        ContactAssignment.objects.filter(project__region__in=regions)
        .filter(contact__status=ContactPerson.Status.ACTIVE, contact__bounced_at=None)
        .select_related("contact__organisation", "project")
        .order_by("contact__sort_key", "pk")
    )
    if meeting.kind == Meeting.Kind.NATIONAL:
        assignments = assignments.filter(is_primary=True)
    mailing = Mailing(meeting=meeting, kind=kind, not_before=_sent_on(meeting))
    mailing.save()
    made: dict[str, Invitation] = {}
    for assignment in assignments:
        contact = assignment.contact
        if contact.email in made:
            continue
        words = f"{assignment.get_function_display()} im Projekt „{assignment.project}“"
        invitation = _invitation(meeting, contact, Invitation.Reason.PROJECT, words, project=assignment.project)
        made[contact.email] = invitation
    for partner in ContactPerson.objects.filter(organisation__kind__in=["ministry", "federal_agency", "expert_body"]):
        made[partner.email] = _invitation(meeting, partner, Invitation.Reason.PARTNER, "Partnerliste (BMAS, ZAV, IQ)")
    for invitation in made.values():
        invitation.invited_at = meeting.invited_at
        invitation.message = _sent_mail(meeting, mailing, invitation)
        invitation.sequence_sent = meeting.ics_sequence
        invitation.save()
    mailing.recipient_count = len(made)
    mailing.save()
    return list(made.values())


def _invitation(meeting: Meeting, contact: ContactPerson, reason: str, words: str, **fields: object) -> Invitation:
    return Invitation(
        meeting=meeting,
        contact=contact,
        name=contact.full_name,
        first_name=contact.first_name,
        greeting=contact.greeting,
        organisation_name=contact.organisation.name,
        email=contact.email,
        reason=reason,
        reason_text=words,
        **fields,
    )


def _sent_on(meeting: Meeting) -> datetime:
    return meeting.invited_at or meeting.announced_at or timezone.now()


def _sent_mail(meeting: Meeting, mailing: Mailing, invitation: Invitation) -> OutboxMessage:
    """The row of a mail that went out before the demo began; its text is short, it is not sent again."""
    sent_at = _sent_on(meeting) + timedelta(minutes=3)
    is_invitation = mailing.kind == Mailing.Kind.INVITATION
    what = "wir laden Sie herzlich ein" if is_invitation else "bitte merken Sie sich diesen Tag vor"
    message = OutboxMessage(
        key=f"demo:{meeting.pk}:{invitation.email}",
        kind=mailing.kind,
        state=State.SENT,
        recipient=invitation.email,
        recipient_name=invitation.name,
        sender="MobiPro-EU Vernetzung <vernetzung@example.org>",
        subject=f"{mailing.get_kind_display()}: {meeting.title}",
        text=f"{invitation.greeting},\n\n{what}: {meeting.title}.\n",
        group=mailing.group,
        thread=f"meeting:{meeting.pk}:{invitation.email}",
        relay_reply="250 2.0.0 Ok: angenommen (Demowelt)",
        not_before=sent_at,
        sent_at=sent_at,
        attempts=1,
    )
    message.save()
    return message


def _answer(meeting: Meeting, invitation: Invitation, now: datetime) -> None:
    if invitation.email == NEVER_ANSWERS and meeting.status not in Meeting.HELD_STATUSES:
        return
    chance = _chance(meeting.code, invitation.email)
    share_silent = 12 if meeting.status in Meeting.HELD_STATUSES else 38
    if chance < share_silent:
        return
    partstat = PartStat.ACCEPTED
    if chance < share_silent + 14:
        partstat = PartStat.DECLINED
    elif chance < share_silent + 18:
        partstat = PartStat.TENTATIVE
    answered_at = min((meeting.invited_at or now) + timedelta(hours=5 + chance), now)
    invitation.partstat, invitation.answered_at = partstat, answered_at
    invitation.save()
    Answer(
        invitation=invitation,
        partstat=partstat,
        via=Answer.Via.LINK,
        sequence=meeting.ics_sequence,
        received_at=answered_at,
    ).save()
    if partstat == PartStat.ACCEPTED:
        _register(meeting, invitation, answered_at)


def _register(meeting: Meeting, invitation: Invitation, answered_at: datetime) -> None:
    taken = meeting.registrations.holding_a_seat().count()
    status = Registration.Status.CONFIRMED if taken < meeting.capacity else Registration.Status.WAITING
    Registration(
        invitation=invitation,
        meeting=meeting,
        status=status,
        queued_at=answered_at,
        confirmed_at=answered_at if status == Registration.Status.CONFIRMED else None,
    ).save()


def _attendance(meeting: Meeting) -> None:
    for registration in meeting.registrations.holding_a_seat().select_related("invitation"):
        invitation = registration.invitation
        came = _chance("came", meeting.code, invitation.email) >= 9
        Attendance(
            meeting=meeting,
            invitation=invitation,
            name=invitation.name,
            organisation_name=invitation.organisation_name,
            state=Attendance.State.PRESENT if came else Attendance.State.ABSENT,
        ).save()
    Attendance(
        meeting=meeting,
        name="Gudrun Überall",
        organisation_name="Berufsschule Musterstadt",
        is_walk_in=True,
        state=Attendance.State.PRESENT,
    ).save()


def _follow_up(meeting: Meeting) -> str:
    """What became of the last meeting's agreements; the first meeting of a region has nothing to look back on."""
    regions = [region.pk for region in meeting.regions.all()] if meeting.kind == Meeting.Kind.REGIONAL else []
    held = Meeting.objects.filter(status__in=Meeting.HELD_STATUSES, starts_at__lt=meeting.starts_at, kind=meeting.kind)
    last = held.filter(regions__in=regions).order_by("starts_at").last() if regions else None
    if last is None:
        return ""
    lines = [f"- {decision.text}" for decision in last.decisions.order_by("number")]
    words = FOLLOW_UPS[_chance("follow up", meeting.code) % len(FOLLOW_UPS)]
    day = timezone.localtime(last.starts_at)
    return f"Verabredet war beim Treffen „{last.title}“ am {day:%d.%m.%Y}:\n\n" + "\n".join(lines) + f"\n\n{words}"


def _outcome(meeting: Meeting, now: datetime) -> None:
    theme = theme_of(meeting)
    items = {item.kind: item for item in meeting.agenda.all()}
    workshop = items[AgendaItem.Kind.WORKSHOP]
    workshop.minutes_text, workshop.result_text = theme["minutes"], theme["result"]
    items[AgendaItem.Kind.INPUT].minutes_text = theme["report"]
    items[AgendaItem.Kind.OUTLOOK].minutes_text = theme["outlook"]
    items[AgendaItem.Kind.FOLLOW_UP].minutes_text = _follow_up(meeting)
    for item in items.values():
        item.save()
    for number, text in enumerate(theme["decisions"], start=1):
        Decision(meeting=meeting, agenda_item=workshop, number=number, text=text, visibility="public").save()
    present = meeting.attendances.present().exclude(invitation=None).select_related("invitation__contact")
    owners = [row.invitation.contact for row in present if row.invitation is not None]
    for index, title in enumerate(theme["actions"]):
        owner = owners[(3 * index + _chance("owner", meeting.code)) % len(owners)] if owners else None
        due = timezone.localtime(meeting.starts_at).date() + timedelta(days=42 + 21 * index)
        ActionItem(
            meeting=meeting,
            agenda_item=workshop,
            title=title,
            owner=owner,
            owner_name=owner.full_name if owner else "Koordination",
            due_on=due,
            status=ActionItem.Status.DONE if due < now.date() and index == 0 else ActionItem.Status.OPEN,
        ).save()
