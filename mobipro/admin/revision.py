"""Two editors of one record: the second is told, sees the other's values beside the own ones, and loses nothing.

A record that derives from `Dated` counts its saves in `revision`. The form carries the number it was loaded with;
it is compared under a lock on the row, inside the transaction in which the admin saves.
"""

from typing import Any

from django import forms
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format

FIELD = "seen_revision"


def is_revised(model: type[models.Model]) -> bool:
    return any(field.name == "revision" for field in model._meta.fields)


class RevisionForm(forms.ModelForm):
    """Adds the hidden number and its comparison to a model form of the admin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields[FIELD] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=self.instance.revision
            )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get(FIELD)
        if self.instance.pk and seen is not None:
            rows = type(self.instance)._base_manager.filter(pk=self.instance.pk)
            if transaction.get_connection(rows.db).in_atomic_block:
                rows = rows.select_for_update()
            current = rows.values_list("revision", flat=True).first()
            if current is not None and current != seen:
                self._tell(current)
        return cleaned

    def _tell(self, current: int) -> None:
        """Refuse once; the form comes back with the new number, so saving again is a decision."""
        self.instance.has_conflict = True
        self.data = self.data.copy()
        self.data[self.add_prefix(FIELD)] = str(current)
        self.add_error(None, conflict_text(self.instance))
        for name in self.changed_data:
            if name != FIELD and name in self.fields:
                self.add_error(name, saved_now(self, name))


def conflict_text(instance: models.Model) -> str:
    who, when = last_editor(instance)
    return (
        f"Diese Angaben wurden inzwischen von {who} geändert{when}. Ihre Eingaben stehen noch hier und sind nicht "
        "gespeichert. Bei jedem Feld, das abweicht, steht der gespeicherte Stand. Übernehmen Sie, was gelten soll, "
        "und speichern Sie noch einmal."
    )


def last_editor(instance: models.Model) -> tuple[str, str]:
    """Name and " (22.11.2026, 12:41 Uhr)" of the last save, as far as the record keeps a history."""
    history = getattr(instance, "history", None)
    newest = history.select_related("history_user").first() if history is not None else None
    if newest is None:
        return "einer anderen Person", ""
    moment = timezone.localtime(newest.history_date)
    who = str(newest.history_user) if newest.history_user else "einer anderen Person"
    return who, f" ({date_format(moment, 'd.m.Y, H:i')} Uhr)"


def saved_now(form: forms.BaseForm, name: str) -> str:
    """What stands in the database for this field, in words."""
    return f"Gespeichert ist jetzt: {in_words(form, name)}"


def in_words(form: forms.BaseForm, name: str) -> str:
    value = form.get_initial_for_field(form.fields[name], name)
    field = form.fields[name]
    if value is None or value == "" or value == []:
        return "(leer)"
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(str(row) for row in value) or "(leer)"
    if isinstance(field, forms.ModelChoiceField):
        row = field.queryset.filter(**{field.to_field_name or "pk": value}).first() if field.queryset else None
        return f"„{row or value}“"
    if isinstance(field, forms.ChoiceField):
        return f"„{dict(_flat(field.choices)).get(str(value), value)}“"
    widget = field.widget
    shown = widget.format_value(value) if not isinstance(widget, forms.MultiWidget) else None
    if shown is None:
        shown = date_format(timezone.localtime(value), "d.m.Y, H:i") if hasattr(value, "tzinfo") else value
    return f"„{shown}“"


def _flat(choices: Any) -> list[tuple[str, Any]]:
    """Choices as (value, label) pairs, groups opened."""
    pairs: list[tuple[str, Any]] = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            pairs.extend((str(inner), text) for inner, text in label)
        else:
            pairs.append((str(value), label))
    return pairs


def tell_rows(formset: forms.BaseFormSet) -> None:
    """After a conflict, show the saved values beside the own ones in the rows of an inline, too."""
    for form in formset.forms:
        if not getattr(form.instance, "pk", None):
            continue
        for name in form.changed_data:
            field = form.fields.get(name)
            if field is not None and not field.widget.is_hidden and name != "DELETE":
                form.add_error(name, saved_now(form, name))
