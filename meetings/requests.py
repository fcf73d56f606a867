"""Job: somebody asks to be invited or to accept late; the coordinator decides with a text."""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import emails, history, registrations, scheduling
from meetings.models import Answer, Invitation, InvitationRequest, Meeting
from meetings.models.invitation import PartStat
from mobipro import mail
from regions.models import ContactPerson, FormReceipt

Kind, Status = InvitationRequest.Kind, InvitationRequest.Status
_OPEN = (Meeting.Status.SAVE_THE_DATE, Meeting.Status.INVITED, Meeting.Status.REGISTRATION_CLOSED)


class RequestError(Exception):
    """The step is not possible; `field` names the form's field where there is one."""

    def __init__(self, text: str, field: str = ""):
        super().__init__(text)
        self.field = field


def takes_requests(meeting: Meeting) -> bool:
    """ "Einladung anfragen": national meetings that are announced and have not begun."""
    return meeting.kind == Meeting.Kind.NATIONAL and meeting.status in _OPEN and not meeting.has_started


@transaction.atomic
def request_late(
    *, invitation: Invitation, message: str = "", form_id: "uuid.UUID | str | None" = None
) -> InvitationRequest:
    """The deadline is over and she would like to come. A second request while one is open is the same one."""
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    if form_id is not None:
        FormReceipt.take(form_id, purpose=f"meetings.late:{invitation.pk}")
    if meeting.status not in _OPEN or meeting.has_started or invitation.withdrawn_at is not None:
        raise RequestError("Für dieses Treffen lässt sich keine späte Zusage mehr anfragen.")
    open_one = meeting.invitation_requests.filter(status=Status.OPEN, email__iexact=invitation.email).first()
    if open_one is not None:
        return open_one
    request = InvitationRequest(
        meeting=meeting,
        kind=Kind.LATE,
        invitation=invitation,
        name=invitation.name[:160],
        organisation_name=invitation.organisation_name,
        email=invitation.email,
        message=message[:1000],
    )
    request.save()
    emails.request_received(request)
    return request


@transaction.atomic
def request_invitation(
    *,
    meeting: Meeting,
    name: str,
    organisation_name: str,
    function: str,
    email: str,
    message: str = "",
    form_id: "uuid.UUID | str | None" = None,
) -> InvitationRequest | None:
    """Somebody outside the address book asks. None when she is invited already: the page says the same to everybody."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if form_id is not None:
        FormReceipt.take(form_id, purpose=f"meetings.request:{meeting.pk}")
    if not takes_requests(locked):
        raise RequestError("Für dieses Treffen lässt sich keine Einladung mehr anfragen.")
    try:
        address = mail.normalise_address(email)
    except ValueError as error:
        raise RequestError(str(error), "email") from None
    if locked.invitations.invited().filter(email__iexact=address).exists():
        return None
    open_one = locked.invitation_requests.filter(status=Status.OPEN, email__iexact=address).first()
    if open_one is not None:
        return open_one
    request = InvitationRequest(
        meeting=locked,
        kind=Kind.NATIONAL,
        name=mail.header_text(name)[:160],
        organisation_name=mail.header_text(organisation_name)[:200],
        function=mail.header_text(function)[:120],
        email=address,
        message=message[:1000],
    )
    request.save()
    emails.request_received(request)
    return request


@transaction.atomic
def decide(
    *,
    request: InvitationRequest,
    accept: bool,
    reply: str,
    by: Any,
    form_id: "uuid.UUID | str | None" = None,
) -> InvitationRequest:
    """Accept (invite, or record the late yes) or decline; a decline needs a text, it goes into the mail."""
    meeting = scheduling.lock(request.meeting, form_id, by, "decide_request")
    row = InvitationRequest.objects.select_related("invitation").get(pk=request.pk)
    row.meeting = meeting
    if row.status != Status.OPEN:
        raise RequestError(f"Diese Anfrage ist schon {row.get_status_display()}.")
    if not accept and not reply.strip():
        raise RequestError("Schreiben Sie, warum es nicht geht; der Text steht in der Mail.", "reply")
    if accept and (meeting.status not in _OPEN or meeting.has_started):
        raise RequestError("Für dieses Treffen lässt sich niemand mehr einladen.")
    row.status = Status.ACCEPTED if accept else Status.DECLINED
    row.reply, row.decided_at, row.decided_by = reply.strip()[:2000], timezone.now(), by
    if not accept:
        emails.request_declined(row)
    elif row.invitation is not None:
        registrations.record_answer(invitation=row.invitation, partstat=PartStat.ACCEPTED, via=Answer.Via.OFFICE, by=by)
    else:
        row.invitation = _invite_guest(row, by)
    row.save()
    return row


def _invite_guest(request: InvitationRequest, by: Any) -> Invitation:
    meeting = request.meeting
    existing = meeting.invitations.filter(email__iexact=request.email).first()
    if existing is not None and existing.withdrawn_at is None and not existing.is_only_noted:
        return existing
    guest = existing or Invitation(meeting=meeting, email=request.email)
    guest.meeting = meeting
    if existing is not None:
        guest.link_version += 1
        guest.withdrawn_at, guest.partstat, guest.answered_at = None, PartStat.NEEDS_ACTION, None
        if guest.is_only_noted:
            _follow_save_the_date(guest, by)
    guest.contact = ContactPerson.objects.filter(email__iexact=request.email).first()
    guest.name, guest.first_name = request.name, request.name.split()[0][:80] if request.name.split() else ""
    guest.greeting, guest.organisation_name = f"Guten Tag {request.name}", request.organisation_name
    guest.reason, guest.reason_text = Invitation.Reason.GUEST, "hat eine Einladung angefragt"
    history.save(guest, by=by, reason="Anfrage angenommen")
    if not meeting.organizer_email:
        scheduling.set_organizer(meeting)
        history.save(meeting, by=by, reason="Absender der Einladung festgelegt")
    emails.invitation(guest, mailing=None, note=request.reply)
    return guest


def _follow_save_the_date(guest: Invitation, by: Any) -> None:
    """Her entry becomes an invitation: a newer version of it, which asks whatever she answered before."""
    meeting = guest.meeting
    meeting.ics_sequence += 1
    history.save(meeting, by=by, reason=f"Nach dem Save the Date eingeladen: {guest.name}")
    guest.invited_at, guest.asked_from_sequence = timezone.now(), meeting.ics_sequence


@transaction.atomic
def send_new_links(*, email: str) -> int:
    """The personal links of this address once more; gives their number. The page's reply never tells it."""
    try:
        address = mail.normalise_address(email)
    except ValueError:
        return 0
    rows = (
        Invitation.objects.active()
        .filter(email__iexact=address, meeting__announced_at__isnull=False)
        .select_related("meeting__venue")
        .order_by("-meeting__starts_at")
    )
    usable = [row for row in rows[:30] if not row.is_link_expired][:10]
    if usable:
        emails.new_link(usable[0].email, usable, now=timezone.now())
    return len(usable)
