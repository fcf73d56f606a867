"""The list of meetings, adding one, and the dossier as its page."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from meetings import planning
from meetings.admin import (
    change_steps,
    circular_steps,
    feedback_steps,
    guest_steps,
    minutes_saving,
    notes_steps,
    outcome_steps,
    people_steps,
    plan,
    plan_steps,
    poll_steps,
    print_steps,
    recipient_steps,
    sent_mails,
    steps,
    task_steps,
)
from meetings.admin.dossier import context as dossier_context
from meetings.admin.step_forms import NewMeetingForm
from meetings.models import Meeting, ParkedTopic
from meetings.models.invitation import PartStat
from mobipro.admin import PortalAdmin, RecordFilter
from mobipro.templatetags.portal import day
from regions.models import AlreadyReceived, FormReceipt, Region, User

BEFORE_THE_INVITATION: tuple[tuple[str, Any, str], ...] = (
    ("<int:pk>/terminabfrage/", poll_steps.poll, "poll"),
    ("<int:pk>/terminabfrage/neu/", poll_steps.start, "poll_start"),
    ("<int:pk>/aufgaben/", task_steps.tasks, "tasks"),
)


@admin.register(Meeting)
class MeetingAdmin(PortalAdmin):
    list_display = ["code", "title", "region", "when", "place_name", "state", "answers"]
    list_display_links = ["code", "title"]
    list_filter = ["status", "year", ("regions", RecordFilter)]
    search_fields = ["search_title", "search_text", "code"]
    ordering = ["-starts_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).for_list()
        active = Q(invitations__withdrawn_at=None, invitations__invited_at__isnull=False)
        accepted = active & Q(invitations__partstat=PartStat.ACCEPTED)
        return rows.annotate(
            invited_count=Count("invitations", filter=active, distinct=True),
            accepted_count=Count("invitations", filter=accepted, distinct=True),
        )

    @admin.display(description="Region")
    def region(self, row: Meeting) -> str:
        return row.region_names

    @admin.display(description="Termin", ordering="starts_at")
    def when(self, row: Meeting) -> str:
        return day(row.starts_at) or "offen"

    @admin.display(description="Ort")
    def place_name(self, row: Meeting) -> str:
        return row.place

    @admin.display(description="Stand", ordering="status")
    def state(self, row: Meeting) -> str:
        return row.get_status_display()

    @admin.display(description="Antworten")
    def answers(self, row: Any) -> str:
        return f"{row.accepted_count} zugesagt von {row.invited_count}" if row.invited_count else "–"

    def has_delete_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """A meeting is cancelled, not deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        def wrapped(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"meetings_{name}")

        return [
            wrapped("jahresplan/", plan.this_year, "year_plan_now"),
            wrapped("jahresplan/<int:year>/", plan.year_plan, "year_plan"),
            wrapped("jahresplan/<int:year>/vorschlag/", plan_steps.proposal, "year_proposal"),
            wrapped("jahresplan/<int:year>/schritt/<slug:kind>/", plan_steps.step, "year_step"),
            wrapped("<int:pk>/termin/", steps.set_date, "date"),
            wrapped("<int:pk>/angaben/", steps.details, "details"),
            wrapped("<int:pk>/schritt/<slug:kind>/", people_steps.meeting_step, "step"),
            wrapped("<int:pk>/person/<int:invitation_id>/<slug:kind>/", people_steps.person_step, "person"),
            wrapped("<int:pk>/tagesordnung/", steps.agenda, "agenda"),
            *(wrapped(*row) for row in BEFORE_THE_INVITATION),
            wrapped("<int:pk>/einladen/", recipient_steps.invite, "invite"),
            wrapped("<int:pk>/einladen/vorschau/<int:contact_id>/", recipient_steps.preview, "preview"),
            wrapped("<int:pk>/save-the-date/", recipient_steps.send_save_the_date, "save_the_date"),
            wrapped(
                "<int:pk>/save-the-date/vorschau/<int:contact_id>/",
                recipient_steps.preview_save_the_date,
                "save_the_date_preview",
            ),
            wrapped(
                "<int:pk>/save-the-date/probe/<int:contact_id>/",
                recipient_steps.test_save_the_date,
                "save_the_date_test_mail",
            ),
            wrapped("<int:pk>/rundmail/<slug:kind>/", circular_steps.circular, "circular"),
            wrapped(
                "<int:pk>/rundmail/<slug:kind>/vorschau/<int:invitation_id>/",
                circular_steps.preview,
                "circular_preview",
            ),
            wrapped(
                "<int:pk>/rundmail/<slug:kind>/probe/<int:invitation_id>/",
                circular_steps.test_mail,
                "circular_test_mail",
            ),
            wrapped("<int:pk>/gaeste/", guest_steps.invite_guests, "guests"),
            wrapped("<int:pk>/verschieben/", change_steps.move, "move"),
            wrapped("<int:pk>/aendern/<slug:kind>/", change_steps.change, "change"),
            wrapped("<int:pk>/versand/<int:mailing_id>/<slug:action>/", change_steps.mailing, "mailing"),
            wrapped("<int:pk>/postausgang/", sent_mails.sent_mails, "sent_mails"),
            wrapped("<int:pk>/probe/<int:contact_id>/", recipient_steps.test_mail, "test_mail"),
            wrapped("<int:pk>/anfrage/<int:request_id>/", change_steps.decide, "decide"),
            wrapped("<int:pk>/druck/<slug:kind>/", print_steps.print_one, "print"),
            wrapped("<int:pk>/bestaetigungen/", print_steps.certificates, "certificates"),
            wrapped("<int:pk>/bestaetigungen/<int:attendance_id>/", print_steps.certificate, "certificate"),
            wrapped("<int:pk>/teilnahme/", outcome_steps.attendance, "attendance"),
            wrapped("<int:pk>/rueckmeldungen/", feedback_steps.feedback, "feedback"),
            wrapped("<int:pk>/rueckmeldungen/tabelle/", feedback_steps.file, "feedback_file"),
            wrapped("<int:pk>/rueckmeldungen/aushang/", feedback_steps.poster, "feedback_poster"),
            wrapped("<int:pk>/rueckmeldungen/neuer-link/", feedback_steps.renew_link, "feedback_renew"),
            wrapped("<int:pk>/ergebnisse/", outcome_steps.minutes, "minutes"),
            wrapped("<int:pk>/themenspeicher/", notes_steps.notes, "notes"),
            wrapped("<int:pk>/ergebnisse/<int:item_id>/", minutes_saving.save_item, "minutes_save"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = cast(User, request.user)
        form = NewMeetingForm(request.POST or None, initial=self._initial(request))
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            try:
                meeting = planning.create_meeting(
                    year=values["year"],
                    regions=values["regions"],
                    title=values["title"],
                    round_number=values["round"],
                    by=user,
                    form_id=request.POST.get("form_id") or None,
                )
            except planning.PlanningError as problem:
                form.add_error(None, str(problem))
            except (AlreadyReceived, ValueError):
                messages.info(request, "Dieses Formular wurde schon gesendet.")
                return redirect("admin:meetings_meeting_changelist")
            else:
                messages.success(request, f"{meeting.code} ist angelegt. Als Nächstes: Termin und Ort.")
                if values["month"]:
                    address = reverse("admin:meetings_date", args=[meeting.pk])
                    return redirect(f"{address}?monat={values['month']}&woche={values['week'] or ''}")
                return redirect("admin:meetings_meeting_change", meeting.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Treffen anlegen",
            "form": form,
            "form_id": FormReceipt.new_id(),
        }
        return render(request, "admin/meetings/add.html", context)

    @staticmethod
    def _initial(request: HttpRequest) -> dict[str, Any]:
        wanted = request.GET.get("region", "")
        regions = Region.objects.active().filter(code=wanted[:8])
        if not wanted and not request.user.access.coordinates_all:  # type: ignore[union-attr]
            own = request.user.access.coordinated_region_ids  # type: ignore[union-attr]
            regions = Region.objects.active().filter(pk__in=own) if len(own) == 1 else Region.objects.none()
        year = request.GET.get("jahr", "")
        month = request.GET.get("monat", "")
        week = request.GET.get("woche", "")
        return {
            "week": int(week) if week in [str(number) for number in range(1, 54)] else None,
            "month": int(month) if month in [str(number) for number in range(1, 13)] else "",
            "regions": list(regions),
            "year": int(year) if year.isascii() and year.isdigit() and len(year) == 4 else timezone.localdate().year,
        }

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The dossier: read by all coordinators, its steps for those of the region."""
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() and len(object_id) < 19 else 0
        meeting = get_object_or_404(Meeting.objects.visible_to(request.user).for_list(), pk=pk)
        if not self.has_view_permission(request, meeting):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **dossier_context(meeting),
            "parked": ParkedTopic.objects.waiting_for(meeting),
            "last_wishes": feedback_steps.last_wishes(request, meeting),
            "opts": self.opts,
            "title": f"{meeting.code}: {meeting.title}",
            "may_change": request.user.has_perm("meetings.change_meeting", meeting),
            "form_id": FormReceipt.new_id(),
        }
        return render(request, "admin/meetings/dossier.html", context)
