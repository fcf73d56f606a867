"""Job: thank those who were there, with the link of the anonymous feedback and what comes next."""

from typing import Any

from django.utils import timezone

from meetings import circulars, feedback
from meetings.circulars import Circular, Recipient
from meetings.models import Attendance, Invitation, Mailing, Meeting
from mobipro import links

_OPEN = ("early", "open")


def people(meeting: Meeting) -> list[Recipient]:
    """Who was there and had an invitation; of those who just came, the portal knows no address."""
    present = Attendance.objects.present().filter(meeting=meeting, invitation__withdrawn_at=None)
    rows = present.exclude(invitation=None).select_related("invitation__contact").order_by("name", "pk")
    return [Recipient(row.invitation, row.get_state_display()) for row in rows if row.invitation is not None]


def refusal(meeting: Meeting) -> str:
    """Why it cannot be sent now, with what to do; empty when it can."""
    if meeting.status in Meeting.HELD_STATUSES:
        return ""
    if meeting.has_started and meeting.status not in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        return "Erfassen Sie zuerst die Teilnahme; daraus folgt, wer die Mail bekommt."
    return f"Stand des Treffens: {meeting.get_status_display()}. Danke sagen lässt sich erst nach dem Treffen."


def context(meeting: Meeting) -> dict[str, Any]:
    """The feedback link while it is of use, and the documentation: where it stands or when it is due."""
    form = feedback.form_of(meeting)
    form.meeting = meeting
    documentation = getattr(meeting, "documentation", None)  # of the app above, only for its link
    is_out = documentation is not None and documentation.current_version_id is not None
    due = meeting.documentation_due_on
    return {
        "feedback_link": feedback.link(form) if feedback.state_of(form) in _OPEN else "",
        "feedback_until": feedback.last_day(form),
        "documentation_url": links.absolute(documentation.get_absolute_url()) if is_out and documentation else "",
        "documentation_due": due if due and due >= timezone.localdate() else None,
    }


CIRCULAR = Circular(Mailing.Kind.THANKS, people, refusal, context)


def is_due(meeting: Meeting) -> bool:
    """Whether feedback is open, nobody was thanked yet, and somebody was there."""
    if refusal(meeting) or meeting.is_archive or meeting.mailings.filter(kind=Mailing.Kind.THANKS).exists():
        return False
    form = feedback.form_of(meeting)
    form.meeting = meeting
    return feedback.state_of(form) == "open" and bool(circulars.open_recipients(CIRCULAR, meeting))


def obstacle_at_the_last_moment(invitation: Invitation) -> str | None:
    """Why the mail has become wrong for her; None when it still is right."""
    if refusal(invitation.meeting):
        return f"Stand des Treffens ist inzwischen: {invitation.meeting.get_status_display()}."
    if not Attendance.objects.present().filter(invitation=invitation).exists():
        return "Die Teilnahme ist berichtigt: Die Person war nicht da."
    return None
