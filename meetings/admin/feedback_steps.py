"""What people said about a meeting: results as charts and table, poster with the QR code, until when."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from meetings import feedback as job
from meetings import feedback_results
from meetings.admin.frame import actor, own_meeting, page, receipt
from meetings.admin.step_forms import DATE_ERRORS, DATE_FORMATS
from meetings.models import FeedbackForm, Meeting
from mobipro import links, qr, spreadsheet
from mobipro.admin.fields import DayField
from regions.models import AlreadyReceived
from regions.visibility import access_of

WORDS = {"off": "nicht möglich", "early": "möglich, sobald das Treffen beginnt", "open": "offen", "closed": "beendet"}


class LastDayForm(forms.Form):
    """Until when feedback is taken; its limits are the job's."""

    day = DayField(
        label="Rückmeldungen möglich bis",
        input_formats=DATE_FORMATS,
        error_messages=DATE_ERRORS,
        widget=forms.DateInput(format="%d.%m.%Y"),
    )


def _address(form: FeedbackForm) -> str:
    """The link as it is shown and printed; it is no person's."""
    return links.absolute(reverse("meetings:feedback", args=[job.token(form)]))


def _form_of(request: HttpRequest, pk: int) -> FeedbackForm:
    meeting = own_meeting(request, pk)
    form = job.form_of(meeting)
    form.meeting = meeting
    return form


def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Results from three answers on; below them the link and how long it is open."""
    stored = _form_of(request, pk)
    meeting = stored.meeting
    form = LastDayForm(request.POST or None, initial={"day": job.last_day(stored)})
    if request.method == "POST" and form.is_valid() and _set(request, meeting, form):
        return redirect("admin:meetings_feedback", meeting.pk)
    found = feedback_results.results(meeting.feedback.all())
    state = job.state_of(stored)
    return page(
        request,
        "feedback",
        meeting,
        f"Rückmeldungen: {meeting.title}",
        found=found,
        fewest=feedback_results.FEWEST,
        form=form,
        state=state,
        state_in_words=WORDS[state],
        last_day=job.last_day(stored),
        address=_address(stored),
    )


def _set(request: HttpRequest, meeting: Meeting, form: LastDayForm) -> bool:
    try:
        job.set_last_day(meeting=meeting, day=form.cleaned_data["day"], by=actor(request), form_id=receipt(request))
    except job.FeedbackError as problem:
        form.add_error("day", str(problem))
        return False
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
    else:
        messages.success(request, f"Rückmeldungen sind bis {form.cleaned_data['day']:%d.%m.%Y} möglich.")
    return True


@require_POST
def renew_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link; the old one and its QR code are void."""
    meeting = own_meeting(request, pk)
    try:
        job.renew_link(meeting=meeting, by=actor(request), form_id=receipt(request))
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
    else:
        messages.success(request, "Der Link ist neu. Drucken Sie den Aushang neu; alte Links gelten nicht mehr.")
    return redirect("admin:meetings_feedback", meeting.pk)


@require_safe
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code on a page of its own, to print or to show on the wall."""
    stored = _form_of(request, pk)
    if stored.meeting.starts_at is None:
        raise Http404
    address = _address(stored)
    code = qr.svg(address, "QR-Code: Rückmeldung geben")
    context = {"meeting": stored.meeting, "code": code, "address": address, "last_day": job.last_day(stored)}
    return render(request, "meetings/feedback_poster.html", context)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The results as a table; from three answers on, as on the page."""
    meeting = own_meeting(request, pk)
    found = feedback_results.results(meeting.feedback.all())
    if not found.is_shown:
        raise Http404
    response = HttpResponse(
        feedback_results.table(meeting, found, timezone.now()), content_type=spreadsheet.CONTENT_TYPE
    )
    response["Content-Disposition"] = f'attachment; filename="rueckmeldungen-{slugify(meeting.code)}.xlsx"'
    return response


def summary(meeting: Meeting) -> dict[str, Any]:
    """What the dossier says: how many, and until when."""
    stored = job.form_of(meeting)
    stored.meeting = meeting
    return {"number": meeting.feedback.count(), "last_day": job.last_day(stored), "state": job.state_of(stored)}


def last_wishes(request: HttpRequest, meeting: Meeting) -> tuple[Meeting, list[str]] | None:
    """What people wished at the last meeting of these regions, for whoever prepares the next one.

    Only from a meeting whose results this person may read, and from three answers on.
    """
    if meeting.has_started or meeting.status == Meeting.Status.CANCELLED:
        return None
    earlier = Meeting.objects.coordinated_by(access_of(request.user)).filter(status__in=Meeting.HELD_STATUSES)
    earlier = earlier.filter(kind=meeting.kind, starts_at__lt=meeting.starts_at or timezone.now())
    if meeting.kind == Meeting.Kind.REGIONAL:
        earlier = earlier.filter(regions__in=[region.pk for region in meeting.places])
    last = earlier.order_by("-starts_at").first()
    wishes = feedback_results.wishes(last.feedback.all()) if last else []
    return (last, wishes) if last and wishes else None
