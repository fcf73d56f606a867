"""Beside the minutes: topics that wait for another day, and heard risks."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from meetings import noting
from meetings.admin.frame import actor, numbers, own_meeting, page, receipt
from meetings.admin.step_forms import OutcomeForm
from meetings.models import Meeting, ParkedTopic, RiskNote
from mobipro.html import no_control_characters
from regions.models import AlreadyReceived


class TopicForm(OutcomeForm):
    text = forms.CharField(
        label="Thema",
        max_length=300,
        validators=[no_control_characters],
        error_messages={
            "required": "Schreiben Sie auf, welches Thema später drankommen soll.",
            "max_length": "Das Thema ist zu lang (höchstens 300 Zeichen).",
        },
    )


class RiskForm(OutcomeForm):
    category = forms.ChoiceField(
        label="Bereich",
        choices=[("", "bitte wählen"), *RiskNote.Category.choices],
        error_messages={
            "required": "Wählen Sie einen Bereich aus der Liste.",
            "invalid_choice": "Wählen Sie einen Bereich aus der Liste.",
        },
    )
    text = forms.CharField(
        label="Was gesagt wurde",
        max_length=500,
        validators=[no_control_characters],
        help_text="Keine Namen von Auszubildenden. Sieht nur die Koordination.",
        error_messages={
            "required": "Schreiben Sie auf, was gesagt wurde.",
            "max_length": "Der Text ist zu lang (höchstens 500 Zeichen).",
        },
    )


def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """Parked topics – of this meeting and, waiting, of earlier ones – and heard risks."""
    meeting = own_meeting(request, pk)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    topic = TopicForm(request.POST if step == "topic" else None, prefix="topic", meeting=meeting)
    risk = RiskForm(request.POST if step == "risk" else None, prefix="risk", meeting=meeting)
    if step == "topic" and topic.is_valid():
        return _once(request, meeting, noting.park, topic.cleaned_data, "Das Thema steht im Themenspeicher.")
    if step == "risk" and risk.is_valid():
        return _once(request, meeting, noting.note_risk, risk.cleaned_data, "Das Risiko ist notiert.")
    if step and step not in ("topic", "risk"):
        return _change(request, meeting, step)
    return page(
        request,
        "notes",
        meeting,
        f"Themenspeicher und Risiken: {meeting.title}",
        topic=topic,
        risk=risk,
        topics=meeting.parked_topics.select_related("agenda_item"),
        waiting=ParkedTopic.objects.waiting_for(meeting),
        risks=meeting.risk_notes.select_related("agenda_item"),
    )


def _once(request: HttpRequest, meeting: Meeting, job: Any, values: dict[str, Any], done: str) -> HttpResponse:
    try:
        partial(job, meeting=meeting, **values, by=actor(request), form_id=receipt(request))()
    except AlreadyReceived:
        messages.info(request, "Dieser Schritt ist schon getan.")
    else:
        messages.success(request, done)
    return redirect("admin:meetings_notes", meeting.pk)


def _change(request: HttpRequest, meeting: Meeting, step: str) -> HttpResponse:
    """ "taken-12", "dropped-12" for a topic that waits; "remove-topic-12", "remove-risk-12" for a mistake."""
    kind, _, number = step.rpartition("-")
    pk = next(iter(numbers([number])), 0)
    if kind in ("taken", "dropped"):
        waiting = ParkedTopic.objects.waiting_for(meeting) | meeting.parked_topics.open().select_related("meeting")
        noting.settle(topic=get_object_or_404(waiting, pk=pk), status=kind, by=actor(request))
        messages.success(request, "Der Stand des Themas ist vermerkt.")
    else:
        rows: Any = meeting.risk_notes.all() if kind == "remove-risk" else meeting.parked_topics.all()
        found = get_object_or_404(rows if kind in ("remove-risk", "remove-topic") else rows.none(), pk=pk)
        noting.remove(note=found, by=actor(request))
        messages.success(request, "Der Eintrag ist gelöscht.")
    return redirect("admin:meetings_notes", meeting.pk)
