"""A practice in any state, and the coordinator of the region it belongs to."""

import io
import uuid

import pytest
from django.utils import timezone
from PIL import Image

from practices import review
from practices.models import GoodPractice
from regions.models import Phase, RoleAssignment, Topic
from tests.factories import make_user, region

TEXTS = {
    "teaser": "Ein Kleinbus, acht Auszubildende und vierzig Minuten Zeit.",
    "place": "Leer",
    "target_group": "Auszubildende im ersten Jahr",
    "situation": "Die Berufsschule liegt 34 Kilometer entfernt.",
    "aim": "Alle kommen pünktlich an.",
    "approach": "Der Träger least einen Neunsitzer.\n\n- Montag: Schule\n- Mittwoch: Fachwörter",
    "results": "Die Fehltage sanken von elf auf drei.",
    "key_figure": "3 statt 11 Fehltage",
    "pitfalls": "Im Winter braucht es eine Ersatzfahrerin.",
    "quote": "Im Bus habe ich mich getraut.",
    "contact_note": "Jürgen Groß, Telefon 0491 00000",
}


def form_id():
    return str(uuid.uuid4())


def make_practice(author, status="draft", title="Der Montagsbus zur Berufsschule", **fields):
    """A complete practice of the author's Träger, brought to its state by the jobs' own fields."""
    organisation = fields.pop("organisation", None) or author.roles.get().organisation
    project = fields.pop("project", organisation.projects.first())
    now = timezone.now()
    stamps = {}
    if status != "draft":
        stamps |= {"consent_given_at": now, "consent_given_by": author, "submitted_at": now}
    if status in ("approved", "published", "archived"):
        stamps["approved_at"] = now
    if status in ("published", "archived"):
        stamps["published_at"] = now
    slug = fields.pop("slug", None) or f"beispiel-{uuid.uuid4().hex[:12]}"
    values = {**TEXTS, "visibility": "public", "kind": "measure", **stamps, **fields}
    practice = GoodPractice(
        title=title,
        slug=slug,
        status=status,
        author=author,
        organisation=organisation,
        project=project,
        region=project.region if project else None,
        **values,
    )
    practice.save()
    practice.phases.set(Phase.objects.filter(key="training_1"))
    practice.topics.set(Topic.objects.order_by("pk")[:1])
    if status != "draft":
        practice.submissions.create(number=1, content=review.snapshot(practice), submitted_by=author)
    return practice


def picture(size=(640, 480), image_format="JPEG", **options):
    """An upload's bytes."""
    data = io.BytesIO()
    Image.new("RGB", size, "#2145AA").save(data, image_format, **options)
    return data.getvalue()


@pytest.fixture
def coordinator(base_data):
    """Coordinates Niedersachsen-Bremen, where Herr Groß works."""
    return make_user(
        "behrens@example.org", "Ute", "Behrens", role=RoleAssignment.Role.COORDINATOR, region=region("NIHB")
    )


@pytest.fixture
def draft(gross):
    return make_practice(gross)


@pytest.fixture
def submitted(gross):
    return make_practice(gross, "submitted")


@pytest.fixture
def published(gross):
    return make_practice(gross, "published", slug="der-montagsbus-zur-berufsschule")


@pytest.fixture
def as_gross(client, gross):
    client.force_login(gross)
    return client
