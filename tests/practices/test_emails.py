"""The mails about a practice."""

from mobipro.outbox.models import OutboxMessage
from practices import emails, review
from tests.practices.conftest import form_id, make_practice


def mails(kind):
    return list(OutboxMessage.objects.filter(kind=f"practice_{kind}"))


def test_submission_goes_to_the_coordinator_with_a_link_to_the_review(submitted, coordinator, settings):
    emails.submitted(submitted, 1)
    (mail,) = mails("submitted")
    assert mail.recipient == coordinator.email
    assert f"{settings.BASE_URL}{review.practice_admin_url(submitted)}" in mail.text
    assert submitted.title in mail.text


def test_same_submission_is_told_once_and_the_next_one_again(submitted, coordinator):
    emails.submitted(submitted, 1)
    emails.submitted(submitted, 1)
    assert len(mails("submitted")) == 1
    emails.submitted(submitted, 2)
    assert len(mails("submitted")) == 2


def test_questions_name_the_field_and_lead_back_to_the_form(submitted, coordinator, gross, settings):
    remarks = {"approach": "Wer fährt?", "": "Schönes Beispiel & gut."}
    review.ask_back(practice=submitted, by=coordinator, remarks=remarks, form_id=form_id())
    (mail,) = mails("questions")
    assert mail.recipient == gross.email
    assert "Vorgehen" in mail.text
    assert "Wer fährt?" in mail.text
    assert "Schönes Beispiel & gut." in mail.text
    assert f"{settings.BASE_URL}/gute-praxis/{submitted.pk}/" in mail.text


def test_published_mail_leads_to_the_public_page(submitted, coordinator, settings):
    review.approve(practice=submitted, by=coordinator, form_id=form_id())
    practice = review.publish(practice=submitted, by=coordinator, form_id=form_id())
    (mail,) = mails("published")
    assert f"{settings.BASE_URL}{practice.get_absolute_url()}" in mail.text
    assert len(mails("approved")) == 1


def test_declining_mail_gives_the_reason(submitted, coordinator):
    review.decline(practice=submitted, by=coordinator, reason="Schon vorhanden: <Montagsbus>", form_id=form_id())
    (mail,) = mails("declined")
    assert "Schon vorhanden: <Montagsbus>" in mail.text
    assert "&lt;Montagsbus&gt;" in mail.html


def test_person_whose_account_is_closed_gets_no_mail(gross, submitted):
    gross.is_active = False
    gross.save()
    submitted.refresh_from_db()
    emails.published(submitted)
    assert mails("published") == []


def test_title_with_a_line_break_makes_no_second_header(gross, coordinator):
    practice = make_practice(gross, "submitted", title="Bus Bcc: x@example.org")
    emails.submitted(practice, 1)
    (mail,) = mails("submitted")
    assert "\n" not in mail.subject


def test_practice_without_region_has_no_reviewer(draft):
    draft.region = None
    assert emails.reviewers(draft) == []
