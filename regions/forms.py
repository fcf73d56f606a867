"""Forms of the network: invited sign-up, the filter of the public directory, and the receipt of a form."""

import uuid
from typing import Any

import django_filters
from allauth.account.forms import AddEmailForm, SignupForm
from allauth.core import context as allauth_context
from django import forms
from django.contrib import messages
from django.core.validators import EmailValidator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from mobipro import mail, search
from mobipro.html import no_control_characters
from regions import accounts
from regions.models import (
    AccountInvitation,
    Cohort,
    FederalState,
    FormReceipt,
    OccupationalField,
    Organisation,
    Region,
    SourceCountry,
    User,
)

EXPIRED = "Diese Einladung gilt nicht mehr. Bitten Sie die Koordination um eine neue."
SEND_AGAIN = "Ihre Eingaben stehen noch da: Prüfen Sie sie und senden Sie sie noch einmal."


class ReceiptFormMixin(forms.Form):
    """Carries the hidden `form_id` that gives a twice-sent form one effect (see FormReceipt)."""

    form_id = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=FormReceipt.new_id,
        error_messages={
            "required": f"Das Formular war unvollständig. {SEND_AGAIN}",
            "invalid": f"Das Formular war beschädigt. {SEND_AGAIN}",
        },
    )

    @property
    def receipt_id(self) -> uuid.UUID:
        """The key for FormReceipt.take; after is_valid()."""
        return self.cleaned_data["form_id"]

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and "form_id" in self.errors:
            self._renew()

    def ask_again(self) -> None:
        """Another form had its effect under this id: keep what was typed and let it be sent under a new one."""
        self.add_error(None, f"Das Formular war schon einmal unterwegs. {SEND_AGAIN}")
        self._renew()

    def _renew(self) -> None:
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("form_id")] = FormReceipt.new_id()
        self.data = data


class InvitedSignupForm(SignupForm):
    """Sign-up for the invited address only; the invitation of this browser is checked again at each step."""

    first_name = forms.CharField(
        label="Vorname",
        max_length=80,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": "Geben Sie Ihren Vornamen ein."},
    )
    last_name = forms.CharField(
        label="Nachname",
        max_length=80,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": "Geben Sie Ihren Nachnamen ein."},
    )
    field_order = ["email", "first_name", "last_name", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = self._invitation()
        email = self.fields["email"]
        email.label = "E-Mail-Adresse"
        email.help_text = "Ihr Anmeldename; die Adresse der Einladung."
        email.disabled = True  # a disabled field takes its initial value, whatever was posted
        self.initial["email"] = self.invitation.email if self.invitation else ""
        for name, label in (("password1", "Passwort"), ("password2", "Passwort noch einmal")):
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = "Geben Sie ein Passwort mit mindestens 12 Zeichen ein."
        contact = self.invitation.contact if self.invitation else None
        if contact and contact.kind == contact.Kind.PERSON:
            self.initial.setdefault("first_name", contact.first_name)
            self.initial.setdefault("last_name", contact.last_name)

    @staticmethod
    def _invitation() -> AccountInvitation | None:
        request = allauth_context.request
        return accounts.invitation_in_session(request) if request is not None else None

    def clean_email(self) -> str:
        if self.invitation is None:
            raise forms.ValidationError(EXPIRED)
        return super().clean_email()

    def save(self, request: HttpRequest) -> User:
        """Account, role and contact in one transaction; raises AccountError when the invitation was used meanwhile."""
        if self.invitation is None:
            raise accounts.AccountError(EXPIRED)
        with transaction.atomic():
            user = super().save(request)
            accounts.accept_invitation(invitation=self.invitation, user=user)
        request.session.pop(accounts.SESSION_KEY, None)
        return user

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        try:
            return super().try_save(request)
        except accounts.AccountError as error:
            messages.error(request, str(error))
            return None, redirect("account_login")


class OwnAddressForm(AddEmailForm):
    """The person's new address; it counts in login and address book once the link in its mail was opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = "Neue E-Mail-Adresse"
        # The portal's own check says what is wrong, and accepts a domain with umlauts.
        email.validators = [check for check in email.validators if not isinstance(check, EmailValidator)]
        email.error_messages["required"] = "Geben Sie die neue E-Mail-Adresse ein, zum Beispiel mueller@example.org."

    def clean_email(self) -> str:
        try:
            self.cleaned_data["email"] = mail.normalise_address(self.cleaned_data["email"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if accounts.belongs_to_another_contact(self.cleaned_data["email"], user=self.user):
            raise forms.ValidationError(
                "Diese Adresse können Sie nicht verwenden. Wählen Sie eine andere oder fragen Sie Ihre Koordination."
            )
        return super().clean_email()


class OrganisationFilter(django_filters.FilterSet):
    """The public directory by place, occupation, country, cohort and word. Every address with filters is a link."""

    q = django_filters.CharFilter(label="Stichwort", method="by_words", validators=[no_control_characters])
    region = django_filters.ModelChoiceFilter(
        label="Region",
        queryset=Region.objects.active(),
        field_name="projects__region",
        to_field_name="slug",
        empty_label="alle Regionen",
    )
    land = django_filters.ModelChoiceFilter(
        label="Bundesland",
        queryset=FederalState.objects.all(),
        field_name="projects__locations__federal_state",
        to_field_name="iso_code",
        empty_label="alle Länder",
    )
    berufsfeld = django_filters.ModelChoiceFilter(
        label="Berufsfeld",
        queryset=OccupationalField.objects.all(),
        field_name="projects__occupational_fields",
        empty_label="alle Berufsfelder",
    )
    herkunft = django_filters.ModelChoiceFilter(
        label="Herkunftsland",
        queryset=SourceCountry.objects.filter(projects__isnull=False).distinct(),
        field_name="projects__source_countries",
        to_field_name="iso_code",
        empty_label="alle Herkunftsländer",
    )
    jahrgang = django_filters.ModelChoiceFilter(
        label="Jahrgang",
        queryset=Cohort.objects.all(),
        field_name="projects__cohorts",
        to_field_name="year",
        empty_label="alle Jahrgänge",
    )

    class Meta:
        model = Organisation
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.mark_optional = False  # type: ignore[attr-defined]
        for field in self.form.fields.values():
            field.error_messages["invalid_choice"] = "Diese Auswahl gibt es nicht. Wählen Sie etwas aus der Liste."

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return search.match(queryset, value, order=["sort_key"])

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """One subquery a filter: joins over four lists would multiply rows and break the ranking of words."""
        for name, value in self.form.cleaned_data.items():
            if value in (None, "") or name == "q":
                continue
            chosen = Organisation.objects.filter(**{self.filters[name].field_name: value}).values("pk")
            queryset = queryset.filter(pk__in=chosen)
        words = self.form.cleaned_data.get("q")
        return self.by_words(queryset, "q", words) if words else queryset.order_by("sort_key")
