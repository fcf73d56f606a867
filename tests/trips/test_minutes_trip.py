"""Two people write the minutes of one meeting at once, one of them without network for a while: nothing is lost."""

import re
from datetime import UTC, datetime

import pytest

from tests.trips.conftest import wait_until

pytestmark = pytest.mark.trip

YEAR = datetime.now(tz=UTC).date().year + 1
COPIES = "Object.keys(localStorage).filter((name) => name.startsWith('minutes ')).length"


def test_two_browsers_write_the_same_minutes_and_lose_nothing(person):
    kaya, seidel = person("kaya"), person("seidel")
    address = open_minutes(kaya)
    seidel.goes_to(address)

    field(kaya, 1, "Verlauf").fill("Frau Kaya: Drei Träger berichten.")
    is_saved(kaya, 1)
    field(seidel, 1, "Ergebnis").fill("Frau Seidel: Einigkeit über den Termin.")
    is_saved(seidel, 1)  # another field of the same item: joined without a question
    assert field(seidel, 1, "Verlauf").input_value() == "Frau Kaya: Drei Träger berichten."

    field(seidel, 2, "Verlauf").fill("Frau Seidel war schneller.")
    is_saved(seidel, 2)
    field(kaya, 2, "Verlauf").fill("Frau Kaya schrieb dasselbe Feld.")
    kaya.sees("Eine andere Person hat zur selben Zeit am selben Punkt geschrieben.")
    kaya.inspect()
    kaya.press("Beide behalten")
    is_saved(kaya, 2)

    without_network(kaya)
    an_untouched_item_is_no_conflict(kaya, seidel)
    texts = field(kaya, 2, "Verlauf").input_value()
    assert "Frau Seidel war schneller." in texts
    assert "Frau Kaya schrieb dasselbe Feld." in texts
    assert field(kaya, 1, "Ergebnis").input_value() == "Frau Seidel: Einigkeit über den Termin."
    assert field(kaya, 3, "Verlauf").input_value() == "Ohne Netz geschrieben."


def open_minutes(kaya):
    """The minutes of a new meeting with four points."""
    page = kaya.page
    kaya.goes_to(f"/admin/meetings/meeting/add/?jahr={YEAR}&region=BY")
    page.get_by_label("Titel").fill("Werkstatt zu zweit")
    kaya.press("Treffen anlegen")
    kaya.sees("ist angelegt.")
    dossier = page.url
    for _ in range(2):
        kaya.goes_to(dossier.replace("/change/", "/tagesordnung/"))
        for number in (0, 1):
            page.get_by_label("Punkt, neuer Punkt", exact=True).nth(number).fill("Ein Punkt, zu dem zwei schreiben")
        kaya.press("Tagesordnung speichern")
        kaya.sees("Die Tagesordnung ist gespeichert.")
    kaya.goes_to(dossier.replace("/change/", "/ergebnisse/"))
    return page.url


def group(one, number):
    return one.page.get_by_role("group", name=re.compile("^TOP")).nth(number)


def field(one, number, label):
    return group(one, number).get_by_label(re.compile(f"^{label}"))


def is_saved(one, number):
    group(one, number).get_by_text(re.compile(r"^gespeichert \d+:\d\d Uhr$")).wait_for()


def without_network(kaya):
    """The text stays in the browser, and is saved when the network is back."""
    kaya.context.set_offline(True)
    field(kaya, 3, "Verlauf").fill("Ohne Netz geschrieben.")
    kaya.sees("Kein Netz. Ihr Text bleibt in diesem Browser")
    assert kaya.page.evaluate(COPIES) == 1
    kaya.context.set_offline(False)
    kaya.sees("Alles ist wieder gespeichert.")
    wait_until(lambda: kaya.page.evaluate(COPIES) == 0, "the copy to be dropped")


def an_untouched_item_is_no_conflict(kaya, seidel):
    """Kaya's page still shows the first point empty; the button must not bring that back."""
    field(seidel, 0, "Verlauf").fill("Frau Seidel schreibt weiter.")
    is_saved(seidel, 0)
    kaya.press("Ergebnisse speichern")
    kaya.sees("Die Ergebnisse sind gespeichert.")
    assert field(kaya, 0, "Verlauf").input_value() == "Frau Seidel schreibt weiter."
