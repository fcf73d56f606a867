"""The running portal: the processes of bin/demo on a folder of their own, and a real browser."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import TimeoutError, sync_playwright

from tests.trips.mails import Mail

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Netzwerk-im-Test-8"
START_SECONDS = 300  # the first start fills a database; usually half a minute
PATIENCE = 60_000  # milliseconds for one click on a busy machine
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
# The caller's portal is not the one that is tested; its database and broker servers are (bin/test starts them).
FOREIGN = ("MOBIPRO_VAR", "DJANGO_SETTINGS_MODULE", "BASE_URL", "EMAIL_URL", "MOBIPRO_NO_PDF")


def wait_until(condition, what, seconds=120):
    """The first true value of the condition; asked twice a second, so that a slow machine only takes longer."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"After {seconds} s still missing: {what}")
        time.sleep(0.5)


class Portal:
    """Addresses of the running demo; its mails are asked over HTTP."""

    def __init__(self, var):
        self.var = var
        self.sessions = {}  # who logged in once, with the cookies
        self.web, self.mail = self.state["web"], self.state["mail"]

    @property
    def state(self):
        return json.loads((self.var / "demo.json").read_text())

    def mails(self, *words, to=""):
        """Summaries of the kept mails to this address whose subject holds all words, newest first."""
        query = urllib.parse.urlencode({"q": to})
        with urllib.request.urlopen(f"{self.mail}/api/mails?{query}") as answer:
            return [row for row in json.load(answer) if all(word in row["subject"] for word in words)]

    def raw(self, mail):
        with urllib.request.urlopen(f"{self.mail}/raw/{mail['file']}") as answer:
            return answer.read()

    def wait_for_mail(self, *words, to):
        """The newest mail to this address whose subject holds all words."""
        found = wait_until(lambda: self.mails(*words, to=to), f"a mail to {to} with {words} in its subject")
        return Mail(self.raw(found[0]))


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    """One portal for all trips. MOBIPRO_TRIPS_VAR names the folder of a running bin/demo, for writing trips."""
    running = os.environ.get("MOBIPRO_TRIPS_VAR")
    if running:
        yield Portal(Path(running))
        return
    var = tmp_path_factory.mktemp("portal") / "var"
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment["PYTHONPATH"] = str(ROOT)
    output = (var.parent / "out.txt").open("w+")
    command = [sys.executable, "-m", "deploy.local.supervisor", "--var", str(var)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
    )
    try:
        _wait_for_start(process, var, Path(output.name))
        yield Portal(var)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        output.close()


def _wait_for_start(process, var, output):
    def has_spoken():
        return "Strg+C" in output.read_text() or process.poll() is not None

    wait_until(has_spoken, "the portal's address", START_SECONDS)
    if process.poll() is not None:
        logs = "\n".join(path.read_text()[-1500:] for path in sorted((var / "log").glob("*.log")))
        raise AssertionError(f"The portal did not start:\n{output.read_text()}\n{logs}")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield started
        started.close()


class Person:
    """Somebody in front of a browser; remembers what the content policy refused."""

    def __init__(self, chromium, portal, name="", **options):
        self.portal = portal
        self.name = name
        if name in portal.sessions:
            options["storage_state"] = portal.sessions[name]
        self.context = chromium.new_context(base_url=portal.web, locale="de-DE", **options)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.refused = []
        self.page.on("console", lambda message: self._listen(message.text))
        if name and name not in portal.sessions:
            self.login()

    def _listen(self, text):
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.refused.append(text)

    def login(self):
        self.page.goto("/konto/login/")
        self.page.fill("input[name=login]", f"{self.name}@example.org")
        self.page.fill("input[name=password]", PASSWORD)
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_url(lambda url: "/login/" not in url)
        self.portal.sessions[self.name] = self.context.storage_state()

    def sees(self, text):
        """The text stands on the page; otherwise the failure says what stands there instead."""
        try:
            self.page.get_by_text(text).first.wait_for(state="visible")
        except TimeoutError:
            shown = self.page.locator("body").inner_text()
            raise AssertionError(f"{text!r} is not on {self.page.url}:\n{shown}") from None

    def field(self, label):
        """The control with this label, whatever else the label says of it (optional or not)."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}(:| \(freiwillig\))?$"))

    def press(self, button, **options):
        self.page.get_by_role("button", name=button, **options).click()

    def follow(self, link, **options):
        self.page.get_by_role("link", name=link, **options).first.click()

    def goes_to(self, address):
        """Open a page that answers; a plain goto is content with an error page."""
        answer = self.page.goto(address)
        assert answer.ok, (address, answer.status)

    def inspect(self):
        """The page as it stands: 0 findings of axe in light, dark and 320 px, nothing refused, no sideways scroll."""
        page, size = self.page, self.page.viewport_size
        faults = []
        page.evaluate(AXE_SCRIPT)
        if size["width"] > 320:
            faults += [*self._axe("light"), *self._sideways()]
        page.emulate_media(color_scheme="dark")
        faults += self._axe("dark", ["color-contrast"] if size["width"] > 320 else None)
        page.set_viewport_size({"width": 320, "height": 720})
        faults += [*self._axe("dark, 320 px"), *self._sideways()]
        page.emulate_media(color_scheme=None)
        page.set_viewport_size(size)
        assert not [*faults, *self.refused], (page.url, faults, self.refused)

    def _axe(self, how, rules=None):
        # With `preload` axe builds style elements of its own, which the content policy would report.
        options = {"resultTypes": ["violations"], "preload": False}
        if rules:
            options["runOnly"] = {"type": "rule", "values": rules}
        # Colours that fade in would be measured half-way.
        self.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
        found = self.page.evaluate("(options) => axe.run(document, options)", options)["violations"]
        return [(how, row["id"], [node["html"][:160] for node in row["nodes"][:3]]) for row in found]

    def _sideways(self):
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        return [f"{wide} px wide in a window of {window} px"] if wide > window else []


@pytest.fixture
def person(chromium, portal):
    """Make people: `person("kaya")` is logged in, `person()` is a visitor; options are Playwright's."""
    people = []

    def make(name="", **options):
        people.append(Person(chromium, portal, name, **options))
        return people[-1]

    yield make
    for one in people:
        one.context.close()
