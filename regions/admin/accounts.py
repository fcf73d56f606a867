"""Logins, roles and invitations. Accounts come into being by invitation only."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from mobipro import mail
from mobipro.admin import FilledFilter, PortalAdmin, PortalTabularInline
from regions import accounts
from regions.models import AccountInvitation, RoleAssignment, User
from regions.rules import invitable_roles


class RoleInline(PortalTabularInline):
    model = RoleAssignment
    fields = ["role", "region", "all_regions", "organisation", "is_deputy", "valid_from", "valid_to"]


@admin.register(User)
class UserAdmin(PortalAdmin):
    list_display = ["email", "first_name", "last_name", "role_names", "is_active", "last_login"]
    list_filter = ["roles__role", "is_active"]
    search_fields = ["email"]
    fields = ["email", "first_name", "last_name", "is_active", "date_joined", "last_login"]
    readonly_fields = ["email", "date_joined", "last_login"]
    inlines = [RoleInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("roles__region", "roles__organisation")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are made by the invited persons themselves."""
        return False

    @admin.display(description="Rollen")
    def role_names(self, row: User) -> str:
        return ", ".join(str(role) for role in row.roles.all()) or "keine"


class UsedFilter(FilledFilter):
    title = "angenommen"
    parameter_name = "angenommen"
    field = "used_at"


class InvitationForm(forms.ModelForm):
    class Meta:
        model = AccountInvitation
        fields = ["email", "role", "contact", "organisation", "region", "all_regions"]

    def clean_email(self) -> str:
        try:
            address = mail.normalise_address(self.cleaned_data["email"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if User.objects.filter(email__iexact=address).exists():
            raise forms.ValidationError("Für diese Adresse gibt es schon ein Konto.")
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        role, region, everywhere = cleaned.get("role"), cleaned.get("region"), cleaned.get("all_regions")
        if role == RoleAssignment.Role.COORDINATOR and bool(region) == bool(everywhere):
            self.add_error("region", "Wählen Sie eine Region aus oder „alle Regionen“.")
        if role != RoleAssignment.Role.COORDINATOR and (region or everywhere):
            self.add_error("region", "Eine Region gehört nur zur Rolle Koordination.")
        has_house = cleaned.get("organisation") or cleaned.get("contact")
        if role == RoleAssignment.Role.TRAEGER_STAFF and not has_house:
            self.add_error("organisation", "Wählen Sie den Träger aus.")
        return cleaned

    def _post_clean(self) -> None:
        """Not the model's own check: inviting again renews the open invitation instead of refusing it."""


@admin.register(AccountInvitation)
class AccountInvitationAdmin(PortalAdmin):
    form = InvitationForm
    list_display = ["email", "role", "organisation", "invited_by", "created_at", "expires_at", "used_at"]
    list_filter = ["role", UsedFilter]
    list_select_related = ["organisation", "invited_by"]
    search_fields = ["email"]
    actions = ["invite_again"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An invitation is renewed, never edited; the list and its action stay open."""
        return obj is None and super().has_change_permission(request)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            allowed = invitable_roles(request.user)
            kwargs["choices"] = [choice for choice in RoleAssignment.Role.choices if choice[0] in allowed]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> AccountInvitation:
        """The job writes the row and the mail."""
        form.instance = accounts.invite(by=request.user, **form.cleaned_data)
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Already saved by the job."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """No related rows."""

    @admin.action(description="Neuen Link senden", permissions=["add"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset.filter(used_at=None).select_related("contact", "organisation", "region"):
            try:
                accounts.invite(
                    email=row.email,
                    by=request.user,
                    role=row.role,
                    contact=row.contact,
                    organisation=row.organisation,
                    region=row.region,
                    all_regions=row.all_regions,
                )
            except accounts.AccountError as error:
                messages.error(request, f"{row.email}: {error}")
            else:
                messages.success(request, f"Neuer Link an {row.email} ist unterwegs.")
