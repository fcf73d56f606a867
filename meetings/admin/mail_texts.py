"""Mailtexte: the coordination's own words for each kind of mail, with a preview for a real person."""

from typing import Any

from csp.decorators import csp_replace
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from meetings import mail_texts, previews, wording
from meetings.admin.frame import actor, numbers
from meetings.models import Invitation, MailText, Meeting
from mobipro.admin import PortalAdmin
from mobipro.admin.fields import in_german
from mobipro.admin.revision import FIELD, RevisionForm
from mobipro.html import no_control_characters
from regions.visibility import access_of

DRAFTS = "mail_text_drafts"  # in the session: what the frame of a preview shows before saving
MEETINGS = 60


class MailTextForm(RevisionForm):
    """Subject and text; braces hold allowed placeholders only."""

    class Meta:
        model = MailText
        fields = ["subject", "text"]
        help_texts = {"subject": "Leer: der Betreff des Standardtextes."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, limit in (("subject", mail_texts.MAX_SUBJECT), ("text", mail_texts.MAX_TEXT)):
            field: Any = self.fields[name]
            in_german(field, str(field.label))
            field.validators.append(no_control_characters)
            field.error_messages["max_length"] = f"Kürzen Sie auf höchstens {limit} Zeichen (jetzt %(show_value)s)."
            for validator in field.validators:
                if getattr(validator, "code", "") == "max_length":
                    validator.message = field.error_messages["max_length"]
        self.fields["text"].widget.attrs["rows"] = 8
        self.fields["text"].help_text = "Absätze trennen Sie mit einer Leerzeile."
        if not self.instance.pk:  # two people may write the first own text at the same time
            self.fields[FIELD] = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=0)

    def clean_subject(self) -> str:
        subject = self._checked("subject")
        if "\n" in subject or "\r" in subject:
            raise forms.ValidationError("Der Betreff hat nur eine Zeile. Löschen Sie den Umbruch.")
        return subject

    def clean_text(self) -> str:
        return self._checked("text")

    def _checked(self, name: str) -> str:
        value = str(self.cleaned_data[name])
        problems = mail_texts.problems(self.instance.kind, value)
        if problems:
            raise forms.ValidationError(problems)
        return value

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.instance.pk and self.cleaned_data.get(FIELD):
            self.data = self.data.copy()
            self.data[self.add_prefix(FIELD)] = "0"
            self.add_error(
                None,
                "Inzwischen hat jemand den Standardtext wiederhergestellt. Ihre Eingaben stehen noch hier; speichern "
                "Sie noch einmal, wenn sie gelten sollen.",
            )
        return cleaned


