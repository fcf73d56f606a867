"""The queue "Antworten zuordnen": received mails that only a person can assign."""

from typing import Any

import rules
from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from meetings import counters, incoming
from meetings.admin.frame import actor, numbers
from meetings.models import IncomingMail, Invitation, Meeting
from meetings.models.invitation import PartStat
from meetings.registrations import ANSWERS, RegistrationError
from meetings.rules import coordinates_meeting
from mobipro.admin import Box, PortalAdmin, Row, register_box
from mobipro.html import no_control_characters
from mobipro.templatetags.portal import stamp
from regions.rules import register_model
from regions.visibility import access_of


@rules.predicate
def may_read_incoming(user: Any, mail: Any) -> bool:
    """The same as IncomingQuerySet.visible_to: coordinators only, others' meetings left out."""
    meeting = getattr(mail, "meeting", None)
    if meeting is None:
        return access_of(user).is_coordinator
    return bool(coordinates_meeting(user, meeting))


register_model(
    "meetings",
    "incomingmail",
    view=may_read_incoming,
    add=rules.always_false,
    change=may_read_incoming,
    delete=rules.always_false,
)


class AssignForm(forms.Form):
    """Whose answer it is, and what it says."""

    invitation = forms.ModelChoiceField(
        label="Von",
        queryset=Invitation.objects.none(),
        empty_label="Bitte wählen",
        error_messages={
            "required": "Wählen Sie aus, wer geantwortet hat.",
            "invalid_choice": "Diese Person ist zu dem gewählten Treffen nicht eingeladen. Wählen Sie eine andere.",
        },
    )
    partstat = forms.ChoiceField(
        label="Antwort",
        choices=[(value, PartStat(value).label) for value in ANSWERS],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Wählen Sie aus, was die Person geantwortet hat.",
            "invalid_choice": "Wählen Sie eine der drei Antworten aus.",
        },
    )

    def __init__(self, *args: Any, meeting: Meeting | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if meeting is not None:
            field: Any = self.fields["invitation"]
            field.queryset = meeting.invitations.active().order_by("name", "pk")
            field.label_from_instance = lambda row: f"{row.name}, {row.organisation_name} ({row.email})"


class DismissForm(forms.Form):
    note = forms.CharField(
        label="Vermerk (nur intern)", max_length=300, required=False, validators=[no_control_characters]
    )


@admin.register(IncomingMail)
class IncomingAdmin(PortalAdmin):
    list_display = ["sender", "kind", "meeting", "reason", "state", "received_at"]
    list_filter = ["state", "kind"]
    search_fields = ["sender", "subject", "attendee"]
    list_select_related = ["meeting"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The waiting ones first of all; the others behind the filter."""
        if not request.GET:
            return redirect(f"{reverse('admin:meetings_incomingmail_changelist')}?state__exact=waiting")
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One mail: what it says, why it waits, and the two ways to settle it."""
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() and len(object_id) < 19 else 0
        row = (
            IncomingMail.objects.visible_to(request.user)
            .select_related("meeting", "invitation__meeting")
            .filter(pk=pk)
            .first()
        )
        if row is None:
            raise Http404
        meetings = self._meetings(request)
        chosen = numbers([request.POST.get("meeting") or request.GET.get("treffen") or ""])
        meeting = meetings.filter(pk__in=chosen).first() if chosen else row.meeting
        form = AssignForm(
            request.POST if request.POST.get("step") == "assign" else None,
            meeting=meeting,
            initial={"invitation": row.invitation, "partstat": row.partstat},
        )
        dismissal = DismissForm(request.POST if request.POST.get("step") == "dismiss" else None)
        if request.method == "POST" and self._step(request, row, form, dismissal):
            return redirect("admin:meetings_incomingmail_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(row),
            "mail": row,
            "form": form,
            "dismissal": dismissal,
            "meeting": meeting,
            "meetings": meetings,
            "is_waiting": row.state == IncomingMail.State.WAITING,
            "is_proposal": counters.is_open(row),
        }
        return render(request, "admin/meetings/incoming_mail.html", context)

    @staticmethod
    def _meetings(request: HttpRequest) -> Any:
        """Where an answer can still belong: the person's own meetings that are to come."""
        own = Meeting.objects.coordinated_by(access_of(request.user)).exclude(invited_at=None)
        return own.filter(ends_at__gte=timezone.now()).order_by("starts_at")

    @staticmethod
    def _step(request: HttpRequest, row: IncomingMail, form: AssignForm, dismissal: DismissForm) -> bool:
        try:
            if request.POST.get("step") == "assign" and form.is_valid():
                chosen = form.cleaned_data
                incoming.assign(incoming=row, by=actor(request), **chosen)
                messages.success(request, f"Die Antwort von {chosen['invitation'].name} ist übernommen.")
                return True
            if request.POST.get("step") == "keep_date":
                counters.keep_date(proposal=row, by=actor(request))
                messages.success(request, "Es bleibt beim Termin. Die Person bekommt eine Mail.")
                return True
            if request.POST.get("step") == "dismiss" and dismissal.is_valid():
                incoming.dismiss(incoming=row, by=actor(request), note=dismissal.cleaned_data["note"])
                messages.success(request, "Die Mail ist erledigt; ihr Text ist gelöscht.")
                return True
        except (incoming.IncomingError, RegistrationError) as problem:
            form.add_error(None, str(problem)) if form.is_bound else messages.error(request, str(problem))
        return False


def to_assign(request: HttpRequest, scope: str) -> Box:
    """What waits, oldest first: answers from calendars, written replies, mails that came back."""
    waiting = IncomingMail.objects.visible_to(request.user).waiting().select_related("meeting")[:8]
    rows: list[Row] = [
        {
            "title": str(row),
            "url": reverse("admin:meetings_incomingmail_change", args=[row.pk]),
            "meta": f"{stamp(row.received_at)} · {row.meeting.code if row.meeting else 'kein Treffen erkannt'}",
        }
        for row in waiting
    ]
    url = reverse("admin:meetings_incomingmail_changelist")
    return {"title": "Antworten zuordnen", "url": url, "rows": rows, "empty": "Nichts zu tun"}


register_box(20, to_assign)
