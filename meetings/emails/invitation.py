"""One function for each mail to an invited person: texts from templates, one outbox row, its calendar part.

Keys hold SEQUENCE and round: the same cause never sends two mails.
"""

from collections.abc import Sequence
from typing import Any

from meetings import ical
from meetings.emails.base import meeting_context, personal_link, put, remember
from meetings.models import Answer, IncomingMail, Invitation, Mailing, MeetingChange, Registration
from meetings.models.invitation import PartStat
from mobipro.outbox.models import OutboxMessage

CHANGE_TEMPLATES = {
    "moved": "change",
    "postponed": "postponed",
    "reinstated": "reinstated",
    "corrected": "correction",
    "cancelled": "cancellation",
}


def invitation(
    invitation: Invitation,
    *,
    mailing: Mailing | None,
    shared: dict[str, Any] | None = None,
    note: str = "",
    registration: Registration | None = None,
    place_in_line: int = 0,
) -> OutboxMessage:
    """The invitation itself; a deputy's, colleague's or guest's goes out alone and at once (`mailing` None).

    `registration`: the seat a colleague got, or the one that waits for a deputy; a waiting list is no calendar entry.
    """
    meeting = invitation.meeting
    shared = shared or meeting_context(meeting)
    round_number = mailing.round if mailing else invitation.link_version
    calendar = b""
    if registration is None or registration.status == Registration.Status.CONFIRMED or _is_asked(invitation):
        calendar = ical.request(
            meeting,
            invitation,
            partstat=str(invitation.partstat),
            rsvp=_is_asked(invitation),
            link=personal_link(invitation),
        )
    message = put(
        invitation,
        template="invitation",
        kind="invitation",
        key=f"invitation:{meeting.pk}:{invitation.pk}:invitation:{meeting.ics_sequence}:{round_number}",
        calendar=calendar,
        method="REQUEST" if calendar else "",
        mailing=mailing,
        shared=shared,
        note=note,
        registration=registration,
        place_in_line=place_in_line,
    )
    remember(invitation, message)
    return message


def save_the_date(invitation: Invitation, *, mailing: Mailing, shared: dict[str, Any] | None = None) -> OutboxMessage:
    """The date alone, as a tentative entry: nothing is asked, and the link is the public page's."""
    meeting = invitation.meeting
    message = put(
        invitation,
        template="save_the_date",
        kind="save_the_date",
        key=f"invitation:{meeting.pk}:{invitation.pk}:save_the_date:{meeting.ics_sequence}:{mailing.round}",
        calendar=ical.request(meeting, invitation, partstat=str(invitation.partstat), rsvp=False),
        method="REQUEST",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
    )
    remember(invitation, message)
    return message


def _entry_link(invitation: Invitation) -> str:
    """What the calendar entry leads to: the personal page, once the person is invited."""
    return "" if invitation.is_only_noted else personal_link(invitation)


def _is_asked(invitation: Invitation) -> bool:
    return invitation.partstat == PartStat.NEEDS_ACTION


def reminder(
    invitation: Invitation, *, mailing: Mailing, occasion: str, is_last: bool, shared: dict[str, Any] | None = None
) -> OutboxMessage:
    """The same link again; without a calendar part, which would be a second entry in some programs."""
    meeting = invitation.meeting
    return put(
        invitation,
        template="reminder",
        kind="reminder",
        key=f"invitation:{meeting.pk}:{invitation.pk}:reminder:{meeting.ics_sequence}:{occasion}",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
        is_last=is_last,
    )


def change(
    invitation: Invitation,
    change: MeetingChange,
    *,
    mailing: Mailing,
    asks: bool,
    shared: dict[str, Any] | None = None,
) -> OutboxMessage:
    """Moved, postponed, reinstated or corrected: old → new. `asks`: the answer is asked for again."""
    meeting = invitation.meeting
    partstat = PartStat.NEEDS_ACTION if asks else invitation.partstat
    message = put(
        invitation,
        template=CHANGE_TEMPLATES[change.kind],
        kind="meeting_change",
        key=f"invitation:{meeting.pk}:{invitation.pk}:{change.kind}:{meeting.ics_sequence}:{mailing.round}",
        calendar=ical.request(meeting, invitation, partstat=str(partstat), rsvp=asks, link=_entry_link(invitation)),
        method="REQUEST",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
        change=change,
        asks=asks,
        registration=getattr(invitation, "registration", None),
    )
    remember(invitation, message)
    return message


