"""Forms of the author: one for each step, pictures and files, and the sending. practices.drafts saves."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.text import Truncator

from mobipro import files, html
from mobipro.fields import ManyOf
from practices.completeness import RELATIONS, STEP_OF, label_of
from practices.models import GoodPractice
from regions.forms import ReceiptFormMixin
from regions.models import OccupationalField, Organisation, Phase, Project, SourceCountry, Topic
from regions.visibility import access_of

SHOWN_IN_ERROR = 160  # characters of the other's text in an error; a longer one stands whole beside the field
KEPT_BEYOND_LIMIT = 20_000  # characters of an overlong text that a draft still keeps; the column of a text has no limit
HINTS = {
    "title": "Kurz und aussagekräftig, höchstens 100 Zeichen.",
    "teaser": "Was wurde gemacht, für wen, mit welchem Ergebnis? Höchstens 300 Zeichen; steht in der Liste.",
    "place": "Leer: der Ort des Projekts.",
    "phases": "Wählen Sie alles Passende aus.",
    "target_group": "Zum Beispiel: Auszubildende im ersten Jahr, die auf dem Land wohnen.",
    "situation": "Welches Problem war zu lösen? Höchstens 1.500 Zeichen.",
    "aim": "Was sollte danach anders sein? Höchstens 600 Zeichen.",
    "approach": "Schritt für Schritt, so dass andere es nachmachen können. Eine Leerzeile trennt Absätze, „- “ am "
    "Zeilenanfang macht eine Liste. Höchstens 4.000 Zeichen.",
    "partners": "Betriebe, Schulen, Kammern, Ehrenamt. Höchstens 600 Zeichen.",
    "resources": "Zeit, Personal, Geld, Material. Höchstens 1.000 Zeichen.",
    "results": "Was hat sich verändert, und woran sehen Sie das? Höchstens 2.000 Zeichen.",
    "key_figure": "Zum Beispiel: 3 statt 9 Abbrüche. Höchstens 80 Zeichen; steht in der Liste.",
    "success_factors": "Höchstens 1.500 Zeichen.",
    "pitfalls": "Daraus lernen andere am meisten. Höchstens 1.500 Zeichen.",
    "transfer": "Was braucht es, damit es anderswo geht? Höchstens 1.500 Zeichen.",
    "quote": "Ein Satz einer beteiligten Person, ohne ihren Namen. Höchstens 300 Zeichen.",
    "contact_note": "Name und E-Mail oder Telefon. Nur angemeldete Mitglieder des Netzwerks sehen das.",
}
QUESTIONS = {"contact_note": "Wen können andere fragen?", "partners": "Wer hat mitgemacht?"}
ROWS = {"approach": 12, "results": 8, "teaser": 3, "quote": 2, "aim": 3, "partners": 3, "resources": 4}
ONE_LINE = {"title", "place", "target_group", "key_figure", "contact_note"}


class PlainText(forms.CharField):
    """Text in one normal form; says how many characters are too many and keeps them in the field."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit
        self.widget.attrs["data-limit"] = str(limit)

    def to_python(self, value: Any) -> str:
        text = "" if value is None else str(value)
        html.no_control_characters(text.replace("\r\n", "\n"))
        return html.plain(text).strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        over = len(value) - self.limit
        if over > 0:
            raise ValidationError(
                f"Der Text ist um {_thousands(over)} Zeichen zu lang (erlaubt: {_thousands(self.limit)}). "
                "Kürzen Sie ihn; er ist hier noch vollständig.",
                code="too_long",
            )


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def text_field(name: str, required: str = "") -> PlainText:
    """A form field for one text of the practice; `required` is the German error when it is empty."""
    column = GoodPractice._meta.get_field(name)
    rows = ROWS.get(name, 5)
    widget = forms.TextInput() if name in ONE_LINE else forms.Textarea(attrs={"rows": str(rows)})
    return PlainText(
        limit=column.max_length or 4000,  # type: ignore[union-attr]
        label=QUESTIONS.get(name) or label_of(name),
        help_text=HINTS.get(name, ""),
        required=bool(required),
        widget=widget,
        error_messages={"required": required or "Füllen Sie dieses Feld aus."},
    )


def organisations_of(user: Any) -> QuerySet:
    """The Träger for which this person may write: the own ones; for coordinators all of their regions."""
    access = access_of(user)
    if access.coordinates_all:
        return Organisation.objects.published()
    own = Organisation.objects.filter(pk__in=access.organisation_ids)
    if access.is_coordinator:
        in_region = Project.objects.filter(region__in=access.coordinated_region_ids).values("organisations")
        return own | Organisation.objects.published().filter(pk__in=in_region)
    return own


