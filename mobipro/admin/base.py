"""The base class of every ModelAdmin: rights by rules, foreign records 404, two editors, history, German words."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.text import capfirst
from rules.contrib.admin import ObjectPermissionsModelAdmin
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from mobipro.admin import fields, revision


class PortalAdmin(ObjectPermissionsModelAdmin, SimpleHistoryAdmin):
    """A ModelAdmin as the coordinators know it.

    `related_icons = True` brings pencil, plus and eye back to the fields of related records.
    `section_links` adds (address, title) pairs to the section navigation of the form.
    """

    related_icons = False
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    formfield_overrides = fields.FORMFIELD_OVERRIDES
    history_list_per_page = 50
    object_history_list_template = "admin/history_list.html"

    # --- who may see what --------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        visible_to = getattr(rows, "visible_to", None)
        return visible_to(request.user) if visible_to else rows

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        # Django would redirect with a message; a foreign record is 404 everywhere in the portal.
        raise Http404(f"{opts.verbose_name} {object_id}")

    # --- words -------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, "subtitle": "", **(extra_context or {})})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: models.Model | None = None,
    ) -> HttpResponse:
        name = capfirst(str(self.opts.verbose_name))
        # The form may have changed the record in memory: the title names what is stored.
        context["title"] = str(context.get("stored_title") or obj) if obj else f"{name} anlegen"
        context["subtitle"] = ""
        context["kind"] = name
        return super().render_change_form(request, context, add, change, form_url, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = f"{capfirst(str(self.opts.verbose_name))} löschen?"
        return super().delete_view(request, object_id, {"title": title, "subtitle": "", **(extra_context or {})})

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            fields.in_german(field, str(db_field.verbose_name))
            if not self.related_icons:
                fields.without_icons(field)
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Boxes to tick: the two-column chooser speaks English and does not work without JavaScript."""
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # --- two editors -------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        if not revision.is_revised(self.model):
            return form
        return type(form.__name__, (revision.RevisionForm, form), {})

    def get_inline_formsets(
        self, request: HttpRequest, formsets: Sequence[Any], inline_instances: Sequence[Any], obj: Any = None
    ) -> list[Any]:
        for formset in formsets:
            if getattr(formset.instance, "has_conflict", False) and formset.is_bound:
                revision.tell_rows(formset)
        return super().get_inline_formsets(request, formsets, inline_instances, obj)

    # --- history -----------------------------------------------------------------------------

    @property
    def keeps_history(self) -> bool:
        return hasattr(self.model._meta, "simple_history_manager_attribute")

    def get_urls(self) -> list[URLPattern]:
        # Without the form of one old version: what changed stands in the list.
        return admin.ModelAdmin.get_urls(self)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record = self.get_object(request, admin.utils.unquote(object_id))
        if record is None:
            raise Http404
        context = {"title": f"Verlauf: {record}", "subtitle": "", **(extra_context or {})}
        if self.keeps_history:
            return super().history_view(request, object_id, context)
        return admin.ModelAdmin.history_view(self, request, object_id, context)

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: Any
    ) -> HistoricalRecordContextHelper:
        return ReadableHistory(self.model, historical_record)

    def render_history_view(
        self, request: HttpRequest, template: str, context: dict[str, Any], **kwargs: Any
    ) -> TemplateResponse:
        context["module_name"] = capfirst(str(self.opts.verbose_name_plural))
        return super().render_history_view(request, template, context, **kwargs)


class ReadableHistory(HistoricalRecordContextHelper):
    """Leaves out what nobody typed: revision, search columns, time stamps."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        kept = [change for change in delta.changes if self.model._meta.get_field(change.field).editable]
        return super().context_for_delta_changes(type(delta)(kept, delta.changed_fields, *_records(delta)))


def _records(delta: Any) -> tuple[Any, Any]:
    return delta.old_record, delta.new_record
