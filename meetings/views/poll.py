"""The page behind the link of a Terminabfrage. GET changes nothing; the link is the authorisation.

Like the answer page it needs no cookie and no script. It shows dates and counts: no names, no addresses.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from meetings import poll_results, polls
from meetings.emails.polls import POLL_PURPOSE
from meetings.forms import PollForm
from meetings.models import PollVoter
from meetings.scheduling import SchedulingError
from mobipro import links
from mobipro.headers import private
from regions.models import AlreadyReceived


def voter_of(token: str) -> PollVoter | None:
    """The person of a genuine, current token; None for anything else."""
    found = links.verify(POLL_PURPOSE, token)
    if found is None:
        return None
    rows = PollVoter.objects.select_related("poll__meeting", "poll__chosen")
    return rows.filter(pk=found[0], link_version=found[1]).first()


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def poll(request: HttpRequest, token: str) -> HttpResponse:
    voter = voter_of(token)
    if voter is None:
        return private(render(request, "meetings/poll_invalid.html", status=404))
    if voter.is_link_expired:
        return private(render(request, "meetings/poll_invalid.html", {"is_over": True}, status=410))
    form = None
    if request.method == "POST":
        form = PollForm(request.POST, options=list(voter.poll.options.all()))
        if form.is_valid() and _voted(voter, form):
            return private(HttpResponseRedirect(reverse("meetings:poll", args=[token])))
    return private(_page(request, voter, token, form))


def _voted(voter: PollVoter, form: PollForm) -> bool:
    """Whether the answers are stored, now or by the same form before."""
    try:
        polls.vote(voter=voter, answers=form.answers, comment=form.cleaned_data["nachricht"], form_id=form.receipt_id)
    except AlreadyReceived as problem:
        if problem.result == polls.receipt_of(voter):
            return True
        form.ask_again()
        return False
    except (polls.PollError, SchedulingError) as problem:
        form.add_error(None, str(problem))
        return False
    return True


def _page(request: HttpRequest, voter: PollVoter, token: str, form: PollForm | None) -> HttpResponse:
    options = list(voter.poll.options.all())
    own: dict[int, Any] = dict(voter.votes.values_list("option_id", "answer"))
    if form is None:
        initial = {f"termin_{pk}": answer for pk, answer in own.items()}
        form = PollForm(options=options, initial={**initial, "nachricht": voter.comment})
    counts = poll_results.counts_of(voter.poll)
    context = {
        "voter": voter,
        "poll": voter.poll,
        "meeting": voter.poll.meeting,
        "token": token,
        "form": form,
        "contact_email": voter.poll.meeting.organizer_email,
        "rows": [(option, own.get(option.pk), counts.get(option.pk)) for option in options],
        "fields": [(option, form[f"termin_{option.pk}"], counts.get(option.pk)) for option in options],
    }
    return render(request, "meetings/poll.html", context)