class CreateForm(ReceiptFormMixin):
    """Begin a draft: the title is enough. The Träger is asked only where there is a choice."""

    title = text_field("title", "Geben Sie dem Beispiel einen Titel. Sie können ihn später ändern.")
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Träger",
        empty_label="Bitte auswählen",
        error_messages={
            "required": "Wählen Sie Ihren Träger aus.",
            "invalid_choice": "Diesen Träger können Sie nicht wählen. Wählen Sie Ihren Träger aus.",
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = list(organisations_of(user).order_by("sort_key"))
        if len(self.choices) == 1:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = organisations_of(user).order_by("sort_key")  # type: ignore[attr-defined]

    @property
    def only_organisation(self) -> Organisation | None:
        """The one Träger there is to choose, preset."""
        return self.choices[0] if len(self.choices) == 1 else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.only_organisation:
            cleaned["organisation"] = self.only_organisation
        return cleaned


class StepForm(forms.Form):
    """What the steps 1 to 4 share: the revision they were made from, and the values that may be saved."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    step = 0

    def __init__(self, data: Any = None, *, practice: GoodPractice, user: Any) -> None:
        self.practice = practice
        self.names = [name for name, step in STEP_OF.items() if step == self.step and name != "organisation"]
        initial: dict[str, Any] = {name: self._stored(name) for name in self.names}
        super().__init__(data, initial={**initial, "seen": practice.revision})
        for name in self.names:
            if name not in self.fields:
                self.fields[name] = text_field(name)
        self.order_fields(self.names)

    def _stored(self, name: str) -> Any:
        if name in RELATIONS:
            return [row.pk for row in getattr(self.practice, name).all()]
        return getattr(self.practice, f"{name}_id" if name == "project" else name)

    @property
    def loaded_revision(self) -> int:
        """The revision the form was made from; a forged or missing one counts as the first."""
        return self.cleaned_data.get("seen") or 0

    def savable(self) -> dict[str, Any]:
        """Every valid field, and overlong texts as far as the draft can hold them."""
        values = {name: self.cleaned_data[name] for name in self.names if name in self.cleaned_data}
        for name in self.names:
            field = self.fields[name]
            if name in values or not isinstance(field, PlainText) or name not in self.errors:
                continue
            if (
                not self.has_error(name, "too_long")
                or GoodPractice._meta.get_field(name).get_internal_type() != "TextField"
            ):
                continue
            text = field.to_python(self.data.get(self.add_prefix(name)))
            if len(text) <= KEPT_BEYOND_LIMIT:
                values[name] = text
        for name in RELATIONS:
            if name in values:
                values[name] = sorted(values[name], key=lambda row: row.pk)
        return values

    def continue_from(self, practice: GoodPractice) -> None:
        """Show the posted form again, now made from this revision."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("seen")] = str(practice.revision)
        self.data = data

    def show_remarks(self, remarks: Iterable[dict[str, Any]]) -> None:
        """Put the coordinator's questions beside their fields, as part of what is read with each field."""
        for row in remarks:
            if row["field"] in self.fields:
                self._put_beside(row["field"], "Rückfrage der Koordination:", row["text"])

    def show_other(self, practice: GoodPractice, names: Iterable[str]) -> None:
        """Two editors: put what the other saved beside one's own words; saving again is then a decision."""
        for name in names:
            other = _shown(practice, name)
            self.add_error(name, "Inzwischen hat eine andere Person hier gespeichert: "
                                 f"„{Truncator(other).chars(SHOWN_IN_ERROR)}“. Ihr Text steht noch im Feld. "
                                 "Übernehmen Sie, was gelten soll, und speichern Sie noch einmal.")  # fmt: skip
            if len(other) > SHOWN_IN_ERROR:
                self._put_beside(name, "Von der anderen Person gespeichert:", other)

    def _put_beside(self, name: str, what: str, text: str) -> None:
        """Part of the field's hint, so that it is read with the field."""
        field = self.fields[name]
        field.help_text = format_html('{} <span class="practice-remark">{} {}</span>', field.help_text, what, text)


def _shown(practice: GoodPractice, name: str) -> str:
    if name in RELATIONS:
        return ", ".join(str(row) for row in getattr(practice, name).all()) or "nichts ausgewählt"
    if name == "kind":
        return practice.get_kind_display() or "nichts ausgewählt"
    return str(getattr(practice, name) or "leer")


def _ticks(queryset: QuerySet, name: str, hint: str = "", to: str | None = None) -> ManyOf:
    return ManyOf(
        queryset,
        label=label_of(name),
        help_text=hint,
        required=False,
        to_field_name=to,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "Diese Auswahl gibt es nicht mehr. Wählen Sie noch einmal aus.",
            "invalid_pk_value": "Diese Auswahl gibt es nicht. Wählen Sie noch einmal aus.",
            "invalid_list": "Diese Auswahl gibt es nicht. Wählen Sie noch einmal aus.",
        },
    )