@admin.register(MailText)
class MailTextAdmin(PortalAdmin):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("art/<slug:kind>/", wrap(self.edit_view), name="meetings_mail_text"),
            path("art/<slug:kind>/html/", wrap(self.html_view), name="meetings_mail_text_html"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All kinds, whether or not there is an own text."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = {row.kind: row for row in MailText.objects.all()}
        rows = [(kind, label, own.get(kind)) for kind, label in MailText.Kind.choices]
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "Mailtexte", "rows": rows}
        return render(request, "admin/meetings/mail_texts.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = MailText.objects.filter(pk__in=numbers([object_id])).first()
        if row is None:
            raise Http404
        return redirect("admin:meetings_mail_text", row.kind)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().delete_view(request, object_id, {"title": "Standardtext wiederherstellen?"})

    def delete_model(self, request: HttpRequest, obj: MailText) -> None:
        wording.restore(text=obj, by=actor(request))

    def edit_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """One kind: its text, what may stand in it, and the mail as a chosen person would get it."""
        row = self._text(request, kind)
        stored = MailText(kind=kind, subject=row.subject, text=row.text)
        step = request.POST.get("step", "save") if request.method == "POST" else ""
        meetings, meeting, people, person = self._chosen(request)
        form = MailTextForm(request.POST if step in ("save", "preview", "people") else None, instance=row)
        chosen = {"treffen": meeting.pk, "person": person[0]} if meeting and person else {}
        if step == "save" and self._saved(request, form):
            messages.success(request, "Der Text ist gespeichert und gilt für alle Mails, die ab jetzt entstehen.")
            return redirect(f"{reverse('admin:meetings_mail_text', args=[kind])}?{urlencode(chosen)}")
        shown: MailText | None = stored
        if step == "preview":
            shown = MailText(kind=kind, **_words(form)) if form.is_valid() else None
            if shown:
                request.session[DRAFTS] = {**request.session.get(DRAFTS, {}), kind: _words(form)}
        asked = step == "preview" or (not step and "person" in request.GET)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Mailtext: {MailText.Kind(kind).label}",
            "kind": kind,
            "form": form,
            "own": row if row.pk else None,
            "standard": mail_texts.KINDS[kind],
            "placeholders": [(name, mail_texts.MEANINGS[name]) for name in mail_texts.KINDS[kind].placeholders],
            "meetings": meetings,
            "meeting": meeting,
            "people": people,
            "person": person,
            "mail": previews.worded_mail(person[1], shown) if asked and person and shown else None,
            "query": urlencode({**chosen, **({"entwurf": 1} if step == "preview" else {})}),
            "is_draft": step == "preview",
        }
        return render(request, "admin/meetings/mail_text.html", context)

    # Mails carry inline styles; only shown in a sandboxed frame.
    @method_decorator(csp_replace({"style-src": ["'unsafe-inline'"], "script-src": ["'none'"], "sandbox": [""]}))
    def html_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The designed form of the mail: with the stored words, or with those just previewed."""
        row = self._text(request, kind)
        person = self._chosen(request)[3]
        if person is None:
            raise Http404
        draft = request.session.get(DRAFTS, {}).get(kind) if "entwurf" in request.GET else None
        return HttpResponse(previews.worded_mail(person[1], MailText(kind=kind, **draft) if draft else row)[2])

    def _text(self, request: HttpRequest, kind: str) -> MailText:
        """The own text of this kind, or an unsaved one with the standard words."""
        if kind not in mail_texts.KINDS:
            raise Http404
        if not self.has_change_permission(request):
            raise PermissionDenied
        return MailText.objects.filter(kind=kind).first() or MailText(kind=kind, text=mail_texts.KINDS[kind].text)

    @staticmethod
    def _chosen(
        request: HttpRequest,
    ) -> tuple[QuerySet[Meeting], Meeting | None, dict[str, Invitation], tuple[str, Invitation] | None]:
        """Own meetings with a date, the chosen one, its people, and the chosen person."""
        asked = request.POST if request.method == "POST" else request.GET
        own = Meeting.objects.coordinated_by(access_of(request.user)).exclude(starts_at=None).order_by("-starts_at")
        pk = numbers([asked.get("treffen", "")])
        meeting = own.filter(pk__in=pk).first() if pk else own.first()
        people = previews.recipients(meeting, request.user) if meeting else {}
        key = asked.get("person", "")
        if key not in people:
            key = next(iter(people), "")
        return own[:MEETINGS], meeting, people, (key, people[key]) if key else None

    @staticmethod
    def _saved(request: HttpRequest, form: MailTextForm) -> bool:
        try:
            with transaction.atomic():
                if not form.is_valid():
                    return False
                wording.keep(text=form.instance, by=actor(request))
        except IntegrityError:
            form.add_error(None, "Gerade hat jemand den ersten eigenen Text gespeichert. Laden Sie die Seite neu.")
            return False
        request.session[DRAFTS] = {k: v for k, v in request.session.get(DRAFTS, {}).items() if k != form.instance.kind}
        return True


def _words(form: MailTextForm) -> dict[str, str]:
    return {"subject": form.cleaned_data["subject"], "text": form.cleaned_data["text"]}
