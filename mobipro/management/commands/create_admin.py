"""The first person of a new installation: a login with the role Administration."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from regions import accounts
from regions.models import RoleAssignment, User


class Command(BaseCommand):
    help = "Legt ein Konto mit der Rolle Administration an (oder gibt sie einem bestehenden Konto)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", help="E-Mail-Adresse; ohne Angabe wird gefragt")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument(
            "--no-input", action="store_true", help="nicht fragen; das Passwort steht in MOBIPRO_ADMIN_PASSWORD"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        interactive = not options["no_input"]
        email = options["email"] or (input("E-Mail-Adresse: ") if interactive else "")
        user = User.objects.filter(email__iexact=email.strip()).first()
        try:
            with transaction.atomic():
                user = user or self._create(email, interactive, options)
                RoleAssignment.objects.get_or_create(user=user, role=RoleAssignment.Role.ADMINISTRATOR)
        except (ValueError, accounts.AccountError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(self.style.SUCCESS(f"{user.email} hat die Rolle Administration."))

    def _create(self, email: str, interactive: bool, options: dict[str, Any]) -> User:
        password = getpass.getpass("Passwort: ") if interactive else os.environ.get("MOBIPRO_ADMIN_PASSWORD", "")
        try:
            validate_password(password, User(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if interactive and getpass.getpass("Passwort noch einmal: ") != password:
            raise CommandError("Die beiden Kennwörter sind verschieden.")
        names = {"first_name": options["first_name"], "last_name": options["last_name"]}
        return accounts.create_login(email=email, password=password, **names)
