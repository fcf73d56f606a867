"""The network as the tables see it: loaded once, looked up by name, each record as plain values by column.

A value is what JSON can hold: texts, numbers, days as "2027-02-28", records by their id, several as a sorted list.
The same values serve the export, the comparison with a file, and what undoing puts back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from mobipro import search
from regions.contact_import.columns import PERSONEN, PROJEKTE, TRAEGER, Column, Kind, Sheet
from regions.models import (
    Cohort,
    ContactAssignment,
    ContactPerson,
    FederalState,
    OccupationalField,
    Organisation,
    Phase,
    Project,
    ProjectOrganisation,
    Region,
    SourceCountry,
    TrainingOccupation,
    User,
)

MODELS: dict[str, type[Any]] = {TRAEGER.key: Organisation, PROJEKTE.key: Project, PERSONEN.key: ContactPerson}
Role = ProjectOrganisation.Role
_SPECIAL = {"pk", "lead", "partners", "main_city", "main_state", "tasks"}


@dataclass
class Names:
    """Records of one kind: by id with their name, and by every name that means them."""

    names: dict[int, str] = field(default_factory=dict)
    ids: dict[str, set[int]] = field(default_factory=dict)

    def add(self, pk: int, name: str, *others: str) -> None:
        self.names[pk] = name
        for word in (name, *others):
            if plain := search.normalise(word):
                self.ids.setdefault(plain, set()).add(pk)

    def find(self, text: str) -> set[int]:
        """The ids that a text means: a name, or "#12" for the record with this number."""
        if text.startswith("#") and text[1:].isascii() and text[1:].isdigit() and len(text) < 12:
            return {int(text[1:])} & set(self.names)
        return self.ids.get(search.normalise(text), set())


class Book:
    """Everything the tables may name; a fixed number of queries, whatever the size of the network."""

    def __init__(self) -> None:
        self.records: dict[str, dict[int, Any]] = {
            TRAEGER.key: {row.pk: row for row in Organisation.objects.all()},
            PROJEKTE.key: {row.pk: row for row in _projects()},
            PERSONEN.key: {row.pk: row for row in _contacts()},
        }
        self.names: dict[str, Names] = {
            "organisations": _names(self.records[TRAEGER.key].values(), "name", "short_name"),
            "projects": _names(self.records[PROJEKTE.key].values(), "title"),
            "states": _names(FederalState.objects.all(), "name", "short_name", "iso_code"),
            "regions": _names(Region.objects.all(), "name", "code"),
            "phases": _names(Phase.objects.all(), "name"),
            "fields": _names(OccupationalField.objects.all(), "name"),
            "occupations": _names(TrainingOccupation.objects.all(), "name"),
            "countries": _names(SourceCountry.objects.all(), "name", "iso_code"),
            "cohorts": _names(Cohort.objects.all(), "year"),
        }

        self.logins = {email.casefold(): pk for pk, email in User.objects.values_list("pk", "email")}
        for project in self.records[PROJEKTE.key].values():
            leads = [row for row in project.project_organisations.all() if row.role == Role.LEAD]
            project.lead_id = leads[0].organisation_id if leads else None

    def values_of(self, sheet: Sheet, record: Any) -> dict[str, Any]:
        """The record's values by column."""
        values = {column.key: _value(record, column) for column in sheet.columns if column.key not in _SPECIAL}
        if sheet is PROJEKTE:
            parts = record.project_organisations.all()
            values["lead"] = record.lead_id
            values["partners"] = sorted(row.organisation_id for row in parts if row.role == Role.PARTNER)
            main = next((row for row in record.locations.all() if row.is_main), None)
            values["main_city"] = main.city if main else ""
            values["main_state"] = main.federal_state_id if main else None
        if sheet is PERSONEN:
            values["tasks"] = sorted(task_of(row) for row in record.assignments.all() if row.project_id)
        return values

    def text(self, column: Column, value: Any, sheet: Sheet) -> str:
        """A value as it stands in a cell."""
        if value is None or value == "" or value == []:
            return ""
        if column.kind == Kind.YES_NO:
            return "ja" if value else "nein"
        if column.kind == Kind.CHOICE:
            return str(dict(choices(sheet, column.key)).get(value, value))
        if column.kind == Kind.DATE:
            year, month, day = str(value).split("-")
            return f"{day}.{month}.{year}"
        if column.kind == Kind.ONE:
            return self._name(column.of, value)
        if column.kind == Kind.MANY:
            return "; ".join(sorted((self._name(column.of, one) for one in value), key=search.sort_key))
        if column.kind == Kind.TASKS:
            return "; ".join(self._task(task) for task in value)
        return str(value)

    def _name(self, of: str, value: Any) -> str:
        """The name, with the number where several have it."""
        if isinstance(value, str):
            return value.partition("|")[2]  # a row of the same file
        names = self.names[of]
        name = names.names.get(value, f"#{value}")
        is_only = len(names.find(name)) == 1 and ";" not in name
        return name if is_only else f"#{value}"

    def _task(self, task: list[Any]) -> str:
        project, function, is_primary, is_deputy = task
        words = [str(ContactAssignment.Function(function).label)]
        words += ["Hauptkontakt"] if is_primary else []
        words += ["Vertretung"] if is_deputy else []
        return f"{self._name('projects', project)} ({', '.join(words)})"


def task_of(row: ContactAssignment) -> list[Any]:
    return [row.project_id, row.function, row.is_primary, row.is_deputy]


def _value(record: Any, column: Column) -> Any:
    if column.kind == Kind.MANY:
        return sorted(row.pk for row in getattr(record, column.key).all())
    if column.kind == Kind.ONE:
        return getattr(record, f"{column.key}_id")
    value = getattr(record, column.key)
    return value.isoformat() if column.kind == Kind.DATE and value is not None else value


def _names(rows: Iterable[Any], *fields: str) -> Names:
    names = Names()
    for row in rows:
        names.add(row.pk, *(str(getattr(row, name)) for name in fields))
    return names


def _projects() -> Any:
    many = ("cohorts", "occupational_fields", "training_occupations", "source_countries")
    return Project.objects.prefetch_related("project_organisations", "locations", *many)


def _contacts() -> Any:
    valid = Prefetch("assignments", queryset=ContactAssignment.objects.valid())
    return ContactPerson.objects.select_related("organisation").prefetch_related(valid)


def choices(sheet: Sheet, key: str) -> list[tuple[str, str]]:
    """The stored words of a column of choices with those that people read."""
    return [(str(value), str(label)) for value, label in MODELS[sheet.key]._meta.get_field(key).choices]
