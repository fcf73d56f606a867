"""The mails about a meeting, one function each. Call them inside the job's transaction."""

from meetings.emails.base import (
    BULK_PRIORITY,
    CONFIRM_PRIORITY,
    LINK_PURPOSE,
    has_entry,
    invitation_of,
    meeting_context,
    personal_link,
    render,
    sender_of,
    thread_of,
    threads_of,
)
from meetings.emails.circulars import circular
from meetings.emails.invitation import (
    CHANGE_TEMPLATES,
    cancellation,
    change,
    confirmation,
    counter_declined,
    invitation,
    reminder,
    save_the_date,
    seat_news,
    seat_offer,
    withdrawn,
)
from meetings.emails.requests import (
    new_link,
    request_declined,
    request_received,
)

__all__ = [
    "BULK_PRIORITY",
    "CHANGE_TEMPLATES",
    "CONFIRM_PRIORITY",
    "LINK_PURPOSE",
    "cancellation",
    "change",
    "circular",
    "confirmation",
    "counter_declined",
    "has_entry",
    "invitation",
    "invitation_of",
    "meeting_context",
    "new_link",
    "personal_link",
    "reminder",
    "render",
    "request_declined",
    "request_received",
    "save_the_date",
    "seat_news",
    "seat_offer",
    "sender_of",
    "thread_of",
    "threads_of",
    "withdrawn",
]
