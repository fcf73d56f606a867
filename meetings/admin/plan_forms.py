"""Forms of the year plan's steps. They validate only; each step calls one job."""

from typing import Any

from django import forms
from django.utils import timezone

from meetings.admin.step_forms import DATE_ERRORS, DATE_FORMATS
from meetings.models import DateAllowance, DateProposal, FunderAgreement
from mobipro.admin.fields import DayField
from mobipro.html import no_control_characters
from mobipro.templatetags.portal import day as day_in_words


def _reason(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=300,
        validators=[no_control_characters],
        error_messages={
            "required": "Nennen Sie den Grund.",
            "max_length": "Der Grund ist zu lang (höchstens 300 Zeichen).",
        },
    )


class RefuseForm(forms.Form):
    """One of the proposed days, and why the region cannot meet on it."""

    day = forms.TypedChoiceField(label="Tag", error_messages={"required": "Wählen Sie den Tag."})
    reason = _reason("Grund (steht beim Vorschlag)")

    def __init__(self, *args: Any, row: DateProposal, **fields: Any) -> None:
        super().__init__(*args, prefix=f"ablehnen-{row.pk}", **fields)
        self.fields["day"].choices = [(day.isoformat(), day_in_words(day)) for day in row.days]  # type: ignore[attr-defined]


class AllowForm(forms.Form):
    """What may be used for one meeting all the same, and why."""

    kind = forms.ChoiceField(
        label="Was wird zugelassen?",
        choices=DateAllowance.Kind.choices,
        error_messages={"required": "Wählen Sie, was zugelassen wird."},
    )
    reason = _reason("Grund (steht beim Termin)")

    def __init__(self, *args: Any, row: DateProposal, **fields: Any) -> None:
        super().__init__(*args, prefix=f"zulassen-{row.pk}", **fields)


class ApprovalForm(forms.Form):
    """What BMAS or ZAV said, who and when."""

    funder = forms.ChoiceField(
        label="Stelle", choices=FunderAgreement.Funder.choices, error_messages={"required": "Wählen Sie die Stelle."}
    )
    outcome = forms.ChoiceField(
        label="Ergebnis",
        choices=FunderAgreement.Outcome.choices,
        error_messages={"required": "Wählen Sie das Ergebnis."},
    )
    on = DayField(
        label="Datum",
        input_formats=DATE_FORMATS,
        error_messages=DATE_ERRORS,
        widget=forms.DateInput(format="%d.%m.%Y"),
        initial=timezone.localdate,
    )
    person = forms.CharField(
        label="Wer hat geantwortet?",
        max_length=120,
        required=False,
        validators=[no_control_characters],
        help_text="Name; leer nur bei „zur Abstimmung gegeben“.",
    )
    note = forms.CharField(label="Anmerkung", max_length=500, required=False, validators=[no_control_characters])

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, prefix="abstimmung", **fields)
