"""Put values into one record: used by taking a file over, and by taking it back. Every save is in the history."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from mobipro import search
from regions import accounts
from regions.contact_import.columns import PERSONEN, PROJEKTE, Kind, Sheet
from regions.models import ContactAssignment, ContactPerson, Organisation, Project, ProjectLocation, ProjectOrganisation

Role = ProjectOrganisation.Role
_SLUG_LENGTH = 100


class Writer:
    """Writes with one person and one reason; `resolve` turns a row of the file into the id of its record."""

    def __init__(self, *, by: Any, reason: str, resolve: Callable[[Any], Any] = lambda value: value) -> None:
        self.by, self.reason, self.resolve = by, reason, resolve

    def write(self, sheet: Sheet, record: Any, values: dict[str, Any], *, exact: bool = False) -> None:
        """Set the values by column and save; with `exact` the tasks become exactly those given."""
        many: dict[str, list[int]] = {}
        old_email = record.email if sheet is PERSONEN else ""
        for key, value in values.items():
            column = sheet.column(key)
            if key in ("lead", "partners", "main_city", "main_state", "tasks"):
                continue
            if column.kind == Kind.MANY:
                many[key] = value
            elif column.kind == Kind.ONE:
                setattr(record, f"{key}_id", self.resolve(value))
            else:
                setattr(record, key, value)
        if hasattr(record, "slug") and not record.slug:
            record.slug = free_slug(
                type(record), getattr(record, "short_name", "") or getattr(record, "name", "") or record.title
            )
        if sheet is PERSONEN and record.email != old_email:
            record.bounced_at = None
        self._save(record)
        for key, ids in many.items():
            getattr(record, key).set(ids)
        if sheet is PROJEKTE:
            self._parties(record, values)
            self._main_location(record, values)
        if sheet is PERSONEN:
            self._tasks(record, values, exact)
            self._login(record)

    def _save(self, record: Any) -> None:
        # Read back what a file said as text: days and numbers in their types, everything within its limits.
        record.full_clean(validate_unique=False, validate_constraints=False, exclude=["slug"])
        record._history_user, record._change_reason = self.by, self.reason[:100]
        record.save()

    def _login(self, person: ContactPerson) -> None:
        """A changed address changes the login too."""
        if person.user and person.user.email.casefold() != person.email.casefold():
            accounts.change_email(user=person.user, email=person.email, by=self.by)

    def _parties(self, project: Project, values: dict[str, Any]) -> None:
        """The leading Träger first: it may have been a partner."""
        wanted: dict[int, str] = {}
        rows = {row.organisation_id: row for row in project.project_organisations.all()}
        for row in rows.values():
            wanted[row.organisation_id] = row.role
        if "partners" in values:
            wanted = {pk: role for pk, role in wanted.items() if role == Role.LEAD}
            wanted.update({self.resolve(value): Role.PARTNER for value in values["partners"]})
        if values.get("lead"):
            wanted = {pk: role for pk, role in wanted.items() if role != Role.LEAD}
            wanted[self.resolve(values["lead"])] = Role.LEAD
        for pk, row in rows.items():
            if wanted.get(pk) != row.role:
                row.delete()
        for pk, role in wanted.items():
            if pk not in rows or rows[pk].role != role:
                ProjectOrganisation(project=project, organisation_id=pk, role=role).save()

    def _main_location(self, project: Project, values: dict[str, Any]) -> None:
        if "main_city" not in values and "main_state" not in values:
            return
        main = project.locations.filter(is_main=True).first() or ProjectLocation(project=project, is_main=True)
        main.city = values.get("main_city", main.city)
        main.federal_state_id = values.get("main_state", main.federal_state_id)
        if main.city and main.federal_state_id:
            main.save()
        elif main.pk:
            main.delete()

    def _tasks(self, person: ContactPerson, values: dict[str, Any], exact: bool) -> None:
        if "tasks" not in values:
            return
        rows = {
            (row.project_id, row.function): row
            for row in ContactAssignment.objects.valid().filter(contact=person, project__isnull=False)
        }
        wanted = {(self.resolve(project), function): flags for project, function, *flags in values["tasks"]}
        for key, (is_primary, is_deputy) in wanted.items():
            row = rows.get(key) or ContactAssignment(
                contact=person, project_id=key[0], function=key[1], valid_from=timezone.localdate()
            )
            if row.pk is None or (row.is_primary, row.is_deputy) != (is_primary, is_deputy):
                row.is_primary, row.is_deputy = is_primary, is_deputy
                row.save()
        for key, row in rows.items():
            if exact and key not in wanted:
                row.delete()


def _words_for_address(record: Organisation | Project) -> str:
    return record.title if isinstance(record, Project) else record.short_name or record.name


def free_slug(model: type[Organisation] | type[Project], text: str) -> str:
    """An address of the record's page that no other record has."""
    wanted = search.normalise(text).replace(" ", "-")[:_SLUG_LENGTH].strip("-") or "eintrag"
    taken = set(model._default_manager.filter(slug__startswith=wanted).values_list("slug", flat=True))
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
