"""Text that was sent after the login had expired: it waits in the session until its author is back.

Django keeps what an unknown visitor's session holds when that visitor logs in; another person's login in
the same browser still meets the permission of the page before anything is shown.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

KEY = "practice_text_waiting"
MAX_LENGTH = 200_000  # characters, percent-encoded: a whole step at its limits
NOT_KEPT = ("csrfmiddlewaretoken", "next", "later")


def login_keeps_text(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Send a visitor to the login; what a form brought along waits for the way back."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            _keep(request)
        return redirect_to_login(request.get_full_path())

    return wrapper


def _keep(request: HttpRequest) -> None:
    data = request.POST.copy()
    for name in NOT_KEPT:
        data.pop(name, None)
    text = data.urlencode()
    if len(text) <= MAX_LENGTH:
        request.session[KEY] = {"path": request.path, "text": text}


def waiting_for(request: HttpRequest) -> QueryDict | None:
    """The text that waits for this page; it stays until it is saved."""
    kept = request.session.get(KEY)
    return QueryDict(kept["text"]) if kept and kept["path"] == request.path else None


def forget(request: HttpRequest) -> None:
    """The page's text arrived: nothing waits any more."""
    if request.session.get(KEY, {}).get("path") == request.path:
        del request.session[KEY]
