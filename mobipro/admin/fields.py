"""Form fields of the work area: German words, times without seconds, no icons in each row, no control characters."""

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin import widgets
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.text import capfirst

from mobipro.fields import ManyOf

#: Line ends and tabs are text; everything else below a space breaks mails, PDFs and XML.
ALLOWED_CONTROLS = "\n\r\t"


LARGEST_NUMBER = 32_767  # what every database takes in the smallest of our number fields
DATE_SHAPE = re.compile(r"\d{1,4}[.\-/]\d{1,2}[.\-/]\d{1,4}")


class DayField(forms.DateField):
    """A day whose error repeats what was typed: "Den 31.02.2026 gibt es nicht. Bitte so: 28.02.2026." """

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(no_such_day(str(value)), code="invalid") from None


def no_such_day(typed: str) -> str:
    """What to say about a day that is none."""
    plain = typed.strip()[:40]
    if DATE_SHAPE.fullmatch(plain):
        return f"Den {plain} gibt es nicht. Bitte so: 28.02.2026."
    return f"„{plain}“ ist kein Datum. Bitte so: 28.02.2026."


class MomentField(forms.SplitDateTimeField):
    """Day and time in two inputs; the day answers like DayField."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields = (DayField(required=self.required, localize=self.localize), self.fields[1])


class SplitDateTime(widgets.AdminSplitDateTime):
    """Day and time ("10:00", never "10:00:00"), each with its own name for screen readers."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts = [
            widgets.BaseAdminDateWidget(attrs={"aria-label": "Datum"}),
            widgets.BaseAdminTimeWidget(attrs={"aria-label": "Uhrzeit"}, format="%H:%M"),
        ]
        forms.MultiWidget.__init__(self, parts, attrs)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """A name given from outside ("Beginn, Zeile 2") is said before Datum and Uhrzeit."""
        context = super().get_context(name, value, attrs)
        named = context["widget"]["attrs"].get("aria-label")
        if named:
            for part, word in zip(context["widget"]["subwidgets"], ("Datum", "Uhrzeit"), strict=True):
                part["attrs"]["aria-label"] = f"{named}: {word}"
        context["date_label"], context["time_label"] = "Datum", "Uhrzeit"
        return context


FORMFIELD_OVERRIDES: dict[type[models.Field], dict[str, Any]] = {
    models.ManyToManyField: {"form_class": ManyOf},
    models.DateTimeField: {"form_class": MomentField, "widget": SplitDateTime},
    models.DateField: {"form_class": DayField, "widget": widgets.AdminDateWidget},
    models.TimeField: {"widget": widgets.AdminTimeWidget(format="%H:%M")},
    models.URLField: {"assume_scheme": "https"},
}


def refuse_control_characters(value: str) -> None:
    """ValidationError for characters that no keyboard types; they come from copied PDFs and from attacks."""
    if any(ord(char) < 32 and char not in ALLOWED_CONTROLS for char in value) or "\u2028" in value:
        raise ValidationError(
            "Der Text enthält unsichtbare Steuerzeichen. Fügen Sie ihn ohne Formatierung ein.", code="control"
        )


def in_german(field: forms.Field, label: str) -> None:
    """Let the field's errors say what to do."""
    name = capfirst(str(field.label or label))
    choosing = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    field.error_messages["required"] = f"Wählen Sie aus: {name}." if choosing else f"Füllen Sie „{name}“ aus."
    if isinstance(field, forms.TimeField):
        field.error_messages["invalid"] = "Diese Uhrzeit gibt es nicht. Bitte so: 10:00."
    elif isinstance(field, forms.SplitDateTimeField):
        field.error_messages["invalid_time"] = "Diese Uhrzeit gibt es nicht. Bitte so: 10:00."
        in_german_parts(field)
    elif isinstance(field, forms.IntegerField):
        field.error_messages["invalid"] = "Geben Sie eine ganze Zahl ein, zum Beispiel 40."
        field.validators.append(MaxValueValidator(LARGEST_NUMBER, "Die Zahl ist zu groß: höchstens %(limit_value)s."))
    elif isinstance(field, forms.CharField):
        field.validators.append(refuse_control_characters)


def in_german_parts(field: forms.SplitDateTimeField) -> None:
    """A SplitDateTimeField asks its two parts first, and they answer with their own words."""
    field.fields[1].error_messages["invalid"] = field.error_messages["invalid_time"]


def without_icons(field: forms.Field) -> None:
    """Take pencil, plus and eye off a choice of related records."""
    if isinstance(field.widget, widgets.RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
