"""Anonymous feedback: one link for all, one effect a form, its time, and what is never stored."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings import feedback
from meetings.feedback import FeedbackError
from meetings.models import FeedbackForm, FeedbackResponse, Meeting
from mobipro import links
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(meeting):
    """Yesterday's meeting."""
    fields = {"starts_at": world.in_days(-1), "ends_at": world.in_days(-1) + timedelta(hours=6), "status": "held"}
    Meeting.objects.filter(pk=meeting.pk).update(**fields)
    meeting.refresh_from_db()
    return meeting


def form_of(meeting):
    form = feedback.form_of(meeting)
    form.meeting = meeting
    return form


@pytest.fixture
def url(held):
    return reverse("meetings:feedback", args=[feedback.token(form_of(held))])


def post(client, url, **data):
    return client.post(url, {"form_id": FormReceipt.new_id(), **data}, follow=True)


def text_of(response):
    return " ".join(response.content.decode().split())


# --- the page ------------------------------------------------------------------------------------
def test_reading_changes_nothing_and_sets_no_cookie(client, url):
    response = client.get(url)
    assert response.status_code == 200
    assert not response.cookies
    assert not FeedbackResponse.objects.exists()
    assert not FeedbackForm.objects.exists()
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]


def test_an_answer_without_cookie_or_csrf_token_is_stored_with_the_day_only(url, held):
    client = Client(enforce_csrf_checks=True)
    page = post(client, url, organisation="1", content="3", helped="Die Gespräche", organisation_kind="company")
    assert "Ihre Rückmeldung ist angekommen." in text_of(page)
    row = FeedbackResponse.objects.get()
    assert (row.meeting, row.submitted_on) == (held, timezone.localdate())
    assert (row.organisation, row.content, row.exchange, row.usefulness) == (1, 3, None, None)
    assert (row.helped, row.organisation_kind) == ("Die Gespräche", "company")


def test_nothing_stored_leads_to_a_person():
    fields = {field.name for field in FeedbackResponse._meta.get_fields()}
    assert fields == {
        "id", "meeting", "submitted_on", "organisation", "content", "exchange", "usefulness",
        "helped", "improve", "wishes", "organisation_kind",
    }  # fmt: skip


def test_even_a_signed_in_person_leaves_no_trace(client, url, gross):
    client.force_login(gross)
    post(client, url, usefulness="2")
    assert FormReceipt.objects.get(purpose="meetings.feedback").user is None


def test_the_same_form_twice_counts_once_and_thanks_twice(client, url):
    data = {"form_id": FormReceipt.new_id(), "exchange": "2"}
    for _ in range(2):
        assert "angekommen" in text_of(client.post(url, data, follow=True))
    assert FeedbackResponse.objects.count() == 1


def test_an_id_of_another_form_asks_to_send_again_and_keeps_what_was_typed(client, url):
    form_id = FormReceipt.new_id()
    FormReceipt.take(form_id, purpose="something.else")
    page = text_of(client.post(url, {"form_id": form_id, "helped": "Der Montagsbus"}))
    assert "schon einmal unterwegs" in page
    assert "Der Montagsbus" in page
    assert form_id not in page


def test_an_empty_form_says_what_to_do(client, url):
    page = text_of(post(client, url))
    assert "Füllen Sie mindestens eine Bewertung oder ein Textfeld aus." in page
    assert "<title>Fehler: " in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"organisation": "6"}, "Wählen Sie eine der sechs Antworten aus."),
        ({"content": "1 OR 1=1"}, "Wählen Sie eine der sechs Antworten aus."),
        ({"helped": "x" * 1001}, "Kürzen Sie auf höchstens 1000 Zeichen (jetzt 1001)."),
        ({"wishes": "a\x07b"}, "Steuerzeichen"),
        ({"helped": "a", "organisation_kind": "raumfahrt"}, "Wählen Sie eine Art der Einrichtung aus der Liste aus."),
    ],
)
def test_bad_input_is_refused_at_its_field_and_nothing_is_lost(client, url, data, words):
    page = text_of(post(client, url, improve="Mehr Pausen", **data))
    assert words in page
    assert "Mehr Pausen" in page
    assert not FeedbackResponse.objects.exists()


