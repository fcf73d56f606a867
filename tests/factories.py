"""The fixed people of the tests, each with a meaning; and records without surprises."""

from allauth.account.models import EmailAddress

from mobipro import search
from regions.models import ContactPerson, Organisation, Project, ProjectOrganisation, Region, RoleAssignment, User

Role = RoleAssignment.Role


def make_user(email, first_name="", last_name="", **role):
    """A login with a verified address and, if named, one role."""
    user = User.objects.create_user(email, "ein-langes-Kennwort", first_name=first_name, last_name=last_name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if role:
        RoleAssignment(user=user, **role).save()
    return user


def slug_of(text):
    return search.normalise(text).replace(" ", "-")


def region(code):
    return Region.objects.get(code=code)


def make_traeger(name="Werkstatt Leer Beispiel gGmbH", short_name="Werkstatt Leer", **fields):
    return Organisation.objects.get_or_create(
        name=name, defaults={"short_name": short_name, "slug": slug_of(short_name), **fields}
    )[0]


def make_project(title="Azubis ohne Grenzen", code="NIHB", lead=None, **fields):
    project = Project(title=title, slug=slug_of(title), region=region(code), **fields)
    project.save()
    ProjectOrganisation(project=project, organisation=lead or make_traeger()).save()
    return project


def make_contact(email, organisation=None, last_name="Muster", **fields):
    contact = ContactPerson(email=email, organisation=organisation or make_traeger(), last_name=last_name, **fields)
    contact.save()
    return contact


def make_kaya():
    """Coordinator of Nord, deputy for Bayern."""
    user = make_user("kaya@example.org", "Derya", "Kaya", role=Role.COORDINATOR, region=region("NORD"))
    RoleAssignment(user=user, role=Role.COORDINATOR, region=region("BY"), is_deputy=True).save()
    return user


def make_bavarian():
    return make_user("brandner@example.org", "Veit", "Brandner", role=Role.COORDINATOR, region=region("BY"))


def make_overall():
    return make_user("seidel@example.org", "Maren", "Seidel", role=Role.COORDINATOR, all_regions=True)


def make_gross():
    """Kümmerer of a Träger in Leer; his project lies in Niedersachsen-Bremen."""
    traeger = make_traeger()
    if not traeger.projects.exists():
        make_project(lead=traeger)
    return make_user("gross@example.org", "Jürgen", "Groß", role=Role.TRAEGER_STAFF, organisation=traeger)


def make_lindner():
    return make_user("lindner@example.org", "Helene", "Lindner", role=Role.FUNDER)


def make_administrator():
    return make_user("technik@example.org", "Robin", "Adler", role=Role.ADMINISTRATOR)
