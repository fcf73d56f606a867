"""Somebody lost the telephone: take the second factor off, seen by all administrators."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from regions import accounts
from regions.models import User


class Command(BaseCommand):
    help = "Setzt den zweiten Faktor eines Kontos zurück; die Person und alle Administratoren bekommen eine Mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="E-Mail-Adresse des Kontos")
        parser.add_argument("--reason", required=True, help="Grund; steht im Log und in den Mails")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        if user is None:
            raise CommandError(f"Es gibt kein Konto mit der Adresse {options['email']}. Prüfen Sie die Schreibweise.")
        try:
            removed = accounts.reset_second_factor(user=user, reason=options["reason"])
        except accounts.AccountError as error:
            raise CommandError(str(error)) from None
        if removed:
            self.stdout.write(self.style.SUCCESS(f"Der zweite Faktor von {user.email} ist zurückgesetzt."))
        else:
            self.stdout.write(f"{user.email} hatte keinen zweiten Faktor. Die Administratoren sind benachrichtigt.")
