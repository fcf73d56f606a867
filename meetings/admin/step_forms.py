"""Forms of the coordinator's steps. They validate only; each step calls one job."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.forms import modelformset_factory

from meetings import details, reminder_days, reminders, scheduling
from meetings.models import AgendaItem, Meeting, Venue
from mobipro.admin.fields import DayField, in_german, refuse_control_characters
from mobipro.admin.inlines import MAX_ROWS
from mobipro.admin.revision import RevisionForm
from mobipro.fields import ManyOf
from mobipro.html import no_control_characters
from mobipro.templatetags.portal import month_name
from regions.models import Organisation, Region, RoleAssignment, User

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
    regions = ManyOf(
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
    month = forms.TypedChoiceField(
        label="Monat",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "noch offen"), *((number, month_name(number)) for number in range(1, 13))],
        help_text="Dafür wird im nächsten Schritt ein Tag vorgeschlagen.",
    )
    week = forms.IntegerField(required=False, min_value=1, max_value=53, widget=forms.HiddenInput)


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
        validators=[refuse_control_characters],
        error_messages={
            "required": "Nennen Sie den Grund: Er steht in der Mail.",
            "max_length": "Der Grund ist zu lang (höchstens 500 Zeichen).",
        },
    )


class MoveForm(DateForm):
    """A new date with its reason and, if it shall not be two weeks before, the end of registration."""

    reason = _reason("Grund (steht in der Mail)")
    deadline = DayField(
        label="Neue Anmeldefrist",
        required=False,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%d.%m.%Y"),
        help_text="Leer: zwei Wochen vor dem neuen Termin.",
    )
    reminders = forms.CharField(
        label="Erinnerungen (Tage vorher)",
        max_length=20,
        required=False,
        validators=[reminder_days.validate],
        help_text="Leer: wie bisher.",
    )
    ask_declined = forms.BooleanField(
        label="Auch die noch einmal fragen, die abgesagt haben", required=False, initial=True
    )
    field_order = ["day", "start", "end", "venue", "deadline", "reminders", "ask_declined", "reason", "override_reason"]

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting

    def clean(self) -> dict[str, Any]:
        """At their field what the job would refuse of the reminders."""
        values = super().clean()
        wanted = values.get("reminders")
        if wanted and not self.errors:
            try:
                starts_at = scheduling.aware(self.span()[0])
                last = self._last_day(starts_at)
            except scheduling.SchedulingError:
                return values  # said at the day
            is_kept = last == self.meeting.registration_deadline and wanted == self.meeting.reminder_days
            late = "" if is_kept else reminder_days.too_late(wanted, starts_at, last)
            if late:
                self.add_error("reminders", late)
        return values

    def _last_day(self, starts_at: datetime) -> datetime | None:
        """The end of registration with these values: the chosen one; on the same day the one there was."""
        chosen = self.deadline_moment()
        if chosen:
            return scheduling.aware(chosen)
        stays = self.meeting.starts_on == starts_at.date() and self.meeting.status != Meeting.Status.POSTPONED
        return self.meeting.registration_deadline if stays else scheduling.default_deadline(starts_at)

    def deadline_moment(self) -> datetime | None:
        """The end of the chosen day in Berlin, not yet aware; None for the usual one."""
        day = self.cleaned_data.get("deadline")
        return datetime.combine(day, time(23, 59)) if day else None


class ReasonForm(forms.Form):
    reason = _reason("Grund (steht in der Mail)")


class AgendaItemForm(RevisionForm):
    """One point; a point that somebody else saved meanwhile comes back with both versions."""

    class Meta:
        model = AgendaItem
        fields = [
            "position",
            "title",
            "kind",
            "duration_min",
            "is_parallel",
            "capacity",
            "leads",
            "room",
            "goal",
            "is_public",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = f"TOP {self.instance.position}" if self.instance.pk else "neuer Punkt"
        for field in self.fields.values():
            in_german(field, str(field.label))
            field.widget.attrs["aria-label"] = f"{field.label}, {name}"
        self.fields["title"].error_messages["required"] = "Geben Sie dem Punkt einen Titel."
        self.fields["duration_min"].validators.append(
            MaxValueValidator(600, "Höchstens 600 Minuten. Teilen Sie den Punkt.")
        )
        self.fields["capacity"].validators = [
            MinValueValidator(1, "Mindestens 1 Platz; leer heißt: für alle."),
            MaxValueValidator(1000, "Höchstens 1000 Plätze; leer heißt: für alle."),
        ]


AgendaFormSet = modelformset_factory(
    AgendaItem, form=AgendaItemForm, extra=3, can_delete=True, max_num=60, absolute_max=MAX_ROWS
)


class TextsForm(forms.ModelForm):
    """What invitation and public page say about the meeting."""

    class Meta:
        model = Meeting
        fields = ["description", "travel_cost_note", "accessibility_note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            in_german(field, str(field.label))
            field.widget.attrs["rows"] = 4


class DetailsForm(RevisionForm):
    """What stays when date and agenda are fixed: name, places, form, responsibility, visibility."""

    online_url = forms.URLField(
        label="Zugang online",
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text="Sehen nur Angemeldete.",
        error_messages={
            "invalid": "Geben Sie die Adresse vollständig an, zum Beispiel https://treffen.example.org/nord."
        },
    )

    tell = forms.BooleanField(
        label="Eingeladene über Titel und Form benachrichtigen",
        required=False,
        initial=True,
        help_text="Sie bekommen alt → neu und einen aktuellen Kalendereintrag; ihre Antworten gelten weiter.",
    )
    note = forms.CharField(label="Grund (steht in der Mail)", required=False, max_length=500)

    class Meta:
        model = Meeting
        fields = ["title", "subtitle", *details.FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            in_german(field, str(field.label))
        staff = RoleAssignment.objects.filter(role=RoleAssignment.Role.COORDINATOR).values("user")
        responsible: Any = self.fields["responsible"]
        responsible.queryset = User.objects.filter(Q(pk__in=staff) | Q(pk=self.instance.responsible_id))
        is_told = self.instance.invited_at or self.instance.invitations.active().exists()
        if not is_told or self.instance.status not in Meeting.OPEN_STATUSES:
            del self.fields["tell"], self.fields["note"]  # nobody knows the old words, or needs the new ones
        planned = reminders.planned(self.instance)
        self.fields["reminder_days"].help_text += f" Jetzt: {planned}" if planned else ""
        hosts: Any = self.fields["host_organisation"]
        hosts.queryset = Organisation.objects.active().order_by("sort_key")

    def clean_reminder_days(self) -> str:
        """At its field what the job would refuse."""
        wanted: str = self.cleaned_data["reminder_days"]
        stored = Meeting.objects.get(pk=self.instance.pk)
        if wanted == stored.reminder_days:
            return wanted
        try:
            return details.reminders(stored, wanted)
        except scheduling.SchedulingError as problem:
            raise forms.ValidationError(str(problem)) from None


class ItemChoice(forms.ModelChoiceField):
    """To which point of the agenda an agreement or a task belongs."""

    def __init__(self) -> None:
        super().__init__(
            AgendaItem.objects.none(),
            label="Zu Punkt",
            required=False,
            empty_label="zum ganzen Treffen",
            error_messages={"invalid_choice": "Diesen Punkt gibt es nicht mehr. Wählen Sie einen anderen."},
        )


class OutcomeForm(forms.Form):
    """An agreement or a task of this meeting."""

    agenda_item = ItemChoice()

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["agenda_item"]
        field.queryset = meeting.agenda.exclude(kind=AgendaItem.Kind.BREAK)


class ActionForm(OutcomeForm):
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


class DecisionForm(OutcomeForm):
    text = forms.CharField(
        label="Vereinbarung",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[refuse_control_characters],
        error_messages={
            "required": "Schreiben Sie auf, was vereinbart wurde.",
            "max_length": "Die Vereinbarung ist zu lang (höchstens 2000 Zeichen).",
        },
    )
