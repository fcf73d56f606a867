"""A lost second factor: reset by the command, logged, told to the person and all administrators."""

import logging

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from mobipro.outbox.models import OutboxMessage
from regions import accounts
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked_out(kaya):
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=kaya, type=kind, data={})
    return kaya


def test_the_command_takes_every_factor_off_and_tells_everybody(locked_out, administrator, overall, caplog, capsys):
    with caplog.at_level(logging.WARNING):
        call_command("reset_second_factor", locked_out.email.upper(), reason="Telefon verloren")
    assert not Authenticator.objects.exists()
    assert "Telefon verloren" in caplog.text
    mails = {row.recipient: row.text for row in OutboxMessage.objects.all()}
    assert set(mails) == {locked_out.email, administrator.email}
    assert all("Telefon verloren" in text for text in mails.values())
    assert "neuen zweiten Faktor ein" in mails[locked_out.email]
    assert "zurückgesetzt" in capsys.readouterr().out


def test_an_administrator_s_own_reset_is_told_once(administrator):
    accounts.reset_second_factor(user=administrator, reason="Neues Telefon")
    assert OutboxMessage.objects.count() == 1


def test_an_unknown_address_changes_nothing(locked_out):
    with pytest.raises(CommandError, match="kein Konto"):
        call_command("reset_second_factor", "wer@example.org", reason="Telefon verloren")
    assert Authenticator.objects.count() == 2


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_without_a_reason_nothing_is_reset(locked_out, reason):
    with pytest.raises(CommandError, match="Nennen Sie den Grund"):
        call_command("reset_second_factor", locked_out.email, reason=reason)
    assert Authenticator.objects.count() == 2
    assert not OutboxMessage.objects.exists()


def test_other_people_keep_their_factors(locked_out):
    other = factories.make_bavarian()
    Authenticator.objects.create(user=other, type=Authenticator.Type.TOTP, data={})
    accounts.reset_second_factor(user=locked_out, reason="Telefon verloren")
    assert Authenticator.objects.get().user == other