def cancellation(
    invitation: Invitation, change: MeetingChange, *, mailing: Mailing, shared: dict[str, Any] | None = None
) -> OutboxMessage:
    meeting = invitation.meeting
    message = put(
        invitation,
        template="cancellation",
        kind="meeting_cancellation",
        key=f"invitation:{meeting.pk}:{invitation.pk}:cancelled:{meeting.ics_sequence}:{mailing.round}",
        calendar=ical.cancel(meeting, invitation),
        method="CANCEL",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
        change=change,
    )
    remember(invitation, message)
    return message


def withdrawn(invitation: Invitation, *, reason: str) -> OutboxMessage:
    """One person is no longer invited; the meeting takes place (CANCEL without STATUS)."""
    meeting = invitation.meeting
    return put(
        invitation,
        template="withdrawn",
        kind="withdrawn",
        key=f"invitation:{meeting.pk}:{invitation.pk}:withdrawn:{meeting.ics_sequence}:{invitation.link_version}",
        calendar=ical.cancel(meeting, invitation, whole_event=False),
        method="CANCEL",
        shared=meeting_context(meeting),
        reason=reason,
    )


def counter_declined(invitation: Invitation, proposal: IncomingMail) -> OutboxMessage:
    """The meeting stays where it is, though this person proposed another time."""
    meeting = invitation.meeting
    return put(
        invitation,
        template="counter_declined",
        kind="counter_declined",
        key=f"invitation:{meeting.pk}:{invitation.pk}:counter_declined:{meeting.ics_sequence}:{proposal.pk}",
        calendar=ical.decline_counter(meeting, invitation, link=_entry_link(invitation)),
        method="DECLINECOUNTER",
        shared=meeting_context(meeting),
        proposal=proposal,
        asks=_is_asked(invitation) and not invitation.is_only_noted,
    )


def confirmation(
    invitation: Invitation,
    answer: Answer,
    registration: Registration | None,
    *,
    place_in_line: int = 0,
    missing: Sequence[str] = (),
) -> OutboxMessage:
    """What arrived, and whether there is a seat. A seat comes with the calendar entry, a waiting list does not.

    `missing`: what a calendar program could not say ("mode", "workshop"); then the mail asks for it.
    """
    meeting = invitation.meeting
    has_seat = registration is not None and registration.status == Registration.Status.CONFIRMED
    calendar = b""
    if has_seat and invitation.partstat == PartStat.ACCEPTED:
        calendar = ical.request(
            meeting, invitation, partstat=str(invitation.partstat), rsvp=False, link=personal_link(invitation)
        )
    return put(
        invitation,
        template="confirmation",
        kind="confirmation",
        key=f"invitation:{meeting.pk}:{invitation.pk}:confirmation:{meeting.ics_sequence}:{answer.pk}",
        calendar=calendar,
        method="REQUEST" if calendar else "",
        shared=meeting_context(meeting),
        answer=answer,
        registration=registration,
        place_in_line=place_in_line,
        missing=missing,
    )


def seat_news(invitation: Invitation, registration: Registration, *, news: str, cause: str) -> OutboxMessage:
    """`news`: "confirmed" by the coordinator, "returned" by the deputy, "released" because nobody confirmed in time,
    "lapsed" because an offer was not answered. `cause` makes the key unique."""
    meeting = invitation.meeting
    calendar = b""
    if news == "confirmed":
        calendar = ical.request(
            meeting, invitation, partstat=str(PartStat.ACCEPTED), rsvp=False, link=personal_link(invitation)
        )
    return put(
        invitation,
        template="seat",
        kind="seat",
        key=f"invitation:{meeting.pk}:{invitation.pk}:{news}:{meeting.ics_sequence}:{cause}",
        calendar=calendar,
        method="REQUEST" if calendar else "",
        shared=meeting_context(meeting),
        news=news,
        registration=registration,
    )


def seat_offer(invitation: Invitation, registration: Registration, *, cause: str) -> OutboxMessage:
    """A seat is free: hers until `held_until`, or (still waiting, in the last hours) of whoever says yes first.

    No calendar entry: the seat has yet to be taken.
    """
    meeting = invitation.meeting
    return put(
        invitation,
        template="seat_offer",
        kind="seat_offer",
        key=f"invitation:{meeting.pk}:{invitation.pk}:seat_offer:{meeting.ics_sequence}:{cause}",
        shared=meeting_context(meeting),
        registration=registration,
    )
