"""The door of a meeting: two phones, no network, a server that is killed, a login that ends – and nothing is lost."""

import os
import re
import signal
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.trips.conftest import PASSWORD, wait_until
from tests.trips.mails import german

pytestmark = pytest.mark.trip

TITLE = "Werkstatt an der Tür"
PHONE = {"viewport": {"width": 390, "height": 780}}
YEAR = datetime.now(tz=UTC).date().year + 1
ENTRIES = "Object.keys(localStorage).filter((name) => name.includes(' entry ')).length"


def test_two_phones_at_the_door_lose_nothing_without_network(person, portal):
    kaya = person("kaya", **PHONE)
    dossier = begin_meeting(kaya)
    names = invite_three(kaya, dossier)
    kaya.goes_to(dossier)
    kaya.follow("Check-in auf dem Telefon")
    kaya.page.locator("#check-in[data-kept]").wait_for(state="attached")
    kaya.page.get_by_text("Eingeladen, ohne Platz").click()
    kaya.inspect()
    seidel = person("seidel", **PHONE)
    seidel.goes_to(kaya.page.url)
    seidel.page.get_by_text("Eingeladen, ohne Platz").click()

    without_network(kaya, names)
    tap(seidel, names[0], "früher gegangen")  # later than Frau Kaya's tap, and it arrives first
    seidel.page.get_by_text("1 da", exact=True).wait_for()
    wait_until(lambda: seidel.page.evaluate(ENTRIES) == 0, "the other phone's entry at the server")
    reload_while_the_server_is_gone(kaya, portal)
    assert is_pressed(kaya, names[1], "anwesend")

    kaya.context.set_offline(False)
    kaya.sees("Wieder verbunden. Alle Eingaben sind übertragen.")
    assert kaya.page.evaluate(ENTRIES) == 0
    both_show_the_same(kaya, seidel, names)

    login_ends(kaya, portal)
    close_the_list(kaya, dossier)
    log_out(kaya)


def begin_meeting(kaya):
    """A meeting that begins in a quarter of an hour; gives the dossier's address."""
    start = datetime.now(tz=ZoneInfo("Europe/Berlin")) + timedelta(minutes=15)
    if (start.hour, start.minute) >= (23, 50):
        start = start.replace(hour=0, minute=5) + timedelta(days=1)
    end = min(start + timedelta(hours=2), start.replace(hour=23, minute=59))
    page = kaya.page
    kaya.goes_to(f"/admin/meetings/meeting/add/?jahr={YEAR}&region=NORD")
    page.get_by_label("Titel").fill(TITLE)
    kaya.press("Treffen anlegen")
    kaya.follow("Termin und Ort festlegen")
    kaya.field("Tag").fill(german(start.date()))
    kaya.field("Beginn").fill(f"{start:%H:%M}")
    kaya.field("Ende").fill(f"{end:%H:%M}")
    page.get_by_label(re.compile("^Begründung trotz Feiertag")).fill("Nur an diesem Tag ist der Saal frei.")
    kaya.press("Termin festlegen")
    kaya.sees("Der Termin steht.")
    kaya.follow("Tagesordnung anlegen")
    page.get_by_label("Punkt, neuer Punkt", exact=True).first.fill("Wer ist da?")
    kaya.press("Tagesordnung speichern")
    return page.url


def invite_three(kaya, dossier):
    kaya.goes_to(dossier)
    kaya.follow("Einladen …")
    ticked = kaya.page.locator("[name=contact]:checked")
    labels = kaya.page.locator("tr:has([name=contact]:checked) label")
    names = labels.all_inner_texts()[:3]
    for box in ticked.all()[:2:-1]:  # from below: what is not ticked any more leaves the list of those that are
        box.uncheck()
    kaya.press(re.compile(r"^Einladung an 3 Personen"))
    kaya.sees("wartet im Postausgang")
    return names


def row(one, name):
    return one.page.locator("li.person").filter(has_text=name)


def tap(one, name, what):
    row(one, name).get_by_role("button", name=re.compile(f"^{what}")).click()


def is_pressed(one, name, what):
    return row(one, name).get_by_role("button", name=re.compile(f"^{what}")).get_attribute("aria-pressed") == "true"


def without_network(kaya, names):
    """Two ticks and a deputy; the page says what waits, once and politely."""
    page = kaya.page
    kaya.context.set_offline(True)
    tap(kaya, names[0], "anwesend")
    tap(kaya, names[1], "anwesend")
    page.get_by_label("Vor- und Nachname").fill("Frerk Onnen")
    page.get_by_label("Vertritt").select_option(label=names[2])
    kaya.press("Als anwesend eintragen")
    kaya.sees("Kein Netz. Ihre Eingaben bleiben auf diesem Telefon")
    kaya.sees("3 Eingaben warten auf Netz")
    page.get_by_text("3 da", exact=True).wait_for()
    kaya.inspect()


def reload_while_the_server_is_gone(kaya, portal):
    """Without any server the page comes from the phone; then a new server takes the old one's place."""
    web = portal.state["pids"]["web"]
    os.killpg(web, signal.SIGSTOP)
    kaya.page.reload()
    kaya.sees("3 Eingaben warten auf Netz")
    kaya.page.get_by_text("3 da", exact=True).wait_for()
    kaya.page.get_by_text("Eingeladen, ohne Platz").click()
    os.killpg(web, signal.SIGKILL)
    wait_until(lambda: portal.state["pids"]["web"] != web, "a new web server")


def both_show_the_same(kaya, seidel, names):
    for one in (kaya, seidel):
        one.page.reload()
        one.page.get_by_text("3 da", exact=True).wait_for()
        one.page.get_by_text("Eingeladen, ohne Platz").click()
        assert is_pressed(one, names[0], "früher gegangen")
        assert is_pressed(one, names[1], "anwesend")
        assert not is_pressed(one, names[2], "anwesend")
        assert is_pressed(one, "Frerk Onnen", "anwesend")
        assert "entschuldigt" in row(one, names[2]).inner_text()


def login_ends(kaya, portal):
    """The session is gone in the middle: the tap stays, the login brings it to the server."""
    page = kaya.page
    address = page.url
    kaya.context.clear_cookies()
    tap(kaya, "Frerk Onnen", "früher gegangen")
    kaya.sees("Ihre Sitzung ist abgelaufen.")
    assert page.evaluate(ENTRIES) == 1
    kaya.follow("Jetzt anmelden")
    page.fill("input[name=login]", "kaya@example.org")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(address)
    wait_until(lambda: page.evaluate(ENTRIES) == 0, "the entry at the server")
    assert is_pressed(kaya, "Frerk Onnen", "früher gegangen")


def close_the_list(kaya, dossier):
    """Before the meeting begins the list cannot end, and says why; the attendance counts already."""
    kaya.press("Liste abschließen")
    kaya.sees("Die Teilnahme erfassen Sie, wenn das Treffen begonnen hat.")
    kaya.goes_to(dossier)
    kaya.sees("3 Personen waren da.")


def log_out(kaya):
    """Nothing of the list stays on the phone."""
    kaya.goes_to("/konto/logout/")
    kaya.press("Abmelden")
    kaya.page.wait_for_url(lambda url: "/logout/" not in url)
    assert kaya.page.evaluate("localStorage.length") == 0
    assert kaya.page.evaluate("caches.keys().then((names) => names.length)") == 0
    kaya.portal.sessions.pop("kaya", None)
