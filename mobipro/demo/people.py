"""The demo's logins. They share one password, because one hash costs almost half a second."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from regions.models import ContactPerson, Organisation, Region, RoleAssignment, User

PASSWORD = "Netzwerk-im-Test-8"  # noqa: S105 - the demo's, printed at every start
Role = RoleAssignment.Role


@dataclass(frozen=True)
class DemoLogin:
    """A login with its roles: (role, region code or "alle" or organisation short name, deputy)."""

    email: str
    first_name: str
    last_name: str
    shows: str
    roles: tuple[tuple[str, str, bool], ...]


LOGINS = (
    DemoLogin(
        "kaya@example.org",
        "Derya",
        "Kaya",
        "Koordination Nord und Niedersachsen-Bremen, Vertretung für Bayern",
        ((Role.COORDINATOR, "NORD", False), (Role.COORDINATOR, "NIHB", False), (Role.COORDINATOR, "BY", True)),
    ),
    DemoLogin(
        "brandner@example.org",
        "Veit",
        "Brandner",
        "Koordination Bayern, Baden-Württemberg und Mitte-West",
        ((Role.COORDINATOR, "BY", False), (Role.COORDINATOR, "BW", False), (Role.COORDINATOR, "HRS", False)),
    ),
    DemoLogin(
        "seidel@example.org",
        "Maren",
        "Seidel",
        "Gesamtkoordination (alle Regionen)",
        ((Role.COORDINATOR, "alle", False),),
    ),
    DemoLogin(
        "gross@example.org",
        "Jürgen",
        "Groß",
        "Kümmerer eines Trägers in Leer",
        ((Role.TRAEGER_STAFF, "Werkstatt Leer", False),),
    ),
    DemoLogin("lindner@example.org", "Helene", "Lindner", "BMAS", ((Role.FUNDER, "", False),)),
    DemoLogin("technik@example.org", "Robin", "Adler", "Administration", ((Role.ADMINISTRATOR, "", False),)),
)


def create_logins() -> dict[str, User]:
    """The logins by their mailbox name ("kaya")."""
    password = make_password(PASSWORD)
    regions = {region.code: region for region in Region.objects.all()}
    made = {}
    for login in LOGINS:
        user = User(email=login.email, first_name=login.first_name, last_name=login.last_name, password=password)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        for role, where, is_deputy in login.roles:
            RoleAssignment(
                user=user,
                role=role,
                region=regions.get(where),
                all_regions=where == "alle",
                organisation=Organisation.objects.filter(short_name=where).first()
                if role == Role.TRAEGER_STAFF
                else None,
                is_deputy=is_deputy,
            ).save()
        contact = ContactPerson.objects.filter(email=user.email).first()
        if contact:
            contact.user = user
            contact.save()
        made[login.email.split("@")[0]] = user
    return made


def lines() -> list[str]:
    """What `bin/demo` prints: one line a person, then the password."""
    width = max(len(login.email) for login in LOGINS)
    return [*(f"{login.email:<{width}}  {login.shows}" for login in LOGINS), f"Passwort für alle: {PASSWORD}"]
