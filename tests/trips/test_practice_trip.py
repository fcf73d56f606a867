"""Trip 2: a Träger's employee writes a practice that cannot be lost; it is reviewed, published and found."""

import io
import re

import pytest
from PIL import Image, ImageDraw

pytestmark = pytest.mark.trip

TITLE = "Der Werkzeugkoffer für die erste Woche"
TEASER = "Ein Koffer mit elf Dingen hilft Auszubildenden durch die ersten Tage: vom Stadtplan bis zur Prepaidkarte."
APPROACH = "Wir packen den Koffer vor der Ankunft.\n\n- Stadtplan\n- Prepaidkarte\n- Liste mit Rufnummern"
RESULTS = "Seit es den Koffer gibt, ruft in der ersten Woche kaum noch jemand abends an."
PITFALLS = "Der erste Koffer war zu schwer. Heute ist es ein Rucksack, der in den Bus passt."
SUMMARY = re.compile("^Bitte prüfen Sie")
GROSS = "gross@example.org"


def test_a_practice_is_written_reviewed_published_and_found(person, portal):
    gross = person("gross")
    hub = begin(gross)
    write(gross, hub)
    upload(gross)
    submit(gross)

    kaya = person("kaya")
    review = ask_back(kaya)
    mail = portal.wait_for_mail("Rückfrage", TITLE, to=GROSS)
    assert "Was ging beim ersten Mal schief?" in mail.text
    revise(gross, hub)
    publish(kaya, review)
    portal.wait_for_mail("Veröffentlicht", TITLE, to=GROSS)

    find(person())


def begin(gross):
    """A title is enough; without one the page says so. Gives the address of the draft."""
    gross.goes_to("/gute-praxis/neu/")
    gross.press("Entwurf anlegen")
    summary = gross.page.get_by_role("region", name=SUMMARY)
    assert "Geben Sie dem Beispiel einen Titel." in summary.inner_text()
    gross.inspect()
    summary.get_by_role("link").first.click()
    gross.page.keyboard.type(TITLE)
    gross.press("Entwurf anlegen")
    gross.sees("Ihr Entwurf ist angelegt.")
    return re.sub(r"schritt/\d/.*$", "", gross.page.url)


def write(gross, hub):
    """Steps 1 to 3; an overlong text and an early end lose nothing."""
    page = gross.page
    page.get_by_label("Kurztext").fill(TEASER * 4)
    page.get_by_label("Projekt", exact=True).select_option(index=1)
    page.get_by_role("group", name="Projektphasen").get_by_role("checkbox").first.check()
    gross.press("Speichern und weiter")
    assert "Zeichen zu lang (erlaubt: 300)" in page.get_by_role("region", name=SUMMARY).inner_text()
    assert page.get_by_label("Kurztext").input_value() == TEASER * 4
    gross.inspect()
    page.get_by_label("Kurztext").fill(TEASER)
    page.get_by_label("Zielgruppe").fill("Auszubildende in den ersten Tagen")
    page.get_by_role("group", name="Themen").get_by_role("checkbox").first.check()
    gross.press("Speichern und weiter")

    page.get_by_label("Ausgangslage").fill("Am ersten Abend fehlte immer etwas, und niemand wusste, wen man fragt.")
    page.get_by_label("Ziel", exact=True).fill("Die erste Woche ohne Notruf am Abend.")
    page.get_by_label("Vorgehen").fill(APPROACH)
    gross.press("Später fortsetzen")
    gross.sees("Gespeichert. Sie können jederzeit weitermachen.")
    gross.inspect()

    gross.goes_to(f"{hub}schritt/5/")
    gross.sees("Das fehlt noch")
    gross.inspect()
    gross.goes_to(f"{hub}schritt/2/")
    assert page.get_by_label("Vorgehen").input_value().replace("\r", "") == APPROACH
    gross.goes_to(f"{hub}schritt/3/")
    page.get_by_label("Ergebnis").first.fill(RESULTS)
    gross.press("Speichern und weiter")