def test_markup_stays_text(client, url, held, kaya):
    for _ in range(3):
        post(client, url, wishes="<script>alert(1)</script>")
    client.force_login(kaya)
    page = client.get(reverse("admin:meetings_feedback", args=[held.pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- the link ------------------------------------------------------------------------------------
def test_all_mails_and_the_poster_have_the_same_link(held):
    form = form_of(held)
    assert links.fill(feedback.link(form)) == links.absolute(reverse("meetings:feedback", args=[feedback.token(form)]))


@pytest.mark.parametrize("change", ["another meeting", "another version", "another purpose", "cut", "nonsense"])
def test_a_forged_link_is_not_found(client, held, change):
    genuine = feedback.token(form_of(held))
    token = {
        "another meeting": f"{held.pk + 1}{genuine[genuine.index('.') :]}",
        "another version": f"{held.pk}.2.{genuine.rpartition('.')[2]}",
        "another purpose": links.token("answer", held.pk, 1),
        "cut": genuine[:-1],
        "nonsense": "x",
    }[change]
    address = reverse("meetings:feedback", args=[token])
    for response in (client.get(address), post(client, address, helped="a")):
        assert response.status_code == 404
        assert "Dieser Link ist ungültig" in text_of(response)
    assert not FeedbackResponse.objects.exists()


def test_a_renewed_link_makes_the_old_one_void(client, url, held, overall):
    feedback.renew_link(meeting=held, by=overall)
    assert client.get(url).status_code == 404
    fresh = reverse("meetings:feedback", args=[feedback.token(form_of(held))])
    assert client.get(fresh).status_code == 200
    assert FeedbackForm.history.first().history_user == overall


# --- its time ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("starts", "status", "state"),
    [
        (1, "invited", "early"),
        (-1, "held", "open"),
        (-28, "held", "open"),
        (-29, "held", "closed"),
        (5, "cancelled", "off"),
    ],
)
def test_it_is_open_from_the_start_until_28_days_after(meeting, starts, status, state):
    meeting.starts_at = timezone.now() + timedelta(days=starts)
    meeting.ends_at, meeting.status = meeting.starts_at, status
    assert feedback.state_of(form_of(meeting)) == state


@pytest.mark.parametrize(
    ("starts", "words"),
    [(3, "sobald das Treffen begonnen hat"), (-60, "Rückmeldungen waren bis"), (None, "findet zurzeit nicht statt")],
)
def test_outside_its_time_the_page_is_friendly_and_takes_nothing(client, url, held, starts, words):
    fields = {"starts_at": None, "ends_at": None, "status": "postponed"}
    if starts is not None:
        fields = {"starts_at": world.in_days(starts), "ends_at": world.in_days(starts) + timedelta(hours=6)}
    Meeting.objects.filter(pk=held.pk).update(**fields)
    assert words in text_of(client.get(url))
    assert words in text_of(post(client, url, helped="Zu spät"))
    assert not FeedbackResponse.objects.exists()


def test_the_coordination_sets_the_last_day(held, overall):
    day = timezone.localdate() + timedelta(days=60)
    feedback.set_last_day(meeting=held, day=day, by=overall)
    assert feedback.last_day(form_of(held)) == day
    feedback.set_last_day(meeting=held, day=timezone.localdate() - timedelta(days=1), by=overall)
    assert feedback.state_of(form_of(held)) == "closed"


@pytest.mark.parametrize("days", [-2, 400])
def test_a_last_day_before_the_meeting_or_far_after_it_is_refused(held, overall, days):
    with pytest.raises(FeedbackError, match="Wählen Sie einen Tag vom"):
        feedback.set_last_day(meeting=held, day=timezone.localdate() + timedelta(days=days), by=overall)


def test_somebody_who_plays_with_the_link_reaches_an_end(held, monkeypatch):
    monkeypatch.setattr(feedback, "MOST", 2)
    for _ in range(2):
        feedback.submit(form=form_of(held), answers={"content": 2}, form_id=FormReceipt.new_id())
    with pytest.raises(FeedbackError, match="nicht mehr möglich"):
        feedback.submit(form=form_of(held), answers={"content": 2}, form_id=FormReceipt.new_id())


def test_the_job_itself_refuses_a_form_sent_twice_and_an_empty_one(held):
    form_id = FormReceipt.new_id()
    with pytest.raises(FeedbackError, match="Füllen Sie"):
        feedback.submit(form=form_of(held), answers={"helped": "  "}, form_id=form_id)
    feedback.submit(form=form_of(held), answers={"content": 2}, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        feedback.submit(form=form_of(held), answers={"content": 2}, form_id=form_id)


def test_the_database_takes_no_mark_beyond_five(held):
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackResponse.objects.create(meeting=held, submitted_on=timezone.localdate(), content=6)


# --- retention -----------------------------------------------------------------------------------
def test_texts_are_deleted_a_year_after_the_meeting_and_the_marks_stay(held):
    FeedbackResponse.objects.create(meeting=held, submitted_on=timezone.localdate(), content=2, helped="Alles")
    assert feedback.delete_old_texts() == 0
    assert feedback.delete_old_texts(timezone.now() + timedelta(days=366)) == 1
    row = FeedbackResponse.objects.get()
    assert (row.helped, row.content) == ("", 2)
    assert feedback.delete_old_texts(timezone.now() + timedelta(days=366)) == 0


# --- hostile input -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "a\u2028b",
        "\ufeff\u202egnp.exe",
        "{{ 7 }}{% now %}{link:meetings:answer|answer|1|1||x}",
        "'; DROP TABLE",
        "🦄",
    ],
)
def test_every_text_gets_an_answer_in_german(client, url, text):
    response = post(client, url, helped=text, organisation=text, organisation_kind=text, form_id=text)
    page = text_of(response)
    assert response.status_code == 200
    assert "<title>Fehler: " in page
    assert "zwingend erforderlich" not in page
    assert not FeedbackResponse.objects.exists()
    response = post(client, url, helped=text, content="2")
    assert response.status_code == 200
    assert FeedbackResponse.objects.count() in (0, 1)


def test_ten_megabytes_are_refused_and_nothing_is_stored(client, url):
    response = client.post(url, {"form_id": FormReceipt.new_id(), "helped": "x" * 10_000_000})
    assert response.status_code in (400, 413)
    assert not FeedbackResponse.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, url, method):
    assert getattr(client, method)(url).status_code == 405
