"""The review page: who may open it, remarks that are not lost, steps with a second question."""

import pytest

from mobipro.admin.registry import boxes
from mobipro.outbox.models import OutboxMessage
from practices import compare, review
from tests.practices.conftest import form_id, make_practice

LIST = "/admin/practices/goodpractice/"


def text(response):
    return response.content.decode()


@pytest.fixture
def office(client, coordinator):
    client.force_login(coordinator)
    return client


def take(client, practice, name, **data):
    return client.post(f"{LIST}{practice.pk}/change/", {"step": name, "form_id": form_id(), **data})


def test_the_list_holds_what_was_submitted_in_the_own_region_and_no_draft(office, gross):
    for state in ("draft", "submitted", "questions"):
        make_practice(gross, state, title=f"Titel {state}")
    page = text(office.get(LIST))
    assert "Titel submitted" in page
    assert "Titel questions" in page
    assert "Titel draft" not in page


def test_another_region_s_coordinator_and_an_author_cannot_open_it(client, submitted, kaya, gross):
    client.force_login(kaya)
    assert client.get(f"{LIST}{submitted.pk}/change/").status_code == 404
    assert take(client, submitted, "approve").status_code == 404
    client.force_login(gross)
    assert client.get(f"{LIST}{submitted.pk}/change/").status_code in (302, 403)
    submitted.refresh_from_db()
    assert submitted.status == "submitted"


@pytest.mark.parametrize("person", ["kaya", "administrator"])
def test_who_only_reads_a_published_one_sees_no_buttons(client, published, person, request):
    client.force_login(request.getfixturevalue(person))
    response = client.get(f"{LIST}{published.pk}/change/")
    assert response.status_code == 200
    assert 'name="step"' not in text(response)
    assert take(client, published, "archive", confirmed="1").status_code == 403


@pytest.mark.parametrize("path", ["abc", "0", "99999999999999999999999"])
def test_a_number_that_does_not_exist_is_404(office, path):
    assert office.get(f"{LIST}{path}/change/").status_code == 404


def test_remarks_per_field_are_sent_back(office, submitted):
    response = take(office, submitted, "ask_back", **{"remark-results": "Eine Zahl?", "remark-whole": "Danke!"})
    assert response.status_code == 302
    submitted.refresh_from_db()
    assert submitted.status == "questions"
    assert {row.field: row.text for row in submitted.remarks.all()} == {"": "Danke!", "results": "Eine Zahl?"}


def test_written_remarks_are_never_lost_by_another_button(office, submitted):
    page = text(take(office, submitted, "approve", **{"remark-results": "Eine Zahl?"}))
    assert "Sie haben Rückfragen geschrieben." in page
    assert "Eine Zahl?</textarea>" in page
    assert "Schreiben Sie mindestens eine Rückfrage" in text(take(office, submitted, "ask_back"))


def test_publishing_and_archiving_ask_again(office, submitted):
    take(office, submitted, "approve")
    page = text(take(office, submitted, "publish"))
    assert "Veröffentlichen?" in page
    submitted.refresh_from_db()
    assert submitted.status == "approved"
    take(office, submitted, "publish", confirmed="1")
    submitted.refresh_from_db()
    assert submitted.status == "published"
    take(office, submitted, "archive", confirmed="1")
    submitted.refresh_from_db()
    assert submitted.status == "archived"


def test_declining_asks_for_the_reason(office, submitted):
    page = text(take(office, submitted, "decline", confirmed="1", reason=" "))
    assert "Schreiben Sie, warum" in page
    take(office, submitted, "decline", confirmed="1", reason="Das gibt es schon.")
    submitted.refresh_from_db()
    assert submitted.status == "declined"


def test_the_same_form_twice_has_one_effect(office, submitted):
    data = {"step": "approve", "form_id": form_id()}
    for _ in range(2):
        assert office.post(f"{LIST}{submitted.pk}/change/", data).status_code == 302
    assert OutboxMessage.objects.filter(kind="practice_approved").count() == 1


@pytest.mark.parametrize(("step", "key"), [("gibtesnicht", None), ("approve", "kaputt"), ("approve", "")])
def test_a_forged_step_or_form_changes_nothing(office, submitted, step, key):
    response = office.post(
        f"{LIST}{submitted.pk}/change/", {"step": step, "form_id": form_id() if key is None else key}
    )
    assert response.status_code in (200, 302)
    submitted.refresh_from_db()
    assert submitted.status == "submitted"


def test_the_second_submission_is_shown_with_what_changed(office, submitted, gross, coordinator):
    review.ask_back(practice=submitted, by=coordinator, remarks={"results": "Eine Zahl?"}, form_id=form_id())
    submitted.refresh_from_db()
    submitted.results = "Die Fehltage sanken von zwölf auf drei."
    submitted.save()
    review.submit(practice=submitted, by=gross, consent=True, form_id=form_id())
    page = text(office.get(f"{LIST}{submitted.pk}/change/"))
    assert '<del><span class="visually-hidden">gelöscht: </span>elf</del>' in page
    assert '<ins><span class="visually-hidden">eingefügt: </span>zwölf</ins>' in page
    assert "Eine Zahl?" in page


def test_differences_escape_markup_and_equal_texts_have_none():
    assert compare.difference("gleich", "gleich") is None
    assert "<script>" not in str(compare.difference("a", "<script>"))
    assert compare.difference(["A"], ["A", "B"])


def test_the_box_shows_what_waits_in_the_scope(rf, submitted, coordinator, kaya, gross):
    def rows(person, scope="meine"):
        request = rf.get("/admin/")
        request.user = person
        found = [box for box in boxes(request, scope) if box["title"] == "Beispiele zu prüfen"]
        return [row["title"] for row in found[0]["rows"]] if found else None

    assert rows(coordinator) == [submitted.title]
    assert rows(coordinator, "vertretung") == []
    assert rows(kaya) == []
    assert rows(gross) is None