def picture():
    """A drawn picture as a camera would send it, with its place in the metadata."""
    image = Image.new("RGB", (900, 600), "#DFE6F7")
    ImageDraw.Draw(image).rounded_rectangle((200, 180, 700, 480), 40, fill="#2145AA")
    exif = Image.Exif()
    exif[0x010F] = "Kamera Leer"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(gross):
    """A file that is no picture is refused with a reason; a real one is taken and drawn anew."""
    page = gross.page
    fake = {"name": "koffer.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 not a picture"}
    page.get_by_label("Bild", exact=True).set_input_files(fake)
    page.get_by_label("Bildbeschreibung").fill("Ein blauer Koffer auf hellem Grund.")
    page.get_by_label("Bildnachweis").fill("Zeichnung: Werkstatt Leer")
    gross.press("Bild hochladen")
    page.get_by_role("region", name=SUMMARY).wait_for()
    assert page.get_by_label("Bildbeschreibung").input_value() == "Ein blauer Koffer auf hellem Grund."
    gross.inspect()
    real = {"name": "koffer.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.get_by_label("Bild", exact=True).set_input_files(real)
    page.get_by_label(re.compile("^Alle Abgebildeten")).check()
    gross.press("Bild hochladen")
    shown = page.get_by_role("img", name="Ein blauer Koffer auf hellem Grund.")
    shown.wait_for()
    data = gross.context.request.get(shown.get_attribute("src")).body()
    assert b"Kamera Leer" not in data
    gross.inspect()
    page.get_by_label("Wen können andere fragen?").fill("Jürgen Groß, gross@example.org")
    gross.press("Speichern und weiter")


def submit(gross):
    gross.press("Beispiel absenden")
    gross.sees("Bestätigen Sie Ihr Einverständnis")
    gross.inspect()
    gross.page.get_by_label(re.compile("^Ich bin einverstanden")).check()
    gross.press("Beispiel absenden")
    gross.sees("Ihr Beispiel ist eingereicht.")
    gross.inspect()


def ask_back(kaya):
    """The overview names it; what is missing for publication is asked at its field. Gives the page's address."""
    page = kaya.page
    kaya.goes_to("/admin/?bereich=alle")
    kaya.follow(TITLE)
    kaya.inspect()
    kaya.press("Rückfragen senden")
    page.get_by_role("alert").wait_for()
    page.get_by_label("Rückfrage zu „Was wir anders machen würden“").fill("Was ging beim ersten Mal schief?")
    kaya.press("Rückfragen senden")
    kaya.sees("Die Rückfragen sind gesendet.")
    return page.url


def revise(gross, hub):
    page = gross.page
    gross.goes_to(hub)
    gross.sees("Was ging beim ersten Mal schief?")
    gross.inspect()
    gross.goes_to(f"{hub}schritt/3/")
    gross.sees("Was ging beim ersten Mal schief?")
    page.get_by_label("Was wir anders machen würden").fill(PITFALLS)
    gross.press("Speichern und weiter")
    gross.goes_to(f"{hub}schritt/5/")
    page.get_by_label(re.compile("^Ich bin einverstanden")).check()
    gross.press("Beispiel absenden")
    gross.sees("Ihr Beispiel ist eingereicht.")


def publish(kaya, review):
    """The change is shown beside the question; two steps to the public."""
    kaya.goes_to(review)
    kaya.sees("Geändert seit der vorigen Einreichung")
    kaya.inspect()
    kaya.press("Annehmen")
    kaya.sees("Das Beispiel ist angenommen.")
    kaya.press("Veröffentlichen …")
    kaya.sees("Das Beispiel steht danach für alle auf der Seite.")
    kaya.inspect()
    kaya.press("Veröffentlichen", exact=True)
    kaya.sees("Das Beispiel ist veröffentlicht.")


def find(guest):
    """A visitor meets it in the list, by a filter, by the search and in the feed; it names nobody."""
    page = guest.page
    guest.goes_to("/gute-praxis/")
    guest.inspect()
    assert page.get_by_role("link", name=TITLE).count()
    group = page.get_by_role("group", name="Region")
    group.get_by_label(re.compile("^Niedersachsen-Bremen")).check()
    page.wait_for_url("**region=**")
    assert page.get_by_role("link", name=TITLE).count()
    guest.inspect()
    guest.goes_to("/suche/?q=Werkzeugkoffer")
    guest.follow(TITLE)
    for words in (TEASER, RESULTS, PITFALLS):
        guest.sees(words)
    assert page.get_by_role("img", name="Ein blauer Koffer auf hellem Grund.").count()
    assert page.get_by_text(GROSS).count() == 0
    guest.inspect()
    assert TITLE in guest.context.request.get("/gute-praxis/feed.atom").text()
