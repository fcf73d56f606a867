"""What an answer from a calendar program could not say. The confirmation, which is sent anyway, asks for it ("Bitte
ergänzen"): one mail, not two."""

from meetings import workshops
from meetings.models import Answer, Invitation, Meeting, Registration
from meetings.models.invitation import PartStat


def missing(invitation: Invitation, answer: Answer, registration: Registration | None) -> list[str]:
    """ "mode" and "workshop", as far as nobody said them; empty for an answer of the page."""
    if answer.via != Answer.Via.CALENDAR or answer.partstat != PartStat.ACCEPTED or registration is None:
        return []
    found = []
    said = invitation.answers.filter(partstat=PartStat.ACCEPTED).exclude(via=Answer.Via.CALENDAR)
    if invitation.meeting.attendance_mode == Meeting.AttendanceMode.MIXED and not said.exists():
        found.append("mode")
    if workshops.is_missing(registration, workshops.blocks_of(invitation.meeting)):
        found.append("workshop")
    return found
