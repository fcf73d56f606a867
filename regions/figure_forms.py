"""The form behind a project's personal link: its figures, and optionally how they divide by country and field."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from regions.forms import ReceiptFormMixin
from regions.models import FigureRequest, OccupationalField, ParticipantFigure, SourceCountry

MOST = 9_999
NOW = ("in_preparation", "in_internship", "in_training")
OVER = ("completed", "dropped_out")
LABELS = {
    "in_preparation": "in Vorbereitung (im Herkunftsland oder im Sprachkurs)",
    "in_internship": "im Praktikum",
    "in_training": "in Ausbildung",
    "completed": "Ausbildung abgeschlossen",
    "dropped_out": "ausgeschieden",
}
EXTRA = 2  # further countries and fields besides the project's own


class CountField(forms.IntegerField):
    """A number of people; its errors say what to do."""

    def __init__(self, label: str, *, required: bool = True) -> None:
        super().__init__(
            label=label,
            min_value=0,
            max_value=MOST,
            required=required,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "6"}),
            error_messages={
                "required": "Tragen Sie eine Zahl ein, auch wenn es 0 ist.",
                "invalid": "Tragen Sie eine ganze Zahl ein, zum Beispiel 12.",
                "min_value": "Tragen Sie 0 oder eine größere Zahl ein.",
                "max_value": f"Prüfen Sie die Zahl: Möglich sind höchstens {MOST}.",
            },
        )

    def to_python(self, value: Any) -> int | None:
        # A number with hundreds of digits is refused before it is read.
        if isinstance(value, str) and len(value.strip()) > 9:
            raise forms.ValidationError(self.error_messages["max_value"], code="max_value")
        return super().to_python(value)


class FigureForm(ReceiptFormMixin):
    """Filled with the last report, or with what was reported for this day already."""

    mark_optional = False

    def __init__(self, data: Any = None, *, request: FigureRequest, last: ParticipantFigure | None) -> None:
        super().__init__(data)
        for name in (*NOW, *OVER):
            self.fields[name] = CountField(LABELS[name])
            self.initial[name] = getattr(last, name) if last else None
        rows = list(last.rows.all()) if last else []
        project = request.project
        countries = {row.pk: row for row in project.source_countries.all()}
        countries |= {row.source_country.pk: row.source_country for row in rows if row.source_country}
        fields = {row.pk: row for row in project.occupational_fields.all()}
        fields |= {row.occupational_field.pk: row.occupational_field for row in rows if row.occupational_field}
        self.countries = self._rows("land", countries, {row.source_country_id: row.number for row in rows})
        self.occupations = self._rows("feld", fields, {row.occupational_field_id: row.number for row in rows})
        self._extra("land", "weiteres Herkunftsland", SourceCountry.objects.exclude(pk__in=countries))
        self._extra("feld", "weiteres Berufsfeld", OccupationalField.objects.exclude(pk__in=fields))

    def _rows(self, prefix: str, records: dict[int, Any], numbers: dict[Any, int]) -> dict[str, int]:
        """A field for each of the project's own countries (fields); gives their names with the records' ids."""
        names = {}
        for pk, record in records.items():
            name = f"{prefix}-{pk}"
            self.fields[name] = CountField(str(record), required=False)
            self.initial[name] = numbers.get(pk)
            names[name] = pk
        return names

    def _extra(self, prefix: str, label: str, queryset: Any) -> None:
        for number in range(1, EXTRA + 1):
            choice = forms.ModelChoiceField(
                label=f"{label} {number}",
                queryset=queryset,
                required=False,
                empty_label="keines",
                error_messages={"invalid_choice": "Wählen Sie etwas aus der Liste."},
            )
            self.fields[f"{prefix}-wahl-{number}"] = choice
            self.fields[f"{prefix}-zahl-{number}"] = CountField(f"Anzahl zu „{label} {number}“", required=False)

    # --- parts of the page -----------------------------------------------------------------------
    def _bound(self, *names: str) -> list[BoundField]:
        return [self[name] for name in names]

    def now_fields(self) -> list[BoundField]:
        return self._bound(*NOW)

    def over_fields(self) -> list[BoundField]:
        return self._bound(*OVER)

    def country_fields(self) -> list[BoundField]:
        return self._bound(*self.countries, *self._extra_names("land"))

    def occupation_fields(self) -> list[BoundField]:
        return self._bound(*self.occupations, *self._extra_names("feld"))

    @staticmethod
    def _extra_names(prefix: str) -> Iterator[str]:
        for number in range(1, EXTRA + 1):
            yield from (f"{prefix}-wahl-{number}", f"{prefix}-zahl-{number}")

    @property
    def has_rows(self) -> bool:
        """Whether the optional part has something in it; then it stands open."""
        names = [*self.countries, *self.occupations, *self._extra_names("land"), *self._extra_names("feld")]
        return any(self[name].value() not in (None, "") for name in names)

    # --- checks ----------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if any(name not in cleaned for name in NOW):
            return cleaned
        total = sum(cleaned[name] for name in NOW)
        self._add_up("land", self.countries, total, "Die Herkunftsländer")
        self._add_up("feld", self.occupations, total, "Die Berufsfelder")
        return cleaned

    def _add_up(self, prefix: str, own: dict[str, int], total: int, what: str) -> None:
        rows = self.rows(prefix, own)
        filled = [name for name in own if self.cleaned_data.get(name)]
        first = filled[0] if filled else f"{prefix}-wahl-1"
        if rows is not None and any(rows.values()) and sum(rows.values()) != total:
            self.add_error(
                first,
                f"{what} ergeben zusammen {sum(rows.values())}, im Projekt sind {total} junge Menschen (Vorbereitung, "
                "Praktikum und Ausbildung). Gleichen Sie die Zahlen an oder lassen Sie diesen Teil leer.",
            )

    def rows(self, prefix: str, own: dict[str, int]) -> dict[int, int] | None:
        """Number by id of the record; None when a field of this part is wrong."""
        found = {pk: self.cleaned_data.get(name) or 0 for name, pk in own.items()}
        for number in range(1, EXTRA + 1):
            choice, count = self.cleaned_data.get(f"{prefix}-wahl-{number}"), f"{prefix}-zahl-{number}"
            given = self.cleaned_data.get(count)
            if choice is not None and given is None and count not in self.errors:
                self.add_error(count, "Tragen Sie die Anzahl ein.")
            elif choice is None and given:
                self.add_error(f"{prefix}-wahl-{number}", "Wählen Sie aus, wozu diese Anzahl gehört.")
            elif choice is not None:
                found[choice.pk] = found.get(choice.pk, 0) + (given or 0)
        wrong = any(name in self.errors for name in [*own, *self._extra_names(prefix)])
        return None if wrong else found

    @property
    def numbers(self) -> dict[str, int]:
        """The five figures; after is_valid()."""
        return {name: self.cleaned_data[name] for name in (*NOW, *OVER)}
