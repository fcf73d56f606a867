"""Forms of the public pages and the personal answer page. They validate only; the views call one job."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from meetings.choice_forms import workshop_fields
from meetings.models import ActionItem, Meeting, PollAnswer, PollOption, Registration
from meetings.models.invitation import PartStat
from meetings.workshops import Block
from mobipro import mail
from mobipro.html import no_control_characters
from mobipro.templatetags.portal import day_short, day_time
from regions.forms import ReceiptFormMixin
from regions.models import Region, Topic

ANSWERS = {
    "ja": (PartStat.ACCEPTED, "Ich nehme teil"),
    "nein": (PartStat.DECLINED, "Ich kann nicht"),
    "vertretung": (PartStat.DELEGATED, "Ich schicke eine Vertretung"),
    "vielleicht": (PartStat.TENTATIVE, "Vielleicht – ich weiß es noch nicht"),
}
WORD_OF = {partstat: word for word, (partstat, _label) in ANSWERS.items()}


def _text(label: str, longest: int, required: str = "", **kwargs: Any) -> forms.CharField:
    field = forms.CharField(
        label=label,
        max_length=longest,
        required=bool(required),
        validators=[no_control_characters],
        error_messages={"max_length": f"Der Text ist zu lang (höchstens {longest} Zeichen)."},
        **kwargs,
    )
    if required:
        field.error_messages["required"] = required
    return field


class MailAddressField(forms.CharField):
    """An address as the outbox takes it; its errors say what to do."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.EmailInput(attrs={"autocomplete": "off"}))
        super().__init__(max_length=254, **kwargs)
        self.error_messages["required"] = "Geben Sie eine E-Mail-Adresse ein. Bitte so: name@example.org."
        self.error_messages["max_length"] = "Die E-Mail-Adresse ist zu lang (höchstens 254 Zeichen)."

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return mail.normalise_address(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class AnswerForm(ReceiptFormMixin):
    """Two taps: the choice (preset by the mail's button) and "Antwort senden"."""

    mark_optional = False  # the page says what is needed with which answer

    antwort = forms.ChoiceField(
        label="Ihre Antwort",
        choices=[(word, label) for word, (_partstat, label) in ANSWERS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Wählen Sie eine Antwort aus.",
            "invalid_choice": "Wählen Sie eine der vier Antworten aus.",
        },
    )
    name = _text("Vor- und Nachname Ihrer Vertretung", 160, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = MailAddressField(label="E-Mail-Adresse Ihrer Vertretung", required=False)
    teilnahme = forms.ChoiceField(
        label="Wie nehmen Sie teil?",
        choices=Registration.Mode.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Wählen Sie „vor Ort“ oder „online“ aus."},
    )
    nachricht = _text("Nachricht an die Koordination", 300, widget=forms.Textarea(attrs={"rows": 3}))
    verpflegung = _text("Verpflegung", 300, help_text="Zum Beispiel vegetarisch oder ohne Nüsse.")
    unterstuetzung = _text(
        "Unterstützung",
        500,
        help_text="Gebärdensprache oder Schriftdolmetschung bitte bis vier Wochen vorher. Keine Diagnosen.",
    )

    def __init__(
        self, *args: Any, meeting: Meeting, is_deputy: bool = False, blocks: Sequence[Block] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.blocks = blocks
        self.fields.update(workshop_fields(blocks))
        if meeting.attendance_mode != Meeting.AttendanceMode.MIXED:
            del self.fields["teilnahme"]
        if is_deputy:
            choices = [row for row in self.fields["antwort"].choices if row[0] != "vertretung"]  # type: ignore[attr-defined]
            self.fields["antwort"].choices = choices  # type: ignore[attr-defined]
            del self.fields["name"], self.fields["email"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("antwort") == "vertretung":
            if not data.get("name") and "name" not in self.errors:
                self.add_error("name", "Geben Sie Vor- und Nachnamen Ihrer Vertretung ein.")
            if not data.get("email") and "email" not in self.errors:
                self.add_error(
                    "email", "Geben Sie die E-Mail-Adresse Ihrer Vertretung ein. Bitte so: name@example.org."
                )
        return data

    @property
    def workshop_fields(self) -> list[forms.BoundField]:
        return [self[block.field] for block in self.blocks]

    @property
    def chosen_workshops(self) -> list[int]:
        """Of a yes only; nothing chosen is no error."""
        chosen = (self.cleaned_data.get(block.field) for block in self.blocks)
        return [pk for pk in chosen if pk] if self.partstat == PartStat.ACCEPTED else []

    @property
    def partstat(self) -> str:
        return ANSWERS[self.cleaned_data["antwort"]][0]


class ColleagueForm(ReceiptFormMixin):
    name = _text("Vor- und Nachname", 160, "Geben Sie Vor- und Nachnamen der Person ein.")
    email = MailAddressField(label="E-Mail-Adresse")


class LateRequestForm(ReceiptFormMixin):
    nachricht = _text("Nachricht", 1000, widget=forms.Textarea(attrs={"rows": 3}))


class DeleteNeedsForm(ReceiptFormMixin):
    """The button "Löschen" beside the stored needs."""


class NewLinkForm(forms.Form):
    email = MailAddressField(label="Ihre E-Mail-Adresse", widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class PollForm(ReceiptFormMixin):
    """One answer to each date; `options` are PollOptions."""

    mark_optional = False

    nachricht = _text("Nachricht an die Koordination (freiwillig)", 300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, options: Sequence[PollOption], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = options
        for option in options:
            words = day_time(option.starts_at, option.ends_at)
            self.fields[f"termin_{option.pk}"] = forms.ChoiceField(
                label=words,
                choices=PollAnswer.choices,
                widget=forms.RadioSelect,
                error_messages={
                    "required": f"Wählen Sie für {day_short(option.starts_at)} „ja“, „zur Not“ oder „nein“.",
                    "invalid_choice": f"Wählen Sie für {day_short(option.starts_at)} „ja“, „zur Not“ oder „nein“.",
                },
            )
        self.order_fields([*(f"termin_{option.pk}" for option in options), "nachricht"])

    @property
    def answers(self) -> dict[int, str]:
        """Option id → answer; after is_valid()."""
        return {option.pk: self.cleaned_data[f"termin_{option.pk}"] for option in self.options}


class ActionStateForm(ReceiptFormMixin):
    """How a task stands: one of three buttons, and a line on what came of it."""

    mark_optional = False

    stand = forms.ChoiceField(
        label="Stand",
        choices=[
            (ActionItem.Status.DONE, "Erledigt"),
            (ActionItem.Status.IN_PROGRESS, "In Arbeit"),
            (ActionItem.Status.DROPPED, "Wird nichts daraus"),
        ],
        error_messages=dict.fromkeys(["required", "invalid_choice"], "Wählen Sie einen der drei Knöpfe."),
    )
    ergebnis = _text("Was ist daraus geworden? (freiwillig)", 500, widget=forms.Textarea(attrs={"rows": 3}))


class InvitationRequestForm(ReceiptFormMixin):
    """ "Einladung anfragen" for national meetings."""

    name = _text("Name", 160, "Geben Sie Ihren Namen ein.", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    einrichtung = _text(
        "Einrichtung",
        200,
        "Geben Sie Ihre Einrichtung ein, zum Beispiel die Berufsschule oder den Betrieb.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    funktion = _text("Funktion", 120, widget=forms.TextInput(attrs={"autocomplete": "organization-title"}))
    email = MailAddressField(label="E-Mail-Adresse", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    nachricht = _text("Nachricht", 1000, widget=forms.Textarea(attrs={"rows": 4}))


# --- the public list -----------------------------------------------------------------------------
STATES = {
    "geplant": "geplant",
    "einladung": "Einladung läuft",
    "verschoben": "verschoben",
    "abgesagt": "abgesagt",
    "durchgefuehrt": "durchgeführt",
    "dokumentiert": "dokumentiert",
}


class MeetingFilter(django_filters.FilterSet):
    """Region, year, state and topic of meetings; without a year, the current one."""

    region = django_filters.ModelChoiceFilter(
        label="Region",
        queryset=Region.objects.active(),
        field_name="regions",
        to_field_name="slug",
        empty_label="alle Regionen",
    )
    jahr = django_filters.ChoiceFilter(label="Jahr", field_name="year", empty_label="alle Jahre")
    stand = django_filters.ChoiceFilter(
        label="Stand", choices=list(STATES.items()), method="by_state", empty_label="jeder Stand"
    )
    thema = django_filters.ModelChoiceFilter(
        label="Thema",
        queryset=Topic.objects.all(),
        method="by_topic",
        to_field_name="slug",
        empty_label="alle Themen",
    )

    class Meta:
        model = Meeting
        fields: list[str] = []

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["jahr"].extra["choices"] = [(year, str(year)) for year in years]
        self.form.mark_optional = False  # type: ignore[attr-defined]
        for field in self.form.fields.values():
            field.error_messages["invalid_choice"] = "Diese Auswahl gibt es nicht. Wählen Sie etwas aus der Liste."

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """The words of Meeting.public_state as a condition."""
        status, now = Meeting.Status, timezone.now()
        over = Q(ends_at__lte=now) & ~Q(status__in=[status.CANCELLED, status.POSTPONED])
        documented = Q(status__in=[status.DOCUMENTED, status.CLOSED])
        moved = Q(pk__in=Meeting.objects.filter(changes__kind="moved", ends_at__gt=now).values("pk"))
        conditions = {
            "geplant": Q(status__in=[status.IDEA, status.SAVE_THE_DATE, status.REGISTRATION_CLOSED]) & ~over,
            "einladung": Q(status=status.INVITED) & ~over,
            "verschoben": Q(status=status.POSTPONED) | (moved & ~Q(status=status.CANCELLED)),
            "abgesagt": Q(status=status.CANCELLED),
            "durchgefuehrt": (Q(status=status.HELD) | over) & ~documented,
            "dokumentiert": documented,
        }
        return queryset.filter(conditions[value])

    def by_topic(self, queryset: QuerySet, name: str, value: Topic) -> QuerySet:
        return queryset.filter(pk__in=Meeting.objects.filter(agenda__topics=value).values("pk"))
