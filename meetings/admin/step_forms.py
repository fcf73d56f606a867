"""Forms of the coordinator's steps. They validate only; each step calls one job."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.forms import modelformset_factory

from meetings.models import AgendaItem, Meeting, Venue
from mobipro.admin.fields import DayField
from mobipro.html import no_control_characters
from regions.models import Region

DATE_ERRORS = {"required": "Geben Sie den Tag ein. Bitte so: 28.02.2026."}
TIME_ERRORS = {
    "required": "Geben Sie die Uhrzeit ein. Bitte so: 10:00.",
    "invalid": "Bitte geben Sie die Uhrzeit so ein: 10:00.",
}
DATE_FORMATS = ["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"]


class NewMeetingForm(forms.Form):
    """Region (none: national), year and title; everything else follows step by step."""

    title = forms.CharField(
        label="Titel",
        max_length=160,
        validators=[no_control_characters],
        error_messages={"required": "Geben Sie dem Treffen einen Titel."},
    )
    regions = forms.ModelMultipleChoiceField(
        label="Regionen",
        queryset=Region.objects.active(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Mehrere Regionen treffen sich gemeinsam; keine: bundesweites Treffen.",
    )
    year = forms.IntegerField(
        label="Jahr", error_messages={"required": "Geben Sie das Jahr ein.", "invalid": "Bitte so: 2027."}
    )
    round = forms.TypedChoiceField(
        label="Runde",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "nächste freie"), (1, "1"), (2, "2"), (3, "3")],
    )


class DateForm(forms.Form):
    """Day, hours and venue; used to set a date and to move it."""

    day = DayField(
        label="Tag", input_formats=DATE_FORMATS, error_messages=DATE_ERRORS, widget=forms.DateInput(format="%d.%m.%Y")
    )
    start = forms.TimeField(label="Beginn", error_messages=TIME_ERRORS, widget=forms.TimeInput(format="%H:%M"))
    end = forms.TimeField(label="Ende", error_messages=TIME_ERRORS, widget=forms.TimeInput(format="%H:%M"))
    venue = forms.ModelChoiceField(
        label="Veranstaltungsort", queryset=Venue.objects.all(), required=False, empty_label="noch offen"
    )
    override_reason = forms.CharField(
        label="Begründung trotz Feiertag",
        max_length=300,
        required=False,
        validators=[no_control_characters],
        help_text="Nur nötig, wenn der Tag ein Feiertag ist.",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("start") and values.get("end") and values["end"] <= values["start"]:
            self.add_error("end", "Das Ende muss nach dem Beginn liegen.")
        return values

    def span(self) -> tuple[datetime, datetime]:
        """Start and end on the clock in Berlin, not yet aware."""
        day: date = self.cleaned_data["day"]
        return datetime.combine(day, self.cleaned_data["start"]), datetime.combine(day, self.cleaned_data["end"])


def _reason(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[],
        error_messages={
            "required": "Nennen Sie den Grund: Er steht in der Mail.",
            "max_length": "Der Grund ist zu lang (höchstens 500 Zeichen).",
        },
    )


class MoveForm(DateForm):
    reason = _reason("Grund (steht in der Mail)")
    field_order = ["day", "start", "end", "venue", "reason", "override_reason"]


class ReasonForm(forms.Form):
    reason = _reason("Grund (steht in der Mail)")


class AgendaItemForm(forms.ModelForm):
    class Meta:
        model = AgendaItem
        fields = ["position", "kind", "title", "duration_min", "leads", "room", "goal", "is_public"]
        error_messages = {"title": {"required": "Geben Sie dem Punkt einen Titel."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = f"TOP {self.instance.position}" if self.instance.pk else "neuer Punkt"
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}, {name}"


AgendaFormSet = modelformset_factory(AgendaItem, form=AgendaItemForm, extra=3, can_delete=True)


class TextsForm(forms.ModelForm):
    """What invitation and public page say about the meeting."""

    class Meta:
        model = Meeting
        fields = ["description", "travel_cost_note", "accessibility_note"]


class ActionForm(forms.Form):
    title = forms.CharField(
        label="Aufgabe",
        max_length=300,
        validators=[no_control_characters],
        error_messages={"required": "Schreiben Sie auf, was zu tun ist."},
    )
    owner_name = forms.CharField(
        label="Wer",
        max_length=200,
        validators=[no_control_characters],
        error_messages={"required": "Nennen Sie, wer die Aufgabe übernimmt."},
    )
    due_on = DayField(
        label="Bis wann",
        input_formats=DATE_FORMATS,
        error_messages=DATE_ERRORS,
        widget=forms.DateInput(format="%d.%m.%Y"),
    )


class DecisionForm(forms.Form):
    text = forms.CharField(
        label="Vereinbarung",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "Schreiben Sie auf, was vereinbart wurde.",
            "max_length": "Die Vereinbarung ist zu lang (höchstens 2000 Zeichen).",
        },
    )
