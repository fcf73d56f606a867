"""Job: school holidays from a file, first shown, then put in place of what the same source said before.

A file replaces only what came from its own source, for its own Länder and years; what another source said stays,
unless the person wants it replaced.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from mobipro.files import safe_name
from regions import holiday_files
from regions.holiday_files import HolidayFile, HolidayFileError, Period
from regions.models import BlockedPeriod, FederalState, ImportRun

REPOSITORY_FILE = Path(__file__).parent / "data" / "school_holidays.json"
KIND = BlockedPeriod.Kind.SCHOOL_HOLIDAY


class HolidayImportError(Exception):
    """The step is not possible; the German text says what to do."""


class ResultChanged(HolidayImportError):
    """What would happen now is not what was shown: look again."""

    def __init__(self) -> None:
        super().__init__("Die Sperrzeiten haben sich inzwischen geändert. Prüfen Sie das neue Ergebnis.")


@dataclass
class LandYear:
    """What the file does to one Land's holidays of one year."""

    state: FederalState
    year: int
    added: list[Period] = field(default_factory=list)
    kept: list[BlockedPeriod] = field(default_factory=list)
    removed: list[BlockedPeriod] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)  # periods of other sources that stay

    @property
    def words(self) -> str:
        if not self.added and not self.removed:
            return "unverändert"
        return "ersetzt" if self.removed else "neu" if not self.kept else "ergänzt"


@dataclass
class HolidayPlan:
    """Everything a run would do, Land by Land."""

    rows: list[LandYear]
    fingerprint: str

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": sum(len(row.added) for row in self.rows),
            "unchanged": sum(len(row.kept) for row in self.rows),
            "removed": sum(len(row.removed) for row in self.rows),
        }


@transaction.atomic
def upload(
    *,
    name: str,
    content: bytes,
    land: str,
    source: str,
    licence: str,
    replace_others: bool,
    by: Any,
) -> ImportRun:
    """Read a file and keep what it says, without any effect yet. Raises HolidayFileError.

    `source` and `licence` are taken from the file where the person named none.
    """
    found = holiday_files.read(content, land)
    source, licence = source or found.source, licence or found.licence
    if not source:
        raise HolidayImportError("Nennen Sie die Quelle, zum Beispiel „Kultusministerium Bayern“.")
    run = ImportRun(
        kind=ImportRun.Kind.SCHOOL_HOLIDAYS,
        file_name=safe_name(name)[:120],
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        rows={
            "source": source,
            "licence": licence,
            "replace_others": replace_others,
            "errors": found.errors,
            "periods": [
                [row.place, row.land, row.name, row.starts_on.isoformat(), row.ends_on.isoformat()]
                for row in found.periods
            ],
        },
    )
    run.counts = {**plan(run).counts, "errors": len(found.errors)}
    run.save()
    return run


def plan(run: ImportRun) -> HolidayPlan:
    """What applying the run would do now; three queries."""
    periods = [
        Period(place, land, name, date.fromisoformat(start), date.fromisoformat(end))
        for place, land, name, start, end in run.rows["periods"]
    ]
    return _plan(periods, run.rows["source"], bool(run.rows["replace_others"]))


def _plan(periods: Iterable[Period], source: str, replace_others: bool) -> HolidayPlan:
    states = {state.iso_code[3:]: state for state in FederalState.objects.all()}
    wanted: dict[tuple[str, int], list[Period]] = {}
    for row in periods:
        wanted.setdefault((row.land, row.starts_on.year), []).append(row)
    stored: dict[tuple[str, int], list[BlockedPeriod]] = {}
    known = BlockedPeriod.objects.filter(kind=KIND, federal_state__isnull=False).select_related("federal_state")
    for period in known.filter(starts_on__year__in={year for _, year in wanted}).order_by("starts_on", "pk"):
        stored.setdefault((period.federal_state.iso_code[3:], period.starts_on.year), []).append(period)  # type: ignore[union-attr]
    rows = [
        _compare(LandYear(states[land], year), new, stored.get((land, year), []), source, replace_others)
        for (land, year), new in wanted.items()
        if land in states
    ]
    rows.sort(key=lambda row: (row.state.sort_key, row.year))
    seen = [
        [row.state.iso_code, row.year, [_key(new) for new in row.added], [old.pk for old in row.removed]]
        for row in rows
    ]
    return HolidayPlan(rows, hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:32])


def _key(row: Period | BlockedPeriod) -> tuple[str, str, str]:
    return row.name, row.starts_on.isoformat(), row.ends_on.isoformat()


def _compare(row: LandYear, new: list[Period], old: list[BlockedPeriod], source: str, replace_others: bool) -> LandYear:
    """Sort one Land's year into what stays, what comes and what goes."""
    wanted = {_key(period): period for period in new}
    for period in old:
        if period.source == source and _key(period) in wanted:
            row.kept.append(period)
            del wanted[_key(period)]
        elif period.source == source or replace_others:
            row.removed.append(period)
        else:
            label = period.source or "ohne Quelle"
            row.others[label] = row.others.get(label, 0) + 1
    row.added = sorted(wanted.values(), key=lambda period: period.starts_on)
    return row


@transaction.atomic
def apply(*, run: ImportRun, fingerprint: str, by: Any) -> dict[str, int]:
    """Do what the page with this fingerprint showed; gives the numbers.

    Raises HolidayImportError when the run is no longer waiting, ResultChanged when it would do something else now.
    """
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    if not locked.is_waiting:
        raise HolidayImportError("Diese Datei ist schon übernommen oder abgelaufen. Laden Sie sie neu hoch.")
    current = plan(locked)
    if current.fingerprint != fingerprint:
        raise ResultChanged
    for row in current.rows:
        _write(row, locked.rows["source"], locked.rows["licence"])
    locked.state, locked.applied_at, locked.applied_by = ImportRun.State.APPLIED, timezone.now(), by
    locked.counts = {**current.counts, "errors": len(locked.rows["errors"])}
    locked.rows = {}
    locked.save()
    return current.counts


def _write(row: LandYear, source: str, licence: str) -> None:
    for gone in row.removed:
        gone.delete()
    for new in row.added:
        BlockedPeriod(
            federal_state=row.state,
            kind=KIND,
            name=new.name,
            starts_on=new.starts_on,
            ends_on=new.ends_on,
            source=source,
            licence=licence,
        ).save()


# --- the file in the repository ------------------------------------------------------------------
@cache
def repository_file() -> HolidayFile:
    """The school holidays that come with the portal, with source and licence."""
    found = holiday_files.read(REPOSITORY_FILE.read_bytes())
    if found.errors:
        raise HolidayFileError(f"{REPOSITORY_FILE.name}: {found.errors[0]}")
    return found


@transaction.atomic
def load_repository_file() -> int:
    """Fill the Länder and years of which nobody entered anything yet; gives the number of new periods."""
    found = repository_file()
    number = 0
    for row in _plan(found.periods, found.source, replace_others=False).rows:
        if row.kept or row.others or row.removed:
            continue
        _write(row, found.source, found.licence)
        number += len(row.added)
    return number
