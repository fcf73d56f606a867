"""The personal page behind the link of an invitation. GET changes nothing; the link is the authorisation.

The POST needs no cookie (web views of mail programs block them) and is therefore exempt from CSRF protection.
The page shows the meeting and the first name: no address, no needs, no other person.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from meetings import certificates, emails, ical, offers, photos, registrations, requests, seats, workshops
from meetings.choice_forms import PhotoForm, WorkshopForm
from meetings.forms import WORD_OF, AnswerForm, ColleagueForm, DeleteNeedsForm, LateRequestForm, NewLinkForm
from meetings.models import Answer, Invitation, Meeting, MeetingChange, PhotoConsent, Registration, SupportNeed
from meetings.models.agenda import public_with_times
from meetings.models.invitation import PartStat
from meetings.scheduling import SchedulingError
from mobipro import links
from mobipro.headers import private
from regions.models import AlreadyReceived

_ERRORS = (registrations.RegistrationError, requests.RequestError, workshops.WorkshopError)


def invitation_of(token: str) -> Invitation | None:
    """The invitation of a genuine, current token; None for anything else."""
    found = links.verify(emails.LINK_PURPOSE, token)
    if found is None:
        return None
    rows = Invitation.objects.select_related("meeting__venue", "named_by")
    return rows.filter(pk=found[0], link_version=found[1]).first()


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_of(token)
    if invitation is None:
        return private(render(request, "meetings/answer_invalid.html", {"form": NewLinkForm()}, status=404))
    if invitation.is_link_expired or invitation.withdrawn_at is not None:
        return private(render(request, "meetings/answer_over.html", _facts(invitation), status=410))
    if request.method == "POST":
        return private(_post(request, invitation, token))
    return private(_page(request, invitation, token))


# --- what was posted -----------------------------------------------------------------------------
def _post(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    handlers = {"kollegin": _colleague, "anfrage": _late, "loeschen": _delete_needs, "gruppe": _workshop}
    handlers["fotos"] = _photos
    handler = handlers.get(request.POST.get("aktion", ""), _answer)
    done = HttpResponseRedirect(reverse("meetings:answer", args=[token]))
    try:
        forms = handler(request, invitation)
    except AlreadyReceived:
        return done
    return done if forms is None else _page(request, invitation, token, forms)


def _answer(request: HttpRequest, invitation: Invitation) -> dict[str, Any] | None:
    """None when it was recorded, else the bound form with its errors."""
    form = _answer_form(invitation, request.POST)
    if not form.is_valid():
        return {"form": form}
    data = form.cleaned_data
    try:
        if form.partstat == PartStat.DELEGATED:
            registrations.name_deputy(
                invitation=invitation, name=data["name"], email=data["email"], form_id=form.receipt_id
            )
        else:
            registrations.record_answer(
                invitation=invitation,
                partstat=form.partstat,
                via=Answer.Via.LINK,
                mode=data.get("teilnahme") or "",
                comment=data["nachricht"],
                diet=data["verpflegung"],
                assistance=data["unterstuetzung"],
                workshop_items=form.chosen_workshops,
                form_id=form.receipt_id,
            )
    except _ERRORS as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return {"form": form}
    except SchedulingError as error:
        form.add_error(None, str(error))
        return {"form": form}
    return None


def _colleague(request: HttpRequest, invitation: Invitation) -> dict[str, Any] | None:
    form = ColleagueForm(request.POST, prefix="kollegin")
    if form.is_valid():
        try:
            registrations.register_colleague(
                invitation=invitation,
                name=form.cleaned_data["name"],
                email=form.cleaned_data["email"],
                form_id=form.receipt_id,
            )
        except _ERRORS as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return None if form.is_valid() else {"colleague_form": form}


def _late(request: HttpRequest, invitation: Invitation) -> dict[str, Any] | None:
    form = LateRequestForm(request.POST, prefix="anfrage")
    if form.is_valid():
        try:
            requests.request_late(
                invitation=invitation, message=form.cleaned_data["nachricht"], form_id=form.receipt_id
            )
        except _ERRORS as error:
            form.add_error(None, str(error))
    return None if form.is_valid() else {"late_form": form}


def _delete_needs(request: HttpRequest, invitation: Invitation) -> dict[str, Any] | None:
    form = DeleteNeedsForm(request.POST, prefix="loeschen")
    if not form.is_valid():
        return {"delete_form": form}
    registrations.delete_needs(invitation=invitation, form_id=form.receipt_id)
    return None


def _workshop(request: HttpRequest, invitation: Invitation) -> dict[str, Any] | None:
    form = WorkshopForm(request.POST, blocks=workshops.blocks_of(invitation.meeting))
    if form.is_valid():
        try:
            workshops.choose(invitation=invitation, items=form.chosen, form_id=form.receipt_id)
        except workshops.WorkshopError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return None if form.is_valid() else {"workshop_form": form}


def _photos(request: HttpRequest, invitation: Invitation) -> dict[str, Any] | None:
    form = PhotoForm(request.POST, prefix="fotos")
    if form.is_valid():
        try:
            is_given = form.cleaned_data["fotos"] == "ja"
            photos.set_consent(invitation=invitation, is_given=is_given, form_id=form.receipt_id)
        except photos.PhotoError as error:
            form.add_error(None, str(error))
    return None if form.is_valid() else {"photo_form": form}


def _answer_form(invitation: Invitation, data: Any = None, initial: dict[str, Any] | None = None) -> AnswerForm:
    blocks: list[workshops.Block] = []
    if not invitation.is_only_noted and workshops.seat_of(invitation) is None:
        blocks = workshops.blocks_of(invitation.meeting)
    if blocks and not seats.has_room_for(invitation):
        blocks = []  # a waiting list keeps no places in workshops; she is asked when she has a seat
    return AnswerForm(
        data,
        initial=initial,
        meeting=invitation.meeting,
        blocks=blocks,
        is_deputy=invitation.reason == Invitation.Reason.DEPUTY or invitation.is_only_noted,
    )


# --- what is shown -------------------------------------------------------------------------------
def _page(
    request: HttpRequest, invitation: Invitation, token: str, forms: dict[str, Any] | None = None
) -> HttpResponse:
    wanted = request.GET.get("antwort", "")
    current = WORD_OF.get(PartStat(invitation.partstat), "")
    registration = Registration.objects.filter(invitation=invitation).first()
    holds = registration is not None and registration.status != Registration.Status.CANCELLED
    context = {
        **_facts(invitation),
        "token": token,
        "state": state_of(invitation.meeting, holds),
        "registration": registration if holds else None,
        "has_offer": holds and registration is not None and _has_offer(registration, invitation),
        "is_last_minute": offers.is_last_minute(invitation.meeting),
        "has_lapsed": bool(registration and not holds and invitation.partstat == PartStat.NEEDS_ACTION),
        "place_in_line": seats.place_in_line(registration) if registration and holds else 0,
        "has_needs": SupportNeed.objects.filter(registration__invitation=invitation).exists(),
        "has_open_request": invitation.requests.filter(status="open").exists(),
        "form": _answer_form(
            invitation,
            initial={"antwort": wanted or current, "teilnahme": registration.mode if registration else "onsite"},
        ),
        "wants_needs": request.GET.get("angaben") == "neu",
        "is_changing": bool(wanted) or bool(forms and "form" in forms),
        "colleague_form": ColleagueForm(prefix="kollegin"),
        "late_form": LateRequestForm(prefix="anfrage"),
        "delete_form": DeleteNeedsForm(prefix="loeschen"),
        "may_bring_colleague": invitation.reason != Invitation.Reason.DEPUTY
        and not invitation.is_only_noted
        and invitation.meeting.max_per_project > 1,
        **_choices(invitation, registration if holds else None),
        **(forms or {}),
    }
    return render(request, "meetings/answer.html", context)


def _choices(invitation: Invitation, registration: Registration | None) -> dict[str, Any]:
    """What a person with a seat chooses besides: a workshop of each block, photos."""
    consent = PhotoConsent.objects.filter(invitation=invitation).first()
    has_consent = consent is not None and consent.is_given
    seat = registration if registration and registration.status in workshops.TAKING else None
    comes = seat is not None and invitation.partstat == PartStat.ACCEPTED
    blocks = workshops.blocks_of(invitation.meeting) if comes else []
    return {
        "consent": consent,
        "has_consent": has_consent,
        "asks_for_photos": has_consent or (comes and photos.may_be_asked(invitation.meeting)),
        "photo_form": PhotoForm(prefix="fotos"),
        "workshop_form": WorkshopForm(blocks=blocks, registration=seat) if blocks else None,
        "has_no_workshop": workshops.is_missing(seat, blocks),
    }


def _has_offer(registration: Registration, invitation: Invitation) -> bool:
    """One tap takes a seat; where a deputy was named, it is hers to say yes."""
    registration.invitation = invitation
    if registration.status == Registration.Status.OFFERED:
        return invitation.partstat != PartStat.DELEGATED
    return seats.may_take_now(registration)


def _facts(invitation: Invitation) -> dict[str, Any]:
    """The meeting with its last move, for every variant of the page."""
    meeting = invitation.meeting
    # A corrected title is seen on the page itself.
    last = next((row for row in meeting.changes.all() if row.kind != MeetingChange.Kind.CORRECTED), None)
    # Who was invited to the new date already needs no news about the old one.
    kind = last.kind if last is not None and last.made_at >= invitation.created_at else ""
    documentation = getattr(meeting, "documentation", None)  # of the app above, only for its link
    return {
        "invitation": invitation,
        "meeting": meeting,
        "place": ical.location_of(meeting) or "Ort folgt",
        "change": last,
        "is_moved": kind == MeetingChange.Kind.MOVED,
        "is_reinstated": kind == MeetingChange.Kind.REINSTATED,
        "has_old_answer": invitation.needs_reconfirmation and invitation.partstat != PartStat.NEEDS_ACTION,
        "documentation": documentation if documentation and documentation.current_version_id else None,
        "contact_email": meeting.organizer_email,
        "has_certificate": certificates.attendance_of(invitation) is not None,
        "agenda": public_with_times(meeting),
    }


def state_of(meeting: Meeting, holds_seat: bool) -> str:
    """Which text the page leads with: cancelled, postponed, over, closed (deadline passed) or open."""
    if meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        return str(meeting.status)
    if meeting.status in Meeting.HELD_STATUSES or meeting.has_started:
        return "over"
    return "closed" if meeting.is_deadline_passed and not holds_seat else "open"


# --- beside it -----------------------------------------------------------------------------------
@never_cache
@require_safe
def answer_ics(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar file of the personal page; the same UID as in the mail, so no second entry."""
    invitation = invitation_of(token)
    if invitation is None or invitation.meeting.starts_at is None:
        return private(render(request, "meetings/answer_invalid.html", {"form": NewLinkForm()}, status=404))
    if invitation.is_link_expired or invitation.withdrawn_at is not None:
        return private(render(request, "meetings/answer_over.html", _facts(invitation), status=410))
    return private(ics_response(ical.publish([invitation.meeting]), invitation.meeting.code))


def ics_response(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_link(request: HttpRequest) -> HttpResponse:
    """ "Neuen Link an meine Adresse senden": the same reply for every address; only the mail tells more."""
    if request.method != "POST":
        return private(render(request, "meetings/new_link.html", {"form": NewLinkForm()}))
    form = NewLinkForm(request.POST)
    if not form.is_valid():
        return private(render(request, "meetings/new_link.html", {"form": form}))
    requests.send_new_links(email=form.cleaned_data["email"])
    return private(render(request, "meetings/new_link.html", {"form": NewLinkForm(), "is_sent": True}))