class ExampleForm(StepForm):
    """Step 1: title, short text, project, phases and the words by which others find it."""

    step = 1
    title = text_field(
        "title", "Geben Sie dem Beispiel einen Titel. Der gespeicherte bleibt, bis Sie einen neuen eingeben."
    )
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label="Projekt",
        required=False,
        empty_label="Bitte auswählen",
        error_messages={
            "invalid_choice": "Dieses Projekt gehört nicht zu Ihrem Träger. Wählen Sie eines aus der Liste."
        },
    )
    kind = forms.ChoiceField(
        label="Art des Beispiels",
        required=False,
        choices=[("", "Bitte auswählen"), *GoodPractice.Kind.choices],
        error_messages={"invalid_choice": "Diese Art gibt es nicht. Wählen Sie eine aus der Liste."},
    )
    phases = _ticks(Phase.objects.all(), "phases", HINTS["phases"])
    topics = _ticks(Topic.objects.all(), "topics", "Wählen Sie bis zu drei Themen, unter denen andere suchen würden.")
    occupational_fields = _ticks(OccupationalField.objects.all(), "occupational_fields", "Leer: für alle Berufe.")
    source_countries = _ticks(SourceCountry.objects.all(), "source_countries", "Leer: unabhängig vom Herkunftsland.")

    def __init__(self, data: Any = None, *, practice: GoodPractice, user: Any) -> None:
        super().__init__(data, practice=practice, user=user)
        projects = Project.objects.of_organisations([practice.organisation_id]).order_by("sort_key")
        choices = list(projects)
        field = self.fields["project"]
        field.queryset = projects  # type: ignore[attr-defined]
        if len(choices) == 1 and not practice.project_id:
            self.initial["project"] = choices[0].pk
        if len(choices) == 1:
            field.empty_label = None  # type: ignore[attr-defined]


class ApproachForm(StepForm):
    step = 2


class ResultsForm(StepForm):
    step = 3


class ContactForm(StepForm):
    step = 4


STEP_FORMS: dict[int, type[StepForm]] = {1: ExampleForm, 2: ApproachForm, 3: ResultsForm, 4: ContactForm}


class ImageForm(ReceiptFormMixin):
    """One picture with its words; the file is looked at here and drawn anew by the job."""

    file = forms.FileField(  # no ImageField: it would decode formats that we refuse
        label="Bild",
        help_text="JPEG, PNG, WebP oder HEIC, höchstens 20 MB und 40 Megapixel. "
        "Aufnahmeort und Kameradaten entfernen wir.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic"}),
        error_messages={
            "required": "Wählen Sie ein Bild aus.",
            "empty": "Diese Datei ist leer. Wählen Sie die richtige Datei aus.",
            "invalid": "Die Datei ist nicht angekommen. Wählen Sie sie noch einmal aus.",
        },
    )
    alt = PlainText(
        limit=300,
        label="Bildbeschreibung",
        help_text="Was ist zu sehen? Für Menschen, die das Bild nicht sehen. Höchstens 300 Zeichen.",
        error_messages={"required": "Beschreiben Sie, was auf dem Bild zu sehen ist."},
    )
    credit = PlainText(
        limit=160,
        label="Bildnachweis",
        help_text="Zum Beispiel: Foto: Werkstatt Leer.",
        error_messages={"required": "Nennen Sie, von wem das Bild ist, zum Beispiel „Foto: Werkstatt Leer“."},
    )
    consent = forms.BooleanField(
        label="Alle Abgebildeten sind einverstanden, und wir dürfen das Bild veröffentlichen",
        error_messages={
            "required": "Bestätigen Sie, dass alle Abgebildeten einverstanden sind – sonst wählen Sie ein anderes Bild."
        },
    )

    def clean_file(self) -> Any:
        files.check_image(self.cleaned_data["file"])
        return self.cleaned_data["file"]


class FileForm(ReceiptFormMixin):
    """A PDF that others may use."""

    title = PlainText(
        limit=120,
        label="Titel der Datei",
        help_text="Zum Beispiel: Checkliste für die ersten dreißig Tage.",
        error_messages={"required": "Geben Sie der Datei einen Titel."},
    )
    file = forms.FileField(
        label="PDF-Datei",
        help_text="Höchstens 30 MB, ohne Passwort. Bitte keine Namen von Auszubildenden.",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": "Wählen Sie eine PDF-Datei aus.",
            "empty": "Diese Datei ist leer. Wählen Sie die richtige Datei aus.",
            "invalid": "Die Datei ist nicht angekommen. Wählen Sie sie noch einmal aus.",
        },
    )

    def clean_file(self) -> Any:
        files.check_pdf(self.cleaned_data["file"])
        return self.cleaned_data["file"]


class SubmitForm(ReceiptFormMixin):
    """The last step: the consent and nothing else."""

    consent = forms.BooleanField(
        label="Ich bin einverstanden, dass das Beispiel nach Prüfung durch die Regionalkoordination veröffentlicht "
        "wird; es nennt keine Auszubildenden mit Namen",
        error_messages={"required": "Bestätigen Sie Ihr Einverständnis, dann können Sie das Beispiel absenden."},
    )
