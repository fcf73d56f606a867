"""The page behind the link in the mail about a task. GET changes nothing; the link is the authorisation.

It needs no cookie and no script, and shows the task and its meeting: no names, no addresses.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from meetings import followups
from meetings.emails.followups import ACTION_PURPOSE
from meetings.forms import ActionStateForm
from meetings.models import ActionItem
from mobipro import links
from mobipro.headers import private
from regions.models import AlreadyReceived


def action_of(token: str) -> ActionItem | None:
    """The task of a genuine, current token; None for anything else."""
    found = links.verify(ACTION_PURPOSE, token)
    if found is None:
        return None
    rows = ActionItem.objects.select_related("meeting")
    return rows.filter(pk=found[0], link_version=found[1]).first()


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, token: str) -> HttpResponse:
    row = action_of(token)
    if row is None:
        return private(render(request, "meetings/action_invalid.html", status=404))
    if row.is_link_expired:
        return private(render(request, "meetings/action_invalid.html", {"is_over": True}, status=410))
    form = ActionStateForm(initial={"ergebnis": row.result})
    if request.method == "POST":
        form = ActionStateForm(request.POST)
        if form.is_valid() and _stored(row, form):
            return private(HttpResponseRedirect(reverse("meetings:action", args=[token])))
    context = {
        "action": row,
        "meeting": row.meeting,
        "token": token,
        "form": form,
        "contact_email": row.meeting.organizer_email,
    }
    return private(render(request, "meetings/action.html", context))


def _stored(row: ActionItem, form: ActionStateForm) -> bool:
    """Whether the state is stored, now or by the same form before."""
    data = form.cleaned_data
    try:
        followups.set_status(
            action=row, status=data["stand"], result=data["ergebnis"], by=None, form_id=form.receipt_id
        )
    except AlreadyReceived as problem:
        if problem.result == followups.receipt_of(row):
            return True
        form.ask_again()
        return False
    except followups.FollowUpError as problem:
        form.add_error(None, str(problem))
        return False
    return True
