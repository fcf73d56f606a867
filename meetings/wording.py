"""Jobs: keep the coordination's own text of a kind of mail, or go back to the standard text."""

from typing import Any

from django.db import transaction

from meetings import history
from meetings.models import MailText


@transaction.atomic
def keep(*, text: MailText, by: Any) -> MailText:
    """Save a checked text; mails already in the Postausgang keep their words."""
    history.save(text, by=by, reason="Mailtext geändert" if text.pk else "Eigener Mailtext")
    return text


@transaction.atomic
def restore(*, text: MailText, by: Any) -> None:
    """Delete the own text: the standard text is sent again. The history keeps what was written."""
    text._history_user = by if getattr(by, "pk", None) else None  # type: ignore[attr-defined]
    text._change_reason = "Standardtext wiederhergestellt"  # type: ignore[attr-defined]
    text.delete()
