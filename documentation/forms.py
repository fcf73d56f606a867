"""Filters of the public lists, which work as plain GET forms, and the forms of the subscription by e-mail."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from documentation.figure_scope import Scope
from documentation.models import MeetingDocumentation, Publication, Subscription
from documentation.subscriptions import Wish
from meetings.forms import MailAddressField
from mobipro import search
from regions.forms import ReceiptFormMixin
from regions.models import FederalState, OccupationalField, Region, SourceCountry, Topic


class DocumentationFilter(django_filters.FilterSet):
    """Keyword, region, topic and year of documentations."""

    q = django_filters.CharFilter(label="Stichwort", method="by_words")
    region = django_filters.ModelChoiceFilter(
        label="Region",
        queryset=Region.objects.active(),
        field_name="meeting__regions",
        to_field_name="slug",
        empty_label="alle Regionen",
    )
    thema = django_filters.ModelChoiceFilter(
        label="Thema",
        queryset=Topic.objects.all(),
        field_name="topics",
        to_field_name="slug",
        empty_label="alle Themen",
    )
    jahr = django_filters.ChoiceFilter(label="Jahr", field_name="meeting__year", empty_label="alle Jahre")

    class Meta:
        model = MeetingDocumentation
        fields: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        years = MeetingDocumentation.objects.published().values_list("meeting__year", flat=True)
        self.filters["jahr"].extra["choices"] = [(year, str(year)) for year in sorted(set(years), reverse=True)]

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return search.match(queryset, value, order=["-published_at"])


class PublicationFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Stichwort", method="by_words")
    art = django_filters.ChoiceFilter(
        label="Art", field_name="kind", choices=Publication.Kind.choices, empty_label="alle Arten"
    )

    class Meta:
        model = Publication
        fields: list[str] = []

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return search.match(queryset, value, order=["-year", "-month"])


class FiguresForm(forms.Form):
    """Period and selection of the figures; what makes no sense is named and left out."""

    jahr = forms.ChoiceField(label="Zeitraum", required=False)
    region = forms.ModelChoiceField(
        Region.objects.active(), label="Region", required=False, to_field_name="slug", empty_label="alle Regionen"
    )
    land = forms.ModelChoiceField(
        FederalState.objects.all(),
        label="Bundesland",
        required=False,
        to_field_name="iso_code",
        empty_label="alle Länder",
    )
    berufsfeld = forms.ModelChoiceField(
        OccupationalField.objects.all(), label="Berufsfeld", required=False, empty_label="alle Berufsfelder"
    )
    herkunft = forms.ModelChoiceField(
        SourceCountry.objects.filter(projects__isnull=False).distinct(),
        label="Herkunftsland",
        required=False,
        to_field_name="iso_code",
        empty_label="alle Herkunftsländer",
    )

    def __init__(self, data: Any, *, years: list[int], this_year: int) -> None:
        data = data.copy()
        data.setdefault("jahr", str(this_year))
        super().__init__(data)
        self.this_year = this_year
        choices = [(str(year), str(year)) for year in years]
        for year in years:
            choices += [(f"{year}-{half}", f"{half}. Halbjahr {year}") for half in (1, 2)]
        self.fields["jahr"].choices = [*choices, ("alle", "alle Jahre")]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = f"Wählen Sie bei „{field.label}“ einen Eintrag der Liste."

    def scope(self) -> Scope:
        """The selection; a period that does not exist is this year."""
        self.is_valid()
        chosen = self.cleaned_data.get("jahr") or str(self.this_year)
        year, _, half = chosen.partition("-")
        return Scope(
            year=None if year == "alle" else int(year),
            half=int(half) if half else None,
            region=self.cleaned_data.get("region"),
            state=self.cleaned_data.get("land"),
            field=self.cleaned_data.get("berufsfeld"),
            country=self.cleaned_data.get("herkunft"),
        )


# --- subscription by e-mail ----------------------------------------------------------------------
def _boxes(label: str, help_text: str = "", required: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=help_text,
        required=bool(required),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": required,
            "invalid_choice": f"Wählen Sie bei „{label}“ nur Einträge der Liste.",
            "invalid_list": f"Wählen Sie bei „{label}“ nur Einträge der Liste.",
        },
    )


class WishForm(ReceiptFormMixin):
    """What she wants to read about. Its fields carry the names that the lists' filters have in their addresses."""

    mark_optional = False  # the hints say what an empty choice means

    was = _boxes("Worüber möchten Sie lesen?", required="Wählen Sie mindestens eines aus.")
    region = _boxes("Regionen", "Ohne Auswahl: alle. Was alle Regionen angeht, ist immer dabei.")
    thema = _boxes("Themen", "Ohne Auswahl: alle. Termine, deren Tagesordnung noch fehlt, sind immer dabei.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Looked up here, not by the database: what is posted may hold characters that no query takes.
        self._regions = {region.slug: region for region in Region.objects.active()}
        self._topics = {topic.slug: topic for topic in Topic.objects.all()}
        fields: dict[str, Any] = self.fields
        fields["was"].choices = Subscription.Kind.choices
        fields["region"].choices = [(slug, region.name) for slug, region in self._regions.items()]
        fields["thema"].choices = [(slug, topic.name) for slug, topic in self._topics.items()]

    @staticmethod
    def chosen_by(subscription: Subscription) -> dict[str, list[str]]:
        """The form's initial values for what a subscription says."""
        return {
            "was": [str(kind) for kind in subscription.kinds],
            "region": [region.slug for region in subscription.regions.all()],
            "thema": [topic.slug for topic in subscription.topics.all()],
        }

    @property
    def wish(self) -> Wish:
        """After is_valid()."""
        return Wish(
            kinds=self.cleaned_data["was"],
            regions=[self._regions[slug] for slug in self.cleaned_data["region"]],
            topics=[self._topics[slug] for slug in self.cleaned_data["thema"]],
        )


class SubscribeForm(WishForm):
    email = MailAddressField(label="Ihre E-Mail-Adresse", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    field_order = ["form_id", "email", "was", "region", "thema"]
