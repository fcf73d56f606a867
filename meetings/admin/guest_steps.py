"""Invite guests and speakers who are not in the address book: a list, who of it is new, the mail, then the sending."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from meetings import guests, invitations, notices
from meetings.admin.frame import actor, own_meeting, page, receipt, take
from meetings.models import Invitation
from mobipro.admin.fields import refuse_control_characters


class GuestsForm(forms.Form):
    """The list as it was typed or pasted, and why these people are invited."""

    reason = forms.ChoiceField(
        label="Warum",
        choices=[(Invitation.Reason.GUEST, "als Gast"), (Invitation.Reason.SPEAKER, "trägt etwas vor")],
        initial=Invitation.Reason.GUEST,
        error_messages={
            "required": "Wählen Sie aus, warum die Personen eingeladen werden.",
            "invalid_choice": "Wählen Sie „als Gast“ oder „trägt etwas vor“ aus.",
        },
    )
    people = forms.CharField(
        label="Personen",
        max_length=40000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        validators=[refuse_control_characters],
        help_text="Je Zeile: Name; Einrichtung; E-Mail-Adresse. Aus Excel kopieren geht auch.",
        error_messages={
            "required": "Geben Sie mindestens eine Person ein.",
            "max_length": "Die Liste ist zu lang. Laden Sie in mehreren Schritten ein.",
        },
    )
    note = forms.CharField(
        label="Ihre Nachricht in der Mail",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_control_characters],
        error_messages={"max_length": "Die Nachricht ist zu lang (höchstens 1000 Zeichen)."},
    )


def invite_guests(request: HttpRequest, pk: int) -> HttpResponse:
    """First "Prüfen": who is new, who has a mail already, the mail of the first; then the button that sends."""
    meeting = own_meeting(request, pk)
    form = GuestsForm(request.POST or None)
    lines: list[guests.Line] = []
    mail: tuple[str, str] | None = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        lines = guests.read(meeting, values["people"])
        for problem in guests.problems_of(lines):
            form.add_error("people", problem)
        if form.is_valid() and request.POST.get("step") == "send":
            new = sum(not line.is_known for line in lines)
            job = partial(
                guests.invite,
                meeting=meeting,
                text=values["people"],
                reason=values["reason"],
                note=values["note"],
                by=actor(request),
                form_id=receipt(request),
            )
            words = (
                f"Die Einladung an {new} {'Person' if new == 1 else 'Personen'} wartet im Postausgang und geht gleich "
            )
            done = take(request, meeting, job, f"{words}hinaus.", lambda text: form.add_error("people", text))
            if done:
                return done
        elif form.is_valid():
            mail = _preview(meeting, lines, form)
    return page(
        request,
        "guests",
        meeting,
        f"Gäste einladen: {meeting.title}",
        form=form,
        mail=mail,
        new=[line for line in lines if not line.is_known],
        known=[line for line in lines if line.is_known],
        pause=notices.pause_in_words(),
    )


def _preview(meeting: Any, lines: list[guests.Line], form: GuestsForm) -> tuple[str, str] | None:
    first = next(line for line in lines if not line.is_known)
    try:
        invitations.check_invitable(meeting)
        mail = guests.preview(meeting, first, form.cleaned_data["reason"], form.cleaned_data["note"])
    except invitations.InvitationError as problem:
        form.add_error(None, str(problem))
        return None
    return mail.subject, mail.text
