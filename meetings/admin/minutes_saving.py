"""What the script of the minutes page calls while people write: one item at a time, the answer as JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from meetings import minutes
from meetings.admin.frame import actor, numbers, own_meeting


@require_POST
def save_item(request: HttpRequest, pk: int, item_id: int) -> HttpResponse:
    """Store course and result of one item: 200 with the new revision, 409 with what somebody else wrote meanwhile
    (nothing was overwritten), 422 with the reason in German."""
    item = get_object_or_404(own_meeting(request, pk).agenda, pk=item_id)
    texts = {name: request.POST.get(name, "") for name in ("minutes_text", "result_text")}
    revision = next(iter(numbers([request.POST.get("revision", "")])), -1)
    try:
        saved = minutes.save_item(item=item, **texts, revision=revision, by=actor(request))
    except minutes.Conflict as conflict:
        theirs = {name: getattr(conflict.theirs, name) for name in texts}
        return JsonResponse({"revision": conflict.theirs.revision, **theirs}, status=409)
    except minutes.MinutesError as problem:
        return JsonResponse({"problem": str(problem)}, status=422)
    return JsonResponse({"revision": saved.revision})
