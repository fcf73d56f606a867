"""Trip 1, from the day on: attendance, results, agreements, then the documentation until a guest finds it."""

import io
import re
import shutil
import subprocess

import pikepdf
import pytest

from tests.trips.conftest import wait_until

pytestmark = pytest.mark.trip

RESULT = "Die Agentur nennt je Träger eine feste Ansprechperson."
DECISION = "Jeder Träger meldet freie Plätze bis zum ersten Werktag im Monat."
ACTION = "Liste der Ansprechpersonen verschicken"
SUMMARY = "Wie Träger und Agentur für Arbeit sich absprechen: feste Ansprechpersonen, ein Termin im Monat."
EDITOR = ".ProseMirror[contenteditable=true]"
SENTENCE = "Nachgetragen von der Koordination."


def test_a_held_meeting_is_recorded_documented_published_and_found(person, portal):
    kaya = person("kaya")
    kaya.goes_to("/admin/")
    kaya.inspect()
    box = kaya.page.locator("section").filter(has=kaya.page.get_by_role("heading", name="Dokumentation", exact=True))
    waiting = box.get_by_role("link", name=re.compile(r"\w")).first
    title = waiting.inner_text().strip()
    waiting.click()
    kaya.sees("Vereinbarungen")
    dossier = kaya.page.url
    person_there = record_attendance(kaya)
    record_results(kaya)
    kaya.goes_to(dossier)
    kaya.press("Dokumentation anlegen", exact=True)
    kaya.sees("Der Entwurf ist da")
    edit_draft(kaya)
    publish(kaya)

    guest = person()
    check_page(guest, title, person_there)
    check_pdf(guest, title)
    check_finding(guest, title)


def record_attendance(kaya):
    """Tick somebody, add somebody who just came; gives the name of the first, which no public page may show."""
    page = kaya.page
    kaya.follow(re.compile("^Teilnahme (erfassen|berichtigen)$"))
    first = page.get_by_role("radiogroup", name=re.compile("^Teilnahme von ")).first
    name = first.get_attribute("aria-label").removeprefix("Teilnahme von ")
    first.get_by_label("anwesend", exact=True).check()
    page.get_by_label("Name", exact=True).first.fill("Frerk Onnen")
    page.get_by_label("Einrichtung", exact=True).first.fill("Berufsschule am Deich")
    kaya.inspect()
    kaya.press("Teilnahme speichern")
    kaya.sees("Die Teilnahme ist erfasst.")
    return name


def record_results(kaya):
    """Course and result of one item, an agreement, a task – and what is missing is said."""
    page = kaya.page
    kaya.follow("Ergebnisse eintragen")
    item = page.get_by_role("group", name=re.compile("^TOP")).nth(3)
    item.get_by_label("Verlauf").fill("Drei Träger berichteten, danach wurde gesprochen.")
    item.get_by_label(re.compile("^Ergebnis")).fill(RESULT)
    kaya.press("Ergebnisse speichern")
    kaya.sees("Die Ergebnisse sind gespeichert.")
    kaya.press("Vereinbarung eintragen")
    kaya.sees("Schreiben Sie auf, was vereinbart wurde.")
    kaya.press("Aufgabe eintragen")
    kaya.sees("Schreiben Sie auf, was zu tun ist.")
    kaya.inspect()
    kaya.field("Vereinbarung").fill(DECISION)
    kaya.press("Vereinbarung eintragen")
    kaya.sees("Die Vereinbarung ist eingetragen.")
    kaya.field("Aufgabe").fill(ACTION)
    kaya.field("Wer").fill("Derya Kaya")
    kaya.field("Bis wann").fill("15.12.2026")
    kaya.press("Aufgabe eintragen")
    kaya.sees("Die Aufgabe ist eingetragen.")


def edit_draft(kaya):
    """The draft holds the records; the coordinator changes it in the editor."""
    page = kaya.page
    drafted = " ".join(page.locator(EDITOR).all_inner_texts())
    assert RESULT in drafted
    assert DECISION in drafted
    kaya.inspect()
    page.get_by_label("Kurzfassung").fill(SUMMARY)
    editor = page.locator(EDITOR).filter(has_text=RESULT)
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type(SENTENCE)
    page.locator("[name=_continue]").first.click()
    kaya.sees("erfolgreich")
    assert SENTENCE in page.locator(EDITOR).filter(has_text=RESULT).inner_text()


def publish(kaya):
    """Fix version 1, wait for its PDF, publish."""
    page = kaya.page
    kaya.follow(re.compile("^Herausgeben"))
    release = page.url
    page.get_by_label("Veröffentlichtes Beispiel").select_option(index=0)
    kaya.press("Aufnehmen", exact=True)
    kaya.sees("ist aufgenommen.")
    kaya.press("Fassung 1 festlegen und PDF erzeugen")
    kaya.sees("Fassung 1 ist festgelegt.")
    button = page.get_by_role("button", name="Fassung 1 veröffentlichen")

    def is_ready():
        page.goto(release)
        return button.count()

    wait_until(is_ready, "the PDF of version 1", 240)
    kaya.inspect()
    button.click()
    kaya.sees("Fassung 1 ist veröffentlicht.")
    kaya.inspect()


def check_page(guest, title, person_there):
    guest.goes_to("/dokumentation/")
    guest.follow(title)
    for words in (SUMMARY, RESULT, DECISION, SENTENCE):
        guest.sees(words)
    assert guest.page.get_by_text(person_there).count() == 0
    guest.inspect()


def check_pdf(guest, title):
    """The worker's bytes: tagged, German, titled, declared PDF/UA-1; its text says what was agreed."""
    link = guest.page.get_by_role("link", name=re.compile("^PDF, .*" + re.escape(title))).first
    answer = guest.context.request.get(link.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.body())) as pdf:
        assert str(pdf.Root.Lang).lower().startswith("de")
        assert bool(pdf.Root.MarkInfo.Marked)
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        kinds = set(tags_below(pdf.Root.StructTreeRoot.K))
        assert {"/Document", "/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/TOC"} <= kinds
        with pdf.open_outline() as outline:
            assert outline.root
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == title
            assert str(metadata["pdfuaid:part"]) == "1"
    if shutil.which("pdftotext"):  # of poppler-utils; the tags above need no program
        command = ["pdftotext", "-layout", "-", "-"]
        text = subprocess.run(command, input=answer.body(), capture_output=True, check=True).stdout.decode()
        said = " ".join(text.split())
        for words in (title, RESULT, DECISION, SENTENCE, "gefördert."):
            assert words in said


def tags_below(node):
    """The names of all structure elements."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from tags_below(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield str(node.S)
        if "/K" in node:
            yield from tags_below(node.K)


def check_finding(guest, title):
    """In the feed, on the meeting's page, by the filter and by the search."""
    feed = guest.context.request.get("/dokumentation/feed.atom").text()
    assert title in feed
    guest.goes_to("/dokumentation/?region=nord")
    assert guest.page.get_by_role("link", name=title).count()
    guest.goes_to("/treffen/?stand=dokumentiert")
    guest.follow(title)
    guest.inspect()
    guest.goes_to("/suche/?q=Ansprechperson")
    guest.inspect()
    guest.goes_to(f"/suche/?q={title}")
    guest.follow(title)
