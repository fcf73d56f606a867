"""The address book: persons and mailboxes, what they do, whether mail reaches them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse

from mobipro import mail
from mobipro.admin import FilledFilter, PortalAdmin, PortalTabularInline
from regions import accounts
from regions.admin.search import people_by_words
from regions.models import ContactAssignment, ContactPerson, Organisation, User


class BouncedFilter(FilledFilter):
    title = "unzustellbar"
    parameter_name = "unzustellbar"
    field = "bounced_at"


class HouseFilter(admin.SimpleListFilter):
    title = "Art der Einrichtung"
    parameter_name = "einrichtung"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[Any]:
        return list(Organisation.Kind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        kind = self.value()
        return queryset.filter(organisation__kind=kind) if kind in Organisation.Kind.values else queryset


class ContactForm(forms.ModelForm):
    """Checks the address as mail systems understand it, and against the logins."""

    class Meta:
        model = ContactPerson
        fields = [
            "kind",
            "salutation",
            "title",
            "first_name",
            "last_name",
            "organisation",
            "email",
            "phone",
            "status",
            "on_leave_until",
            "successor",
            "last_confirmed_on",
        ]

    def clean_email(self) -> str:
        try:
            address = mail.normalise_address(self.cleaned_data["email"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        logins = User.objects.filter(email__iexact=address)
        if self.instance.user_id:
            logins = logins.exclude(pk=self.instance.user_id)
            if address != self.instance.email and logins.exists():
                raise forms.ValidationError("Für diese Adresse gibt es schon ein anderes Konto.")
        return address


class AssignmentInline(PortalTabularInline):
    model = ContactAssignment
    fields = ["project", "organisation", "function", "is_primary", "is_deputy", "valid_from", "valid_to"]


@admin.register(ContactPerson)
class ContactPersonAdmin(PortalAdmin):
    form = ContactForm
    change_form_template = "admin/regions/contact_change_form.html"
    list_display = ["name_in_list", "organisation", "email", "status", "is_bounced", "has_login"]
    list_filter = ["status", "kind", BouncedFilter, HouseFilter]
    list_select_related = ["organisation", "user"]
    search_fields = ["sort_key"]
    readonly_fields = ["user", "bounced_at"]
    inlines = [AssignmentInline]
    actions = ["invite_to_account"]
    fieldsets = [
        (None, {"fields": ["kind", "salutation", "title", "first_name", "last_name", "organisation"]}),
        ("Erreichbar", {"fields": ["email", "phone", "status", "on_leave_until", "successor", "bounced_at"]}),
        ("Konto und Pflege", {"fields": ["user", "last_confirmed_on"]}),
    ]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return people_by_words(queryset, search_term), False

    @admin.display(description="Name", ordering="sort_key")
    def name_in_list(self, row: ContactPerson) -> str:
        return f"{row.last_name}, {row.first_name}".strip(", ")

    @admin.display(description="unzustellbar", boolean=True)
    def is_bounced(self, row: ContactPerson) -> bool:
        return row.bounced_at is not None

    @admin.display(description="Konto", boolean=True)
    def has_login(self, row: ContactPerson) -> bool:
        return row.user_id is not None

    def save_model(self, request: HttpRequest, obj: ContactPerson, form: Any, change: bool) -> None:
        """A changed address is a job when there is a login: it changes in both and in allauth's table."""
        if change and "email" in form.changed_data:
            obj.bounced_at = None
        super().save_model(request, obj, form, change)
        if change and obj.user and obj.user.email != obj.email:
            accounts.change_email(user=obj.user, email=obj.email, by=request.user)

    # --- step: invite to an account -----------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        step = path(
            "<int:pk>/konto-einladen/",
            self.admin_site.admin_view(self.invite_view),
            name="regions_contactperson_invite",
        )
        return [step, *super().get_urls()]

    def invite_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button on the contact's page; a GET changes nothing."""
        contact = get_object_or_404(ContactPerson.objects.visible_to(request.user), pk=pk)
        if request.method == "POST" and self.has_change_permission(request, contact):
            self._invite(request, contact)
        return redirect(reverse("admin:regions_contactperson_change", args=[contact.pk]))

    @admin.action(description="Konto einladen", permissions=["change"])
    def invite_to_account(self, request: HttpRequest, queryset: QuerySet) -> None:
        for contact in queryset.select_related("organisation"):
            self._invite(request, contact)

    def _invite(self, request: HttpRequest, contact: ContactPerson) -> None:
        try:
            accounts.invite(email=contact.email, by=request.user, contact=contact)
        except (accounts.AccountError, ValueError) as error:
            messages.error(request, f"{contact.full_name}: {error}")
        else:
            messages.success(request, f"Einladung zum Konto an {contact.full_name} ({contact.email}) ist unterwegs.")
