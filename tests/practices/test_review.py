"""Submit, ask back, approve, decline, publish, archive: states, mails, double posts."""

import pytest
from django.contrib.auth.models import AnonymousUser

from mobipro.outbox.models import OutboxMessage
from practices import review
from practices.models import GoodPractice, PracticeSubmission
from regions.models import FormReceipt, RoleAssignment
from regions.models.record import AlreadyReceived
from tests.factories import make_user, region
from tests.practices.conftest import form_id, make_practice


def mails(kind):
    return list(OutboxMessage.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_submit_keeps_the_texts_and_tells_the_coordinator_of_the_region(draft, gross, coordinator, kaya):
    submission = review.submit(practice=draft, by=gross, consent=True, form_id=form_id())
    draft.refresh_from_db()
    assert draft.status == "submitted"
    assert draft.consent_given_by == gross
    assert submission.number == 1
    assert submission.content["results"] == draft.results
    assert submission.content["phases"] == ["Ausbildung 1. Jahr"] or submission.content["phases"]
    assert mails("practice_submitted") == ["behrens@example.org"]


def test_without_a_coordinator_the_deputies_hear_and_without_them_the_overall_coordination(draft, gross, overall):
    review.submit(practice=draft, by=gross, consent=True, form_id=form_id())
    assert mails("practice_submitted") == ["seidel@example.org"]
    make_user("vertretung@example.org", role=RoleAssignment.Role.COORDINATOR, region=region("NIHB"), is_deputy=True)
    second = make_practice(gross, title="Zweites")
    review.submit(practice=second, by=gross, consent=True, form_id=form_id())
    assert set(mails("practice_submitted")) == {"seidel@example.org", "vertretung@example.org"}


@pytest.mark.parametrize("field", ["teaser", "approach", "results"])
def test_submit_names_the_missing_text(draft, gross, field):
    setattr(draft, field, "")
    draft.save()
    with pytest.raises(review.Incomplete) as problem:
        review.submit(practice=draft, by=gross, consent=True, form_id=form_id())
    assert [gap.field for gap in problem.value.gaps] == [field]


def test_submit_needs_a_phase_a_project_and_the_consent(draft, gross):
    draft.phases.clear()
    draft.project = None
    draft.save()
    with pytest.raises(review.Incomplete) as problem:
        review.submit(practice=draft, by=gross, consent=True, form_id=form_id())
    assert [gap.field for gap in problem.value.gaps] == ["project", "phases"]
    other = make_practice(gross, title="Anderes")
    with pytest.raises(review.ReviewError, match="Einverständnis"):
        review.submit(practice=other, by=gross, consent=False, form_id=form_id())
    assert not PracticeSubmission.objects.exists()


def test_an_overlong_text_is_kept_and_cannot_be_submitted(draft, gross):
    draft.situation = "x" * 1512
    draft.save()
    with pytest.raises(review.Incomplete) as problem:
        review.submit(practice=draft, by=gross, consent=True, form_id=form_id())
    assert problem.value.gaps[0].text == "Kürzen Sie den Text um 12 Zeichen."


def test_a_form_sent_twice_submits_once(draft, gross, coordinator):
    key = form_id()
    review.submit(practice=draft, by=gross, consent=True, form_id=key)
    with pytest.raises(AlreadyReceived):
        review.submit(practice=draft, by=gross, consent=True, form_id=key)
    assert PracticeSubmission.objects.count() == 1
    assert len(mails("practice_submitted")) == 1


def test_a_refused_submission_leaves_no_receipt(draft, gross):
    key = form_id()
    with pytest.raises(review.ReviewError):
        review.submit(practice=draft, by=gross, consent=False, form_id=key)
    assert not FormReceipt.objects.filter(form_id=key).exists()
    review.submit(practice=draft, by=gross, consent=True, form_id=key)


def test_questions_go_to_the_author_with_their_fields_and_the_second_submission_says_so(submitted, gross, coordinator):
    review.ask_back(
        practice=submitted,
        by=coordinator,
        remarks={"results": "Können Sie eine Zahl nennen?", "aim": "  "},
        form_id=form_id(),
    )
    submitted.refresh_from_db()
    assert submitted.status == "questions"
    assert submitted.is_editable
    mail = OutboxMessage.objects.get(kind="practice_questions")
    assert mail.recipient == gross.email
    assert "Ergebnis:\nKönnen Sie eine Zahl nennen?" in mail.text
    assert submitted.remarks.get().field == "results"
    review.submit(practice=submitted, by=gross, consent=True, form_id=form_id())
    again = OutboxMessage.objects.get(kind="practice_submitted")
    assert again.subject.startswith("Überarbeitet eingereicht")


def test_questions_need_a_text(submitted, coordinator):
    with pytest.raises(review.ReviewError, match="mindestens eine Rückfrage"):
        review.ask_back(practice=submitted, by=coordinator, remarks={"aim": " "}, form_id=form_id())


def test_approve_then_publish_makes_it_public_and_writes_to_the_author(submitted, gross, coordinator):
    review.approve(practice=submitted, by=coordinator, form_id=form_id())
    review.publish(practice=submitted, by=coordinator, form_id=form_id())
    submitted.refresh_from_db()
    assert (submitted.status, submitted.visibility, submitted.published_by) == ("published", "public", coordinator)
    assert GoodPractice.objects.public().get() == submitted
    assert mails("practice_approved") == mails("practice_published") == [gross.email]
    assert submitted.history.first().history_user == coordinator
    assert submitted.history.first().history_change_reason == "Veröffentlicht"


def test_publish_names_what_others_would_need(gross, coordinator):
    practice = make_practice(gross, "approved", pitfalls="", aim="")
    with pytest.raises(review.Incomplete, match="Ziel, Was wir anders machen würden"):
        review.publish(practice=practice, by=coordinator, form_id=form_id())
    practice.refresh_from_db()
    assert practice.status == "approved"


def test_decline_needs_a_reason_and_sends_it(submitted, gross, coordinator):
    with pytest.raises(review.ReviewError, match="warum"):
        review.decline(practice=submitted, by=coordinator, reason=" ", form_id=form_id())
    review.decline(practice=submitted, by=coordinator, reason="Das gibt es schon.", form_id=form_id())
    submitted.refresh_from_db()
    assert submitted.status == "declined"
    assert "Das gibt es schon." in OutboxMessage.objects.get(kind="practice_declined").text


def test_archive_takes_it_off_the_pages(published, coordinator):
    review.archive(practice=published, by=coordinator, form_id=form_id())
    assert not GoodPractice.objects.public().exists()
    assert not GoodPractice.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("draft", {"submit"}),
        ("submitted", {"ask_back", "approve", "decline"}),
        ("questions", {"submit"}),
        ("approved", {"ask_back", "publish", "decline", "archive"}),
        ("published", {"archive"}),
        ("declined", {"archive"}),
        ("archived", set()),
    ],
)
def test_each_state_allows_its_steps_and_no_other(gross, coordinator, status, allowed):
    steps = {
        "submit": lambda row: review.submit(practice=row, by=gross, consent=True, form_id=form_id()),
        "ask_back": lambda row: review.ask_back(
            practice=row, by=coordinator, remarks={"": "Danke!"}, form_id=form_id()
        ),
        "approve": lambda row: review.approve(practice=row, by=coordinator, form_id=form_id()),
        "publish": lambda row: review.publish(practice=row, by=coordinator, form_id=form_id()),
        "decline": lambda row: review.decline(practice=row, by=coordinator, reason="Nein", form_id=form_id()),
        "archive": lambda row: review.archive(practice=row, by=coordinator, form_id=form_id()),
    }
    for name, step in steps.items():
        row = make_practice(gross, status, title=f"Beispiel {name}")
        if name in allowed:
            step(row)
            continue
        with pytest.raises(review.ReviewError, match="jetzt nicht"):
            step(row)


def test_an_author_without_account_gets_no_mail(submitted, gross, coordinator):
    gross.is_active = False
    gross.save()
    review.approve(practice=submitted, by=coordinator, form_id=form_id())
    assert not OutboxMessage.objects.exists()
