"""By keyboard alone: the personal answer and the form of a practice. Where the focus is can always be seen."""

import re

import pytest

pytestmark = pytest.mark.trip

GROSS = "gross@example.org"
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const label = one.labels && one.labels.length ? one.labels[0] : null;
  const marked = label ? getComputedStyle(label) : style;
  const seen = [style, marked].some((s) => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0)
    || s.boxShadow !== "none");
  const words = (label || one).innerText || one.getAttribute("aria-label") || "";
  return { tag: one.tagName, type: one.type || "", name: one.name || "", words: words.trim(), seen };
}"""
MOST = 120  # presses of the tab key on one page


class Keyboard:
    """Somebody who has no mouse; every stop must show that it is focused."""

    def __init__(self, person):
        self.page = person.page

    @property
    def focus(self):
        return self.page.evaluate(FOCUS)

    def tab_to(self, words="", name=""):
        """Press Tab until the control with this name attribute or these words has the focus."""
        met = []
        for _ in range(MOST):
            self.page.keyboard.press("Tab")
            focus = self.focus
            if focus["tag"] == "BODY":
                continue
            assert focus["seen"], f"No visible focus on {focus} of {self.page.url}"
            if (name and focus["name"] == name) or (words and words in focus["words"]):
                return focus
            met.append(focus["words"][:40] or focus["name"])
        raise AssertionError(f"Tab never reached {words or name} on {self.page.url}: {met}")

    def type(self, name, text):
        self.tab_to(name=name)
        self.page.keyboard.type(text)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def enter(self):
        """Enter, and the page that follows."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def test_the_answer_is_given_by_keyboard(person, portal):
    gross = person()
    keyboard = Keyboard(gross)
    gross.goes_to("/treffen/neuer-link/")
    keyboard.type("email", GROSS)
    keyboard.enter()
    for link in portal.wait_for_mail("Ihr persönlicher Link", to=GROSS).links:
        gross.goes_to(link)
        if gross.page.get_by_role("button", name="Antwort senden").count():
            break  # the others have begun, or are cancelled
    keyboard.press("Tab")
    assert keyboard.focus["words"] == "Zum Inhalt springen"
    keyboard.press("Enter")
    keyboard.tab_to(name="antwort")
    keyboard.press("ArrowDown", "ArrowUp")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    assert gross.page.get_by_label("Ich schicke eine Vertretung").is_checked()
    keyboard.tab_to("Antwort senden")
    keyboard.enter()
    assert keyboard.focus["words"].startswith("Bitte prüfen Sie 2 Angaben")
    keyboard.tab_to("Geben Sie Vor- und Nachnamen")
    keyboard.press("Enter")
    assert keyboard.focus["name"] == "name"
    keyboard.press("Shift+Tab")
    keyboard.press("ArrowUp")
    assert gross.page.get_by_label("Ich kann nicht").is_checked()
    keyboard.tab_to("Antwort senden")
    keyboard.enter()
    gross.sees("Ihre Absage ist angekommen")


def test_a_practice_is_written_by_keyboard(person):
    gross = person("gross")
    keyboard = Keyboard(gross)
    gross.goes_to("/gute-praxis/neu/")
    keyboard.tab_to("Entwurf anlegen")
    keyboard.enter()
    assert keyboard.focus["words"].startswith("Bitte prüfen Sie eine Angabe")
    keyboard.tab_to("Geben Sie dem Beispiel einen Titel.")
    keyboard.press("Enter")
    assert keyboard.focus["name"] == "title"
    keyboard.page.keyboard.type("Nur mit der Tastatur")
    keyboard.enter()

    keyboard.type("teaser", "Ein Beispiel ohne Maus.")
    keyboard.tab_to(name="project")
    keyboard.press("ArrowDown")
    keyboard.tab_to(name="phases")
    keyboard.press("Space")
    keyboard.tab_to("Speichern und weiter")
    keyboard.enter()
    keyboard.type("approach", "Mit Tab von Feld zu Feld.")
    keyboard.tab_to("Speichern und weiter")
    keyboard.enter()
    keyboard.type("results", "Alles war zu erreichen.")
    keyboard.tab_to("Speichern und weiter")
    keyboard.enter()
    keyboard.tab_to("Speichern und weiter")
    keyboard.enter()
    keyboard.tab_to(name="consent")
    keyboard.press("Space")
    keyboard.tab_to("Beispiel absenden")
    keyboard.enter()
    gross.sees("Ihr Beispiel ist eingereicht.")
    assert re.search(r"/gute-praxis/\d+/$", gross.page.url)
