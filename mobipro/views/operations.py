"""The page "Betrieb" for administrators: what runs, what is missing, a test mail."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from documentation import publishing
from documentation.models import DocumentationVersion, Page
from meetings.models import MeetingSeries
from mobipro import mail, retention, timetable
from mobipro.admin import register_link, register_page
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State
from mobipro.templatetags.portal import stamp
from regions import school_holidays
from regions.models import ProgrammeSettings, Region, RoleAssignment, User
from regions.rules import is_administrator

TASKS = {
    "outbox-sweep": "Postausgang: liegen gebliebene Mails",
    "documentation-sweep": "Dokumentationen: liegen gebliebene PDFs",
    "meetings-mailbox": "Postfach: Antworten aus Kalendern",
    "meetings-clock": "Treffen: Erinnerungen und Fristen",
    "documentation-digests": "E-Mail-Abos: die Mail am Montag",
    "retention": "Aufbewahrung: löschen, was seine Frist hinter sich hat",
    "regions-clock": "Netzwerk: Erinnerungen an Zahlen",
}
NEXT_YEAR_FROM = 9  # in September the next year should be open
DRILL_MARK = "last-drill"


class Finding(NamedTuple):
    """One line of a box: what, how it stands, and where to change it. `is_open`: somebody has to do something."""

    what: str
    state: str
    is_open: bool = False
    url: str = ""


def operations(request: HttpRequest) -> HttpResponse:
    """Administrators only; for others the page does not exist. POST sends one test mail to oneself."""
    if not is_administrator(request.user):
        raise Http404
    if request.method == "POST":
        _send_test_mail(request)
        return redirect("admin:operations")
    boxes = [
        ("Mails", mails()),
        ("Zeitplan", timetable_runs()),
        ("Aufbewahrung", retained()),
        ("Sicherung", backups()),
        ("Angaben, die fehlen", gaps(timezone.localdate())),
    ]
    context = {**admin.site.each_context(request), "title": "Betrieb", "findings": boxes}
    return render(request, "admin/operations.html", context)


@transaction.atomic
def _send_test_mail(request: HttpRequest) -> None:
    subject, text, html = mail.render("mobipro/test_mail", {"person": request.user, "now": timezone.now()})
    address = str(request.user.email)  # type: ignore[union-attr]
    queue.put(
        key=queue.random_key("test"), kind="test", recipient=address, subject=subject, text=text, html=html, priority=1
    )
    messages.success(request, f"Die Testmail an {address} wartet im Postausgang.")


def mails() -> list[Finding]:
    """The queue by state, and how long the oldest due mail waits."""
    rows = OutboxMessage.objects.order_by()
    counts = dict(rows.values_list("state").annotate(number=Count("pk")))
    oldest = rows.due().order_by("not_before").values_list("not_before", flat=True).first()
    url = reverse("admin:outbox_outboxmessage_changelist")
    waits = timezone.now() - oldest if oldest else None
    findings = [
        Finding(
            "Älteste wartende Mail",
            f"fällig seit {stamp(oldest)}" if oldest else "keine",
            waits is not None and waits.total_seconds() > 600,
        )
    ]
    for state in State:
        is_trouble = state in (State.FAILED, State.UNCLEAR)
        number = counts.get(state.value, 0)
        findings.append(
            Finding(state.label, str(number), is_trouble and number > 0, f"{url}?state__exact={state.value}")
        )
    return findings


def timetable_runs() -> list[Finding]:
    """Each entry of the timetable with its last run; PDFs that wait."""
    findings = []
    for run in timetable.runs():
        words = f"zuletzt {stamp(run.at)}" if run.at else "noch nie gelaufen"
        words += ", fehlgeschlagen" if run.failed else ""
        findings.append(Finding(TASKS.get(run.name, run.name), words, run.failed or run.is_late))
    waiting = DocumentationVersion.objects.awaiting_pdf().count()
    problem = publishing.pdf_problem()
    return [*findings, Finding("PDFs, die warten", problem or str(waiting), bool(problem))]


def retained() -> list[Finding]:
    """Each rule with its time and what its last run erased."""
    findings = []
    for done in retention.last():
        failed = done.at is not None and done.number is None
        words = f"{stamp(done.at)}: {'gescheitert' if failed else f'{done.number} gelöscht'}" if done.at else "noch nie"
        findings.append(Finding(done.rule.what, f"{done.rule.period}; zuletzt {words}", failed))
    return findings


def backups() -> list[Finding]:
    """The newest complete copy and the last rehearsed restore, where the folder is readable."""
    folder = Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None
    if folder is None or not folder.is_dir():
        return [Finding("Letzte Sicherung", "unbekannt: BACKUP_DIR ist nicht gesetzt oder nicht lesbar", True)]
    done = sorted(path for path in folder.iterdir() if (path / "SHA256SUMS").is_file())
    newest = _modified(done[-1]) if done else None
    mark = folder / DRILL_MARK
    drill = _modified(mark) if mark.exists() else None
    return [
        Finding("Letzte Sicherung", stamp(newest) if newest else "keine", _is_old(newest, days=2)),
        Finding("Letzte Probe der Wiederherstellung", stamp(drill) if drill else "keine", _is_old(drill, days=190)),
    ]


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _is_old(moment: datetime | None, *, days: int) -> bool:
    return moment is None or (timezone.now() - moment).days >= days


def gaps(today: date) -> list[Finding]:
    """What nobody entered yet: holidays, next year, legal texts, settings, coordinators."""
    years = (today.year, today.year + 1)
    findings = [_holidays(year) for year in years]
    is_open = MeetingSeries.objects.filter(year=today.year + 1).exists()
    plan = reverse("admin:meetings_year_plan", args=[today.year + 1])
    words = "geöffnet" if is_open else "noch nicht geöffnet"
    findings.append(Finding(f"Jahresplan {today.year + 1}", words, not is_open and today.month >= NEXT_YEAR_FROM, plan))
    for page in Page.objects.filter(is_placeholder=True):
        url = reverse("admin:documentation_page_change", args=[page.pk])
        findings.append(Finding(f"Seite „{page.title}“", "Platzhalter", True, url))
    settings_url = reverse("admin:regions_programmesettings_changelist")
    has_settings = ProgrammeSettings.objects.on(today) is not None
    findings.append(
        Finding("Programmangaben", "gültig" if has_settings else "fehlen für heute", not has_settings, settings_url)
    )
    return [*findings, *_without_coordinator()]


def _holidays(year: int) -> Finding:
    names = ", ".join(state.name for state in school_holidays.states_without(year))
    url = reverse("admin:holiday_import" if names else "admin:regions_blockedperiod_changelist")
    return Finding(f"Schulferien {year}", f"fehlen für {names}" if names else "vollständig", bool(names), url)


def _without_coordinator() -> list[Finding]:
    """Regions for which nobody is responsible as coordinator."""
    rows = RoleAssignment.objects.valid().filter(
        role=RoleAssignment.Role.COORDINATOR, is_deputy=False, user__in=User.objects.filter(is_active=True)
    )
    regions = Region.objects.active().exclude(pk__in=rows.exclude(region=None).values("region"))
    url = reverse("admin:regions_user_changelist")
    return [Finding(f"Koordination {region.name}", "niemand zuständig", True, url) for region in regions]


register_page("betrieb/", operations, "operations")
register_link("Betrieb", "Betrieb", "admin:operations", permission="regions.operate")
