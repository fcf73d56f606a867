"""The registry of retention rules: what runs, what a dry run counts, what the page "Betrieb" and the command say."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db.models import Count

from mobipro import retention
from mobipro.views import operations
from regions.models import FormReceipt
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 3, 12, 9, tzinfo=UTC)
RULES = {"mails", "receipts", "support", "check_ins", "incoming", "requests", "attendances", "invitations"}
RULES |= {"polls", "tables", "table_undo"}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def broken(monkeypatch):
    """A rule that fails, beside the others."""
    rules = dict(retention._rules)
    monkeypatch.setattr(retention, "_rules", rules)
    retention.register(
        retention.Rule("broken", "Kaputt", "sofort", lambda now: FormReceipt.objects.alias(x=Count("nothing")), len)
    )


def receipt():
    return FormReceipt.take(FormReceipt.new_id(), purpose="test")


def test_every_rule_is_registered_and_written_down():
    assert {done.rule.key for done in retention.last()} == RULES
    with open("docs/operations.md", encoding="utf-8") as page:
        text = page.read()
    for done in retention.last():
        assert done.rule.what in text


@pytest.mark.parametrize(
    ("now", "years", "days", "then"),
    [
        (datetime(2031, 3, 12, 9, tzinfo=UTC), 1, 0, datetime(2030, 3, 12, 9, tzinfo=UTC)),
        (datetime(2028, 2, 29, 9, tzinfo=UTC), 1, 0, datetime(2027, 2, 28, 9, tzinfo=UTC)),
        (datetime(2027, 3, 28, 9, tzinfo=UTC), 0, 1, datetime(2027, 3, 27, 10, tzinfo=UTC)),
    ],
)
def test_years_and_days_are_counted_on_the_calendar_in_berlin(now, years, days, then):
    assert retention.before(now, years=years, days=days) == then


def test_a_dry_run_counts_and_erases_nothing():
    receipt()
    later = datetime(2099, 1, 1, tzinfo=UTC)
    dry = {done.rule.key: done.number for done in retention.run(now=later, is_dry=True)}
    assert dry["receipts"] == FormReceipt.objects.count() == 1
    assert all(done.at is None for done in retention.last())
    assert {done.rule.key: done.number for done in retention.run(now=later)} == dry
    assert not FormReceipt.objects.exists()


def test_a_second_run_finds_nothing():
    receipt()
    later = datetime(2099, 1, 1, tzinfo=UTC)
    retention.run(now=later)
    assert {done.number for done in retention.run(now=later)} == {0}


def test_a_failing_rule_is_shown_and_keeps_no_other_from_its_work(broken):
    receipt()
    found = {done.rule.key: done.number for done in retention.run(now=datetime(2099, 1, 1, tzinfo=UTC))}
    assert found["broken"] is None
    assert found["receipts"] == 1
    rows = {row.what: row for row in operations.retained()}
    assert rows["Kaputt"].is_open
    assert "gescheitert" in rows["Kaputt"].state


def test_the_page_names_each_rule_with_its_last_run(client):
    client.force_login(factories.make_administrator())
    assert "Namen in der Teilnahme" in client.get("/admin/betrieb/").content.decode()
    assert {row.state.partition("zuletzt ")[2] for row in operations.retained()} == {"noch nie"}
    retention.run(now=NOW)
    page = client.get("/admin/betrieb/").content.decode()
    assert "90 Tage nach dem Eingang; zuletzt 12.03.2031, 10:00 Uhr: 0 gelöscht" in page


def test_the_command_counts_or_erases(broken):
    out = StringIO()
    with pytest.raises(CommandError, match="gescheitert"):
        call_command("retention", "--dry-run", stdout=out)
    assert "Kennungen gesendeter Formulare (90 Tage nach dem Eingang): 0 wären zu löschen" in out.getvalue()
    assert "Kaputt (sofort): gescheitert" in out.getvalue()
