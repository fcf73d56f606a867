"""The questions of the anonymous feedback. It validates only; the view calls the job."""

from typing import Any

from django import forms

from meetings.models.feedback import MAX_TEXT, QUESTIONS, TEXTS, Mark
from mobipro.html import no_control_characters
from regions.forms import ReceiptFormMixin
from regions.models import Organisation

_CHOICES = [*((str(mark.value), mark.label) for mark in Mark), ("", "keine Angabe")]


def _mark(label: str, hint: str = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        help_text=hint,
        choices=_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        initial="",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Wählen Sie eine der sechs Antworten aus."},
    )


def _text(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MAX_TEXT,
        required=False,
        validators=[no_control_characters],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"Kürzen Sie auf höchstens {MAX_TEXT} Zeichen (jetzt %(show_value)s)."},
    )


class AnswerForm(ReceiptFormMixin):
    """Four marks, three texts, the kind of house: everything as one likes, but something."""

    mark_optional = False  # the page says that everything is

    organisation = _mark("Organisation", "Einladung, Ort, Ablauf")
    content = _mark("Inhalte", "Vorträge und Themen")
    exchange = _mark("Austausch", "Gespräche mit anderen Trägern und Gästen")
    usefulness = _mark("Nutzen für Ihre Arbeit")
    helped = _text("Was hat Ihnen geholfen?")
    improve = _text("Was sollen wir besser machen?")
    wishes = _text("Was wünschen Sie sich für das nächste Treffen?")
    organisation_kind = forms.ChoiceField(
        label="Wo arbeiten Sie?",
        choices=[("", "keine Angabe"), *Organisation.Kind.choices],
        required=False,
        error_messages={"invalid_choice": "Wählen Sie eine Art der Einrichtung aus der Liste aus."},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.get(name) for name in (*QUESTIONS, *TEXTS)):
            self.add_error(None, "Füllen Sie mindestens eine Bewertung oder ein Textfeld aus.")
        return data
