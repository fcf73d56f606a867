"""Certificates outside the work area: the person's own by her link, and the page where anybody checks a number."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from meetings import certificates
from meetings.print_kit import programme_of
from meetings.views.answer import invitation_of
from mobipro.files import serve_pdf
from mobipro.headers import private


@never_cache
@require_safe
def own_certificate(request: HttpRequest, token: str) -> HttpResponse:
    """The PDF of the person who holds this link. Nobody else's: the link is hers."""
    invitation = invitation_of(token)
    if invitation is None or invitation.is_link_expired or invitation.withdrawn_at is not None:
        raise Http404
    row = certificates.attendance_of(invitation)
    if row is None:
        raise Http404
    meeting = invitation.meeting
    content = certificates.build(meeting, [row], programme_of(meeting))
    return private(serve_pdf(content, f"teilnahmebestaetigung-{meeting.code}"))


@never_cache
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Is this number genuine? The same words for every wrong one: nobody learns who was where by trying."""
    number = request.GET.get("nummer", "")[:80].replace("\x00", "")
    context = {"number": number, "found": certificates.check(number), "is_asked": bool(number.strip())}
    return render(request, "meetings/check_certificate.html", context)
