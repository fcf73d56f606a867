"""The author's pages: nothing typed is lost, errors say what to do, foreign practices are 404."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from practices import drafts, review
from practices.models import GoodPractice, PracticeSubmission
from regions.models import Phase, RoleAssignment
from tests.factories import make_traeger, make_user
from tests.practices.conftest import form_id, make_practice, picture

BASE = "/gute-praxis/"


def text(response):
    return response.content.decode()


def step(client, practice, number, data, button="next"):
    practice.refresh_from_db()
    return client.post(f"{BASE}{practice.pk}/schritt/{number}/", {"seen": practice.revision, button: "1", **data})


def test_a_guest_is_sent_to_the_login(client, db):
    for path in ("meine/", "neu/", "1/", "1/schritt/1/", "1/vorschau/"):
        assert client.get(BASE + path).url.startswith("/konto/login/")


def test_funders_cannot_write(client, lindner):
    client.force_login(lindner)
    assert client.get(BASE + "neu/").status_code == 403


def test_create_presets_the_only_traeger_and_project(as_gross, gross):
    response = as_gross.post(BASE + "neu/", {"title": "Ein Anfang", "form_id": form_id()})
    practice = GoodPractice.objects.get()
    assert response.url == f"{BASE}{practice.pk}/schritt/1/"
    assert practice.organisation == gross.roles.get().organisation
    assert practice.project is not None
    assert practice.region.code == "NIHB"


def test_the_same_create_form_twice_makes_one_draft(as_gross):
    data = {"title": "Ein Anfang", "form_id": form_id()}
    first, second = as_gross.post(BASE + "neu/", data), as_gross.post(BASE + "neu/", data)
    assert first.url == second.url
    assert GoodPractice.objects.count() == 1


def test_create_says_what_is_missing(client, coordinator, gross):
    make_traeger("Zweiter Träger Beispiel", "Zweiter").projects.create(
        title="Zwei", slug="zwei", region=coordinator.roles.get().region
    )
    client.force_login(coordinator)
    page = text(client.post(BASE + "neu/", {"title": " ", "form_id": form_id()}))
    assert "Geben Sie dem Beispiel einen Titel." in page
    assert "Wählen Sie Ihren Träger aus." in page
    assert "<title>Fehler: " in page
    assert "zwingend" not in page


def test_a_coordinator_writes_on_behalf_of_a_traeger_of_the_own_region(client, coordinator, gross):
    client.force_login(coordinator)
    client.post(BASE + "neu/", {"title": "Für Leer", "form_id": form_id()})
    practice = GoodPractice.objects.get()
    assert practice.author == coordinator
    assert practice.organisation == gross.roles.get().organisation


@pytest.mark.parametrize("path", ["", "schritt/1/", "schritt/5/", "vorschau/", "loeschen/"])
def test_a_foreign_draft_does_not_exist(client, draft, path):
    other = make_traeger("Haus der Berufe Beispiel e. V.", "Haus der Berufe")
    client.force_login(make_user("fremd@example.org", role=RoleAssignment.Role.TRAEGER_STAFF, organisation=other))
    assert client.get(f"{BASE}{draft.pk}/{path}").status_code == 404
    for target in ("schritt/1/", "absenden/", "bild/", "datei/", "loeschen/"):
        assert client.post(f"{BASE}{draft.pk}/{target}", {}).status_code == 404


def test_each_step_saves_and_leads_on(as_gross, draft):
    phase = Phase.objects.get(key="exam")
    response = step(as_gross, draft, 1, {"title": "Neuer Titel", "teaser": "Kurz", "phases": [phase.pk]})
    assert response.url == f"{BASE}{draft.pk}/schritt/2/"
    draft.refresh_from_db()
    assert (draft.title, draft.teaser, list(draft.phases.all())) == ("Neuer Titel", "Kurz", [phase])
    response = step(as_gross, draft, 2, {"approach": "So:\r\n\r\n- eins"}, button="later")
    assert response.url == f"{BASE}{draft.pk}/"
    draft.refresh_from_db()
    assert draft.approach == "So:\n\n- eins"


def test_valid_fields_are_kept_beside_invalid_ones_and_invalid_texts_are_shown_again(as_gross, draft):
    response = step(as_gross, draft, 2, {"situation": "Neu und gut", "aim": "x" * 612, "partners": "Kammer\x00"})
    page = text(response)
    assert "Der Text ist um 12 Zeichen zu lang (erlaubt: 600)." in page
    assert "x" * 612 in page
    assert "unsichtbares Steuerzeichen" in page
    draft.refresh_from_db()
    assert draft.situation == "Neu und gut"
    assert draft.aim == "x" * 612, "an overlong text stays in the draft"
    assert draft.partners == ""


def test_an_overlong_teaser_and_an_empty_title_keep_what_is_stored_and_show_what_was_typed(as_gross, draft):
    old_title, old_teaser = draft.title, draft.teaser
    page = text(step(as_gross, draft, 1, {"title": "", "teaser": "ä" * 301, "place": "Emden"}))
    assert "Der Text ist um 1 Zeichen zu lang" in page
    assert "ä" * 301 in page
    draft.refresh_from_db()
    assert (draft.title, draft.teaser, draft.place) == (old_title, old_teaser, "Emden")


def test_line_breaks_of_the_browser_count_once(as_gross, draft):
    value = "a\r\n" * 298 + "abc"
    assert step(as_gross, draft, 2, {"aim": value}).status_code == 302


def test_foreign_and_forged_choices_are_refused_in_german(as_gross, draft, kaya):
    foreign = make_traeger("Fremd Beispiel", "Fremd").projects.create(
        title="Fremd", slug="fremd", region=kaya.roles.first().region
    )
    data = {"title": draft.title, "project": foreign.pk, "phases": ["999999", "abc"], "kind": "../etc"}
    page = text(step(as_gross, draft, 1, data))
    assert "Dieses Projekt gehört nicht zu Ihrem Träger." in page
    assert "Diese Auswahl gibt es nicht" in page
    assert "Diese Art gibt es nicht." in page
    assert step(as_gross, draft, 2, {"seen": "abc", "aim": "Ziel"}).status_code in (200, 302)


def test_two_editors_the_second_sees_the_other_text_beside_the_own(as_gross, draft, gross):
    seen = draft.revision
    drafts.save_step(practice=draft, by=gross, values={"aim": "Das Ziel der Kollegin"}, loaded=seen)
    own = {"aim": "Mein Ziel", "situation": draft.situation, "approach": draft.approach}
    data = {"seen": seen, "next": "1", **own}
    page = text(as_gross.post(f"{BASE}{draft.pk}/schritt/2/", data))
    assert "Mein Ziel</textarea>" in page
    assert "Inzwischen hat eine andere Person hier gespeichert: „Das Ziel der Kollegin“." in page
    draft.refresh_from_db()
    assert draft.aim == "Das Ziel der Kollegin"
    assert step(as_gross, draft, 2, own).status_code == 302
    draft.refresh_from_db()
    assert draft.aim == "Mein Ziel"


def test_the_task_list_says_what_is_missing(as_gross, gross):
    draft = make_practice(gross, results="", approach="")
    page = text(as_gross.get(f"{BASE}{draft.pk}/"))
    assert "Zum Absenden fehlt noch" in page
    assert f'href="{BASE}{draft.pk}/schritt/3/#id_results"' in page
    assert "Angaben fehlen" in page
    assert "Beispiel absenden" not in text(as_gross.get(f"{BASE}{draft.pk}/schritt/5/"))


def test_sending_needs_the_consent_and_happens_once(as_gross, draft, coordinator):
    page = text(as_gross.post(f"{BASE}{draft.pk}/absenden/", {"form_id": form_id()}))
    assert "Bestätigen Sie Ihr Einverständnis" in page
    data = {"form_id": form_id(), "consent": "on"}
    for _ in range(2):
        assert as_gross.post(f"{BASE}{draft.pk}/absenden/", data).url == f"{BASE}{draft.pk}/"
    assert PracticeSubmission.objects.count() == 1
    assert "prüft das Beispiel" in text(as_gross.get(f"{BASE}{draft.pk}/"))


@pytest.mark.parametrize("key", ["", "kaputt"])
def test_a_broken_form_id_is_an_error_and_no_crash(as_gross, draft, key):
    response = as_gross.post(f"{BASE}{draft.pk}/absenden/", {"form_id": key, "consent": "on"})
    assert response.status_code == 200
    assert "Ihre Eingaben stehen noch da" in text(response)


def test_a_submitted_practice_is_read_only(as_gross, submitted):
    assert as_gross.get(f"{BASE}{submitted.pk}/schritt/1/").url == f"{BASE}{submitted.pk}/"
    assert step(as_gross, submitted, 2, {"aim": "Anders"}).url == f"{BASE}{submitted.pk}/"
    submitted.refresh_from_db()
    assert submitted.aim != "Anders"
    as_gross.post(f"{BASE}{submitted.pk}/loeschen/")
    assert GoodPractice.objects.filter(pk=submitted.pk).exists()


def test_remarks_stand_beside_their_step(as_gross, gross, coordinator):
    row = make_practice(gross, "questions")
    row.submissions.get().remarks.create(practice=row, field="results", text="Eine Zahl?", made_by=coordinator)
    assert "Eine Zahl?" in text(as_gross.get(f"{BASE}{row.pk}/"))
    assert "Eine Zahl?" in text(as_gross.get(f"{BASE}{row.pk}/schritt/3/"))
    assert "Eine Zahl?" not in text(as_gross.get(f"{BASE}{row.pk}/schritt/2/"))


def post_image(client, practice, content, **changes):
    data = {
        "bild-form_id": form_id(),
        "bild-file": SimpleUploadedFile("foto.jpg", content, "image/jpeg"),
        "bild-alt": "Ein Bus",
        "bild-credit": "Foto: Werkstatt Leer",
        "bild-consent": "on",
        **changes,
    }
    return client.post(f"{BASE}{practice.pk}/bild/", data)


def test_a_picture_is_uploaded_shown_and_removed(as_gross, draft):
    assert post_image(as_gross, draft, picture()).url == f"{BASE}{draft.pk}/schritt/4/"
    image = draft.images.get()
    response = as_gross.get(f"{BASE}bild/{image.pk}/")
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "private, no-cache"
    assert b"".join(response.streaming_content)[:4] == b"RIFF"
    as_gross.post(f"{BASE}bild/{image.pk}/entfernen/")
    assert not draft.images.exists()


def test_a_refused_picture_keeps_its_words_and_says_why(as_gross, draft):
    page = text(post_image(as_gross, draft, b"<html>kein Bild</html>"))
    assert "Diese Datei ist kein lesbares Bild." in page
    assert 'value="Ein Bus"' in page
    page = text(post_image(as_gross, draft, picture(), **{"bild-alt": "", "bild-consent": ""}))
    assert "Beschreiben Sie, was auf dem Bild zu sehen ist." in page
    assert "Bestätigen Sie, dass alle Abgebildeten einverstanden sind" in page
    assert not draft.images.exists()


def test_a_draft_s_picture_is_for_its_house_only(client, as_gross, draft, bavarian):
    post_image(as_gross, draft, picture())
    path = f"{BASE}bild/{draft.images.get().pk}/"
    client.logout()
    assert client.get(path).status_code == 404
    client.force_login(bavarian)
    assert client.get(path).status_code == 404
    assert client.post(f"{path}entfernen/").status_code == 404


def test_text_of_several_megabytes_gives_an_error_and_no_crash(as_gross, draft):
    page = step(as_gross, draft, 2, {"aim": "x" * 1_000_000})
    assert "999.400 Zeichen zu lang" in text(page)
    draft.refresh_from_db()
    assert len(draft.aim) < 1000
    as_gross.raise_request_exception = False
    assert step(as_gross, draft, 2, {"aim": "x" * 10_000_000}).status_code in (400, 413)


def test_a_draft_is_deleted_after_a_question(as_gross, draft):
    assert "wird mit allen Texten" in text(as_gross.get(f"{BASE}{draft.pk}/loeschen/"))
    assert GoodPractice.objects.exists()
    as_gross.post(f"{BASE}{draft.pk}/loeschen/")
    assert not GoodPractice.objects.exists()


def test_a_question_stands_beside_its_field_and_is_read_with_it(as_gross, gross, coordinator):
    practice = make_practice(gross, "submitted")
    review.ask_back(practice=practice, by=coordinator, remarks={"approach": "Wer fährt <wirklich>?"}, form_id=form_id())
    page = as_gross.get(f"/gute-praxis/{practice.pk}/schritt/2/").content.decode()
    hint = page.split('id="id_approach_helptext"')[1].split("</div>")[0]
    assert "Rückfrage der Koordination: Wer fährt &lt;wirklich&gt;?" in hint
    assert 'aria-describedby="id_approach_helptext"' in page
