"""Kinds of mails whose recipients are no business of the office: only administrators find them in the Postausgang.

Apps register their kinds in AppConfig.ready; the outbox itself knows no app.
"""

_kinds: set[str] = set()


def keep_private(*kinds: str) -> None:
    """Mails of these kinds go to people who gave their address for nothing but them."""
    _kinds.update(kinds)


def private_kinds() -> frozenset[str]:
    return frozenset(_kinds)
