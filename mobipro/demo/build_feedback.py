"""What people said about the newest regional meeting that was held, after they were thanked: fourteen invented answers.

Each row of feedback.json: four marks in the order of the questions ("-": none), the day after the meeting, the house.
"""

from datetime import date, timedelta

from django.utils import timezone

from meetings.models import FeedbackResponse, Mailing, Meeting
from meetings.models.feedback import QUESTIONS, TEXTS
from mobipro import search
from mobipro.demo.texts import load
from mobipro.outbox.models import OutboxMessage, State


def build(today: date, meetings: list[Meeting]) -> None:
    """The answers of feedback.json; none of a day that is still to come."""
    held = [row for row in meetings if row.status == Meeting.Status.HELD and row.kind == Meeting.Kind.REGIONAL]
    if not held:
        return
    meeting = max(held, key=lambda row: row.starts_at or timezone.now())
    _thank(meeting)
    start = timezone.localtime(meeting.starts_at).date()
    FeedbackResponse.objects.bulk_create(
        FeedbackResponse(
            meeting=meeting,
            submitted_on=min(start + timedelta(days=row["day"]), today),
            organisation_kind=row["kind"],
            **{name: int(mark) for name, mark in zip(QUESTIONS, row["marks"], strict=True) if mark != "-"},
            **{name: row[name] for name in TEXTS if name in row},
        )
        for row in load("feedback")
    )


def _thank(meeting: Meeting) -> None:
    """The mails that went out in the evening; their text is short, they are not sent again."""
    sent_at = (meeting.ends_at or timezone.now()) + timedelta(hours=2)
    people = [
        row.invitation
        for row in meeting.attendances.present().exclude(invitation=None).select_related("invitation")
        if row.invitation is not None
    ]
    mailing = Mailing(meeting=meeting, kind=Mailing.Kind.THANKS, not_before=sent_at, recipient_count=len(people))
    mailing.save()
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            key=f"demo:thanks:{meeting.pk}:{row.email}",
            kind=mailing.kind,
            state=State.SENT,
            recipient=row.email,
            recipient_name=row.name,
            sender="MobiPro-EU Vernetzung <vernetzung@example.org>",
            subject=f"Danke für Ihre Teilnahme: {meeting.title}",
            text=f"{row.greeting},\n\nvielen Dank, dass Sie dabei waren.\n",
            search_text=search.normalise(f"{row.name} {row.email} {meeting.title}"),
            group=mailing.group,
            thread=f"meeting:{meeting.pk}:{row.email}",
            reference=f"meetings.Invitation:{row.pk}",
            relay_reply="250 2.0.0 Ok: angenommen (Demowelt)",
            not_before=sent_at,
            sent_at=sent_at,
            attempts=1,
        )
        for row in people
    )
