"""How long personal data stays. Every app registers its rules; the timetable and `manage.py retention` run them.

A rule is a queryset of what is past its time and a function that erases it. Erasing takes rows out of the queryset,
so a rule may run as often as it likes, and a dry run is its count.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

log = logging.getLogger(__name__)

_LAST: Final = "retention:last"


@dataclass(frozen=True)
class Rule:
    """`what` and `period` in German, for the page "Betrieb" and docs/operations.md."""

    key: str
    what: str
    period: str
    rows: Callable[[datetime], QuerySet]
    erase: Callable[[QuerySet], int]


@dataclass(frozen=True)
class Done:
    """What a rule did at `at`: `number` rows, or None when it failed."""

    rule: Rule
    number: int | None
    at: datetime | None


_rules: dict[str, Rule] = {}


def register(*rules: Rule) -> None:
    """An app does it in AppConfig.ready."""
    _rules.update({rule.key: rule for rule in rules})


def delete(rows: QuerySet) -> int:
    """Erase by deleting the rows; the number counts them without what hangs on them."""
    found: int = rows.delete()[1].get(rows.model._meta.label, 0)
    return found


def before(now: datetime, *, years: int = 0, days: int = 0) -> datetime:
    """The moment so many calendar years or days ago, on the clock in Berlin; 29 February counts as the 28th."""
    local = timezone.localtime(now) - timedelta(days=days)
    try:
        return local.replace(year=local.year - years)
    except ValueError:
        return local.replace(year=local.year - years, day=28)


def run(*, now: datetime | None = None, is_dry: bool = False) -> list[Done]:
    """Apply every rule, each in a transaction of its own; one that fails does not keep the others from theirs."""
    now = now or timezone.now()
    found = [_apply(rule, now, is_dry) for rule in _rules.values()]
    if not is_dry:
        cache.set(_LAST, {done.rule.key: (done.number, now) for done in found}, timeout=None)
    return found


def _apply(rule: Rule, now: datetime, is_dry: bool) -> Done:
    try:
        with transaction.atomic():
            rows = rule.rows(now)
            return Done(rule, rows.count() if is_dry else rule.erase(rows), now)
    except Exception:  # whatever it is, it is shown on the page "Betrieb"
        log.exception("The retention rule %s failed", rule.key)
        return Done(rule, None, now)


def last() -> list[Done]:
    """Every rule with its last run; `at` is None when it never ran."""
    known = cache.get(_LAST, {})
    return [Done(rule, *known.get(key, (None, None))) for key, rule in _rules.items()]
