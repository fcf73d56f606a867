"""How long mails are kept: the row stays, so that nothing is ever sent twice; what it said does not."""

from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from mobipro import retention, search
from mobipro.outbox.models import OutboxMessage, State

ERASED: Final = "gelöscht"  # instead of a calendar part: that the person got an entry still counts
ERASED_TEXT: Final = "Der Text dieser Mail wurde zwölf Monate nach dem Versand gelöscht."
_CONTENT = ~Q(text="") | ~Q(html="") | ~Q(recipient_name="") | ~Q(calendar__in=["", ERASED])


def register() -> None:
    retention.register(
        retention.Rule("mails", "Gesendete Mails: Text, Kalenderteil, Name", "12 Monate nach dem Versand", _old, _empty)
    )


def _old(now: datetime) -> QuerySet[OutboxMessage]:
    """Sent or withdrawn a year ago. Failed and unclear ones keep theirs: a person may still send them again."""
    limit = retention.before(now, years=1)
    over = Q(state=State.SENT, sent_at__lte=limit) | Q(state=State.WITHDRAWN, created_at__lte=limit)
    return OutboxMessage.objects.filter(over, _CONTENT)


def _empty(rows: QuerySet[OutboxMessage]) -> int:
    """Recipient, subject, state, times and the relay's words stay: who got what, and when."""
    found = list(rows.only("recipient", "subject", "calendar"))
    for message in found:
        message.text = message.html = message.recipient_name = ""
        message.calendar = ERASED if message.calendar else ""
        message.search_text = search.normalise(f"{message.recipient} {message.subject}")
    names = ["text", "html", "recipient_name", "calendar", "search_text"]
    return OutboxMessage.objects.bulk_update(found, names, batch_size=200)
