"""Job: what everybody needs who comes – agenda, way, access, contact –, some days before the meeting.

The mail names how many people come and no one by name: fellow participants may learn name and house (domain.md 1.9),
but of those only who agreed (2.1, step 13), and an answer does not ask for that.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from meetings import circulars
from meetings.circulars import Circular, Recipient
from meetings.models import Invitation, Mailing, Meeting, Registration
from meetings.models.invitation import PartStat

DAYS_BEFORE = 5  # when the next step offers it (domain.md 2.1)
_RUNNING = (Meeting.Status.INVITED, Meeting.Status.REGISTRATION_CLOSED)
_NOT_COMING = (PartStat.DECLINED, PartStat.DELEGATED)
_WITHOUT_SEAT = {
    Registration.Status.WAITING: "steht auf der Warteliste",
    Registration.Status.OFFERED: "hat den angebotenen Platz noch nicht angenommen",
    Registration.Status.REQUESTED: "der Platz ist noch nicht bestätigt",
}


def people(meeting: Meeting) -> list[Recipient]:
    """Who has a confirmed seat, speaks, or is of the house that hosts; and who is close to that, with the reason."""
    rows = meeting.invitations.invited().select_related("registration", "contact").order_by("name", "pk")
    found = [_recipient(row, meeting) for row in rows]
    return [row for row in found if row is not None]


def _recipient(row: Invitation, meeting: Meeting) -> Recipient | None:
    registration = getattr(row, "registration", None)
    status = registration.status if registration else ""
    if registration and status == Registration.Status.CONFIRMED and not row.needs_reconfirmation:
        is_online = meeting.attendance_mode == "mixed" and registration.mode == Registration.Mode.ONLINE
        return Recipient(row, "Platz bestätigt, online" if is_online else "Platz bestätigt")
    if row.partstat in _NOT_COMING:
        return None
    if row.reason == Invitation.Reason.SPEAKER:
        return Recipient(row, "trägt etwas vor")
    host = meeting.host_organisation_id
    if host and row.contact is not None and row.contact.organisation_id == host:
        return Recipient(row, "gehört zum gastgebenden Haus")
    if status == Registration.Status.CONFIRMED:
        return Recipient(row, excluded_reason="muss die Zusage zum neuen Termin noch bestätigen")
    if status in _WITHOUT_SEAT:
        return Recipient(row, excluded_reason=_WITHOUT_SEAT[Registration.Status(status)])
    if row.partstat == PartStat.TENTATIVE:
        return Recipient(row, excluded_reason="hat „vielleicht“ geantwortet")
    return None


def refusal(meeting: Meeting) -> str:
    """Why it cannot be sent now, with what to do; empty when it can."""
    if meeting.status not in _RUNNING:
        return (
            f"Stand des Treffens: {meeting.get_status_display()}. Die Teilnahmeinfo lässt sich erst nach der Einladung "
            "und nur vor dem Treffen senden."
        )
    if meeting.has_started:
        return "Dieses Treffen hat schon begonnen; eine Teilnahmeinfo lässt sich nicht mehr senden."
    if not meeting.agenda.exists():
        return "Legen Sie zuerst die Tagesordnung an; sie steht in der Mail."
    if meeting.attendance_mode != Meeting.AttendanceMode.ONLINE and meeting.venue_id is None:
        return "Tragen Sie zuerst den Veranstaltungsort ein; er steht in der Mail."
    if meeting.attendance_mode != Meeting.AttendanceMode.OFFLINE and not meeting.online_url:
        return "Tragen Sie zuerst bei den Angaben den Zugang online ein; er steht in der Mail."
    return ""


def context(meeting: Meeting) -> dict[str, Any]:
    """How many come, and from how many houses: numbers, no names (see above)."""
    seats = meeting.registrations.holding_a_seat()
    houses = seats.exclude(invitation__organisation_name="").order_by()
    return {
        "coming": seats.count(),
        "houses": houses.values("invitation__organisation_name").distinct().count(),
    }


CIRCULAR = Circular(Mailing.Kind.PARTICIPANT_INFO, people, refusal, context)


def is_due(meeting: Meeting) -> bool:
    """Whether the day has come and somebody still waits for it."""
    if meeting.starts_at is None or meeting.starts_at - timezone.now() > timedelta(days=DAYS_BEFORE):
        return False
    return not refusal(meeting) and bool(circulars.open_recipients(CIRCULAR, meeting))


def obstacle_at_the_last_moment(invitation: Invitation) -> str | None:
    """Why the mail has become wrong for her: the seat is gone, or she said no; None when it still is right."""
    row = _recipient(invitation, invitation.meeting)
    if row is None:
        return "Die Person nimmt nicht mehr teil."
    return f"Die Person bekommt die Teilnahmeinfo nicht mehr: {row.excluded_reason}." if row.excluded_reason else None
