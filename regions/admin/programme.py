"""Operator, sender, imprint, funding sentence and logos, valid from a day on."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse

from mobipro import files, mail
from mobipro.admin import PortalAdmin
from regions.models import ProgrammeSettings, ResponsibleBody

LOGOS = ("logo_bmas", "logo_zav", "logo_programme")


class ProgrammeSettingsForm(forms.ModelForm):
    class Meta:
        model = ProgrammeSettings
        exclude: list[str] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("contact_email", "sender_email", "reply_to"):
            if cleaned.get(name):
                try:
                    cleaned[name] = mail.normalise_address(cleaned[name])
                except ValueError as error:
                    self.add_error(name, str(error))
        for name in LOGOS:
            unsafe = getattr(self.files.get(name), "unsafe", "")
            if unsafe and name not in self.errors:
                self.add_error(name, unsafe)
        return cleaned


def draw_logos_anew(request: HttpRequest) -> None:
    """Replace uploaded logos by safe redrawn ones, before the admin opens its transaction (image work is slow)."""
    for name in LOGOS:
        upload: Any = request.FILES.get(name)
        if upload is None:
            continue
        try:
            drawn = files.prepare_image(upload)
        except files.UnsafeFile as error:
            upload.seek(0)
            upload.unsafe = str(error)
            continue
        suffix = "png" if drawn.format == "PNG" else "jpg"
        content_type = "image/png" if suffix == "png" else "image/jpeg"
        request.FILES[name] = SimpleUploadedFile(f"{name}.{suffix}", drawn.content, content_type)


@admin.register(ProgrammeSettings)
class ProgrammeSettingsAdmin(PortalAdmin):
    form = ProgrammeSettingsForm
    list_display = ["operator", "valid_from", "contact_email"]
    fieldsets = [
        (None, {"fields": ["valid_from", "operator", "address", "contact_email", "contact_phone"]}),
        ("Absender der Mails", {"fields": ["sender_name", "sender_email", "reply_to"]}),
        ("Recht und Förderung", {"fields": ["privacy_contact", "funding_sentence", "travel_cost_note"]}),
        ("Logos", {"fields": list(LOGOS)}),
    ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and self.has_change_permission(request):
            draw_logos_anew(request)
        return super().changeform_view(request, object_id, form_url, extra_context)


@admin.register(ResponsibleBody)
class ResponsibleBodyAdmin(PortalAdmin):
    list_display = ["name", "starts_on", "ends_on", "task"]
