"""Rows inside a record's form; whoever may change the record may change its rows."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.text import capfirst

from mobipro.admin import fields

#: A forged number of rows would draw up to 2000 of them: half a minute of work.
MAX_ROWS = 150


class LabelledFormSet(BaseInlineFormSet):
    """Names every input of a row for screen readers: "Beginn, Zeile 2"."""

    def add_fields(self, form: forms.BaseForm, index: int | None) -> None:
        super().add_fields(form, index)
        row = "neue Zeile" if index is None or index >= self.initial_form_count() else f"Zeile {index + 1}"
        for name, field in form.fields.items():
            if field.widget.is_hidden:
                continue
            label = "Löschen" if name == "DELETE" else capfirst(str(field.label or name))
            field.widget.attrs.setdefault("aria-label", f"{label}, {row}")


class PortalInlineMixin:
    """Rights from the parent, German errors, no icons. `related_icons = True` brings pencil and plus back."""

    extra = 0
    max_num = MAX_ROWS
    related_icons = False
    formfield_overrides = fields.FORMFIELD_OVERRIDES
    parent_model: type[models.Model]

    def _parent_allows(self, request: HttpRequest, action: str, obj: Any) -> bool:
        # Django hands an inline the parent record: a rule for the row's own type could not judge it.
        opts = self.parent_model._meta
        return request.user.has_perm(f"{opts.app_label}.{get_permission_codename(action, opts)}", obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent_allows(request, "view", obj) or self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent_allows(request, "change" if obj else "add", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, **{"absolute_max": MAX_ROWS, **kwargs})  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None:
            fields.in_german(field, str(db_field.verbose_name))
            if not self.related_icons:
                fields.without_icons(field)
        return field


class PortalTabularInline(PortalInlineMixin, admin.TabularInline):
    formset = LabelledFormSet
    template = "admin/edit_inline/tabular.html"


class PortalStackedInline(PortalInlineMixin, admin.StackedInline):
    pass
