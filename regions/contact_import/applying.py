"""Jobs: keep a checked file, take it over as shown, take it back as far as nobody changed the records since."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from mobipro.files import safe_name
from regions.accounts import AccountError
from regions.contact_import import checking, reading
from regions.contact_import.book import MODELS, Book
from regions.contact_import.checking import CHANGED, DUPLICATE, NEW, UNCHANGED, USE, Item, Plan
from regions.contact_import.columns import BY_KEY
from regions.contact_import.writing import Writer
from regions.models import ImportRun


class ImportRefused(Exception):
    """The step is not possible; the German text says what to do."""


class ResultChanged(ImportRefused):
    """What would happen now is not what was shown: look again."""

    def __init__(self) -> None:
        super().__init__(
            "Die Daten im Portal haben sich inzwischen geändert. Es wurde nichts übernommen. "
            "Prüfen Sie das neue Ergebnis und übernehmen Sie es dann."
        )


@transaction.atomic
def upload(*, name: str, content: bytes, by: Any) -> ImportRun:
    """Read a workbook and keep what it says, without any effect yet. Raises WorkbookError."""
    found = reading.read(content)
    run = ImportRun(
        kind=ImportRun.Kind.NETWORK,
        file_name=safe_name(name)[:120],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=found.as_json(),
        uploaded_by=by,
    )
    run.counts = checking.check(found).counts
    run.save()
    return run


def plan(run: ImportRun) -> Plan:
    """What taking the run over would do now."""
    return checking.check(reading.Content.from_json(run.rows))


@transaction.atomic
def apply(*, run: ImportRun, fingerprint: str, decisions: Mapping[str, str], by: Any) -> dict[str, int]:
    """Do in one transaction what the page with this fingerprint showed; `decisions` are those on duplicates.

    Rows with errors stay out. Raises ImportRefused when the run is no longer waiting or the database refuses a row,
    ResultChanged when something else would happen now.
    """
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    if not locked.is_waiting:
        raise ImportRefused("Diese Tabelle ist schon übernommen oder abgelaufen. Laden Sie sie neu hoch.")
    for model in MODELS.values():  # nobody changes a record between comparing and writing
        list(model._default_manager.select_for_update().order_by("pk").values_list("pk"))
    book = Book()
    current = checking.check(reading.Content.from_json(locked.rows), book)
    if current.fingerprint != fingerprint:
        raise ResultChanged
    effects = _Taking(locked, current, decisions, book, by).run()
    made = sum(effect["created"] for effect in effects)
    locked.counts = {**current.counts, "new": made, "changed": len(effects) - made}
    locked.effects, locked.rows = effects, {}
    locked.state, locked.applied_at, locked.applied_by = ImportRun.State.APPLIED, timezone.now(), by
    locked.save()
    return locked.counts


class _Taking:
    """One run being taken over: remembers which row became which record."""

    def __init__(self, run: ImportRun, plan: Plan, decisions: Mapping[str, str], book: Book, by: Any) -> None:
        self.plan, self.decisions, self.book = plan, decisions, book
        self.ids: dict[str, int] = {}
        self.writer = Writer(by=by, reason=f"Tabelle {run}", resolve=self._resolve)

    def _resolve(self, value: Any) -> Any:
        """The id behind a reference: "traeger:7|Name" is what row 7 became."""
        return self.ids[value.partition("|")[0]] if isinstance(value, str) else value

    def run(self) -> list[dict[str, Any]]:
        effects = []
        for item in self.plan.items:
            wanted = self._wanted(item)
            if item.duplicate and wanted != NEW:
                self.ids[item.key] = item.duplicate.pk
            elif item.pk:
                self.ids[item.key] = item.pk
            if wanted in (NEW, CHANGED):
                effects.append(self._take(item, is_new=wanted == NEW))
        return effects

    def _wanted(self, item: Item) -> str:
        """What happens to a row; a duplicate without a decision is left out."""
        if item.action != DUPLICATE:
            return item.action
        choice = self.decisions.get(item.key, "")
        allowed = [value for value, _words in item.decisions]
        if choice not in allowed:
            return UNCHANGED
        if choice == USE:
            return CHANGED if item.changes else UNCHANGED
        return NEW if choice == NEW else UNCHANGED

    def _take(self, item: Item, *, is_new: bool) -> dict[str, Any]:
        model, key = MODELS[item.sheet.key], item.sheet.key
        record = model() if is_new else self.book.records[key][self.ids[item.key]]
        changed = {change.heading for change in item.changes}
        keys = [c.key for c in item.sheet.columns if c.key in item.values and (is_new or c.heading in changed)]
        before = {} if is_new else _before(self.book.values_of(item.sheet, record), keys)
        try:
            with transaction.atomic():
                self.writer.write(item.sheet, record, {name: item.values[name] for name in keys})
        except (IntegrityError, AccountError) as error:
            raise ImportRefused(f"{item.place}: Diese Zeile lässt sich nicht speichern. Prüfen Sie sie.") from error
        except ValidationError as error:
            raise ImportRefused(f"{item.place}: {'; '.join(error.messages)}") from error
        self.ids[item.key] = record.pk
        return {
            "sheet": key,
            "pk": record.pk,
            "label": item.label,
            "created": is_new,
            "before": before,
            "revision": record.revision,
        }


#: Columns that belong together: putting one back needs the other.
_PAIRS = (("lead", "partners"), ("main_city", "main_state"))


def _before(values: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """What undoing puts back: the old values of what changes."""
    wanted = set(keys)
    for pair in _PAIRS:
        if wanted & set(pair):
            wanted |= set(pair)
    return {key: values[key] for key in values if key in wanted}


# --- taking it back ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Left:
    """A record that undoing left as it is, and why."""

    label: str
    why: str

    def __str__(self) -> str:
        return f"{self.label}: {self.why}"


@transaction.atomic
def undo(*, run: ImportRun, by: Any) -> list[Left]:
    """Put back what the run changed and delete what it made, the last first; gives what was left and why.

    A record that somebody saved since stays as it is now; so does a new one that something else refers to by now.
    Raises ImportRefused when there is nothing to take back.
    """
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    if not locked.can_be_undone:
        raise ImportRefused("Diese Tabelle lässt sich nicht mehr rückgängig machen.")
    writer = Writer(by=by, reason=f"Rückgängig: Tabelle {locked}")
    left = []
    for effect in reversed(locked.effects):
        why = _take_back(effect, writer)
        if why:
            left.append(Left(effect["label"], why))
    locked.state, locked.undone_at, locked.undone_by = ImportRun.State.UNDONE, timezone.now(), by
    locked.counts = {**locked.counts, "left": len(left)}
    locked.effects = []
    locked.save()
    return left


def _take_back(effect: dict[str, Any], writer: Writer) -> str:
    """Why the record stays as it is; empty when it was put back."""
    sheet, model = BY_KEY[effect["sheet"]], MODELS[effect["sheet"]]
    record = model._default_manager.select_for_update().filter(pk=effect["pk"]).first()
    if record is None:
        return "gibt es nicht mehr"
    if record.revision != effect["revision"]:
        return "wurde seitdem geändert"
    try:
        with transaction.atomic():
            if not effect["created"]:
                writer.write(sheet, record, effect["before"], exact=True)
            elif used := users_of(record):
                return f"wird inzwischen verwendet ({', '.join(used)})"
            else:
                record._history_user, record._change_reason = writer.by, writer.reason[:100]
                record.delete()
    except (IntegrityError, models.ProtectedError, AccountError, ValidationError):
        return "wird inzwischen verwendet"
    return ""


#: What belongs to a record itself and goes with it.
_OWN = {"project_organisations", "locations", "assignments", "contact_assignments"}


def users_of(record: models.Model) -> list[str]:
    """Kinds of records that refer to this one, in words; its own parts and histories do not count."""
    found = []
    for relation in record._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and relation.is_relation):
            continue
        model, field = relation.related_model, relation.field  # type: ignore[union-attr]
        if relation.name in _OWN and not _is_foreign(record, relation.name):
            continue
        if model is None or isinstance(model, str) or model.__name__.startswith("Historical"):
            continue
        if getattr(relation, "through", None) is not None or model._meta.auto_created:
            continue
        if model._base_manager.filter(**{field.name: record}).exists():
            found.append(str(model._meta.verbose_name_plural))
    return sorted(set(found))


def _is_foreign(record: models.Model, name: str) -> bool:
    """An organisation's projects and a project's people are no parts of it."""
    return (record._meta.model_name, name) in {
        ("organisation", "project_organisations"),
        ("organisation", "contact_assignments"),
        ("project", "contact_assignments"),
    }
