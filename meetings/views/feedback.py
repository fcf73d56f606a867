"""Anonymous feedback behind the one link of a meeting. GET changes nothing; no cookie is set, read or needed.

The POST is therefore exempt from CSRF protection. Who is signed in is never asked.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from meetings import feedback as job
from meetings.feedback_form import AnswerForm
from meetings.models import FeedbackForm
from mobipro.headers import private
from regions.models import AlreadyReceived

SENT = "gesendet"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, token: str) -> HttpResponse:
    """The questions while they are open, else a friendly word; after sending, the thanks."""
    form = job.form_by(token)
    if form is None:
        return private(render(request, "meetings/feedback_invalid.html", status=404))
    if SENT in request.GET:
        return _page(request, form, "sent")
    state = job.state_of(form)
    if state != "open":
        return _page(request, form, state, status=410 if state == "closed" and request.method == "POST" else 200)
    answers = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and answers.is_valid():
        try:
            job.submit(form=form, answers=answers.cleaned_data, form_id=answers.receipt_id)
        except job.FeedbackError as error:
            answers.add_error(None, str(error))
        except AlreadyReceived as earlier:
            if earlier.result:
                return _thanks(token)
            answers.ask_again()
        else:
            return _thanks(token)
    return _page(request, form, "open", answers=answers, token=token)


def _thanks(token: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('meetings:feedback', args=[token])}?{SENT}=1")


def _page(request: HttpRequest, form: FeedbackForm, state: str, status: int = 200, **more: Any) -> HttpResponse:
    meeting = form.meeting
    documentation = getattr(meeting, "documentation", None)  # of the app above, only for its link
    due = meeting.documentation_due_on
    context = {
        "meeting": meeting,
        "state": state,
        "last_day": job.last_day(form),
        "documentation": documentation if documentation and documentation.current_version_id else None,
        "documentation_due": due if due and due >= timezone.localdate() else None,
        **more,
    }
    return private(render(request, "meetings/feedback.html", context, status=status))
