"""The last question before a mail goes out, answered by the app that wrote it ("still invited?").

Apps register one function per kind of mail in AppConfig.ready; the outbox itself knows no app.
"""

from collections.abc import Callable

from mobipro.outbox.models import OutboxMessage

Check = Callable[[OutboxMessage], str | None]
_checks: dict[str, Check] = {}


def register(kind: str, function: Check) -> None:
    """`function(message)` gives None (send) or the reason in German why the mail is withdrawn.

    Raises ValueError when another function already answers for this kind.
    """
    if _checks.setdefault(kind, function) is not function:
        raise ValueError(f"Two checks for mails of the kind {kind!r}")


def reason_against(message: OutboxMessage) -> str | None:
    """Why this mail must not go out any more; None when it may."""
    check = _checks.get(message.kind)
    return check(message) if check else None
