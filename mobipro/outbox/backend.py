"""Django's e-mail backend: mails of other packages (allauth: confirmations, passwords, codes) become rows, too."""

import logging
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from mobipro import mail
from mobipro.outbox import queue

log = logging.getLogger(__name__)

KIND = "account"  # its text holds one-time links and codes: delivery erases it once sent


class OutboxBackend(BaseEmailBackend):
    """Writes one row a recipient, with the highest priority."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """The number of mails written. An address that is none is logged and left out, never an error page."""
        number = 0
        with transaction.atomic():
            for email in email_messages:
                if email.attachments:
                    raise ValueError("Mails with attachments belong to outbox.queue.put().")
                number += sum(self._put(email, recipient) for recipient in email.recipients())
        return number

    def _put(self, email: EmailMessage, recipient: str) -> bool:
        html = [str(part.content) for part in getattr(email, "alternatives", []) if part.mimetype == "text/html"]
        headers = {
            name: str(value) for name, value in email.extra_headers.items() if name.lower() in mail.ALLOWED_HEADERS
        }
        try:
            queue.put(
                key=queue.random_key(KIND),
                kind=KIND,
                recipient=recipient,
                subject=str(email.subject),
                text=str(email.body),
                html=html[0] if html else "",
                headers=headers,
                sender=email.from_email,
                reply_to=email.reply_to[0] if email.reply_to else None,
                priority=0,
            )
        except ValueError as error:
            log.warning("A mail of another package was not written: %s", error)
            return False
        return True
