"""List, facets, page, feed: what everybody sees, and at what cost."""

from datetime import datetime
from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from practices import review
from practices.models import GoodPractice
from regions.models import Phase, SourceCountry, Topic
from tests.practices.conftest import form_id, make_practice, picture

LIST = "/gute-praxis/"


def text(response):
    return response.content.decode()


@pytest.fixture
def three(gross):
    """Three published ones with different topics, phases, countries and years."""
    topics, countries = list(Topic.objects.order_by("pk")[:2]), list(SourceCountry.objects.order_by("pk")[:2])
    rows = [make_practice(gross, "published", title=title) for title in ("Äpfel und Öfen", "Bus", "Chor")]
    rows[0].topics.set(topics)
    rows[1].topics.set(topics[:1])
    rows[2].topics.set(topics[1:])
    rows[0].source_countries.set(countries[:1])
    rows[1].source_countries.set(countries)
    rows[2].phases.set(Phase.objects.filter(key="exam"))
    GoodPractice.objects.filter(pk=rows[2].pk).update(
        published_at=datetime(2024, 5, 1, 12, tzinfo=timezone.get_current_timezone())
    )
    return rows


def titles(response):
    return [row.title for row in response.context["page"]]


def counts(response, name):
    facet = next(facet for facet in response.context["facets"] if facet.kind.name == name)
    return {option.key: option.count for option in facet.options}


def test_only_published_public_ones_are_listed(client, gross):
    for state in ("draft", "submitted", "questions", "approved", "published", "declined", "archived"):
        make_practice(gross, state, title=state)
    make_practice(gross, "published", title="nur Netz", visibility="network")
    assert titles(client.get(LIST)) == ["published"]


def test_choices_in_a_facet_add_up_and_between_facets_narrow(client, three):
    first, second = Topic.objects.order_by("pk")[:2]
    assert len(titles(client.get(LIST, {"thema": [first.slug, second.slug]}))) == 3
    assert set(titles(client.get(LIST, {"thema": first.slug}))) == {"Äpfel und Öfen", "Bus"}
    assert titles(client.get(LIST, {"thema": second.slug, "phase": "exam"})) == ["Chor"]
    assert titles(client.get(LIST, {"jahr": "2024"})) == ["Chor"]
    assert len(titles(client.get(LIST, {"region": "niedersachsen-bremen", "art": "measure"}))) == 3


def test_the_counts_of_a_facet_ignore_its_own_selection(client, three):
    first, second = Topic.objects.order_by("pk")[:2]
    response = client.get(LIST, {"thema": first.slug})
    assert counts(response, "thema") == {first.slug: 2, second.slug: 2}
    assert counts(response, "phase") == {"training_1": 2, "exam": 0}
    assert counts(client.get(LIST, {"phase": "exam"}), "thema") == {first.slug: 0, second.slug: 1}


def test_chosen_filters_are_chips_with_a_way_out(client, three):
    first = Topic.objects.order_by("pk").first()
    page = text(client.get(LIST, {"thema": first.slug, "q": "bus"}))
    assert "Filter entfernen" in page
    assert 'href="?q=bus"' in page


def test_keywords_find_umlauts_and_word_forms_and_rank_titles_first(client, three):
    assert titles(client.get(LIST, {"q": "aepfel"})) == ["Äpfel und Öfen"]
    assert titles(client.get(LIST, {"q": "BUS"}))[0] == "Bus"
    assert titles(client.get(LIST, {"q": "nichtsdergleichen"})) == []


def test_orders(client, three):
    assert titles(client.get(LIST, {"sortierung": "titel"})) == ["Äpfel und Öfen", "Bus", "Chor"]
    assert titles(client.get(LIST))[-1] == "Chor"
    assert titles(client.get(LIST, {"sortierung": "aelteste"}))[0] == "Chor"


@pytest.mark.parametrize(
    "query",
    [
        {"thema": "gibtesnicht"},
        {"thema": "' OR 1=1 --"},
        {"beruf": "abc"},
        {"beruf": "99999999999999999999"},
        {"jahr": "zweitausend"},
        {"jahr": "0000"},
        {"q": "a\x00b"},
        {"q": '"'},
        {"q": "x" * 5000},
        {"seite": "-1"},
        {"seite": "999999"},
        {"sortierung": "drop table"},
    ],
)
def test_nonsense_in_the_address_is_no_crash(client, published, query):
    assert client.get(LIST, query).status_code == 200


def test_htmx_gets_the_block_alone(client, published):
    page = text(client.get(LIST, headers={"HX-Request": "true"}))
    assert page.strip().startswith("<form")
    assert "<html" not in page


def test_the_page_tells_the_whole_story(client, published, lindner):
    page = text(client.get(published.get_absolute_url()))
    for words in (published.teaser, published.key_figure, "„Im Bus habe ich mich getraut.“", "<li>Montag: Schule</li>"):
        assert words in page
    assert published.contact_note not in page
    client.force_login(lindner)
    assert published.contact_note in text(client.get(published.get_absolute_url()))


def test_markup_in_a_text_stays_text(client, gross):
    row = make_practice(gross, "published", approach="<script>alert(1)</script> **fett**", title="<b>Titel</b>")
    page = text(client.get(row.get_absolute_url()))
    assert "<script>alert" not in page
    assert "<b>Titel" not in page


def test_related_ones_share_a_topic(client, three):
    response = client.get(three[1].get_absolute_url())
    assert [row.title for row in response.context["related"]] == ["Äpfel und Öfen"]


@pytest.mark.parametrize("state", ["draft", "submitted", "questions", "approved", "declined", "archived"])
def test_an_unpublished_one_has_no_page(as_gross, gross, state):
    row = make_practice(gross, state)
    assert as_gross.get(f"{LIST}{row.slug}/").status_code == 404
    assert as_gross.get(f"{LIST}{row.pk}/vorschau/").status_code == 200


def test_the_preview_shows_the_same_as_the_page(as_gross, gross):
    row = make_practice(gross, "approved")
    preview = text(as_gross.get(f"{LIST}{row.pk}/vorschau/"))
    row.status, row.published_at = "published", timezone.now()
    row.save()
    page = text(as_gross.get(row.get_absolute_url()))
    start, end = '<div class="practice__main">', "</aside>"
    body = page[page.index(start) : page.index(end)].split("Herkunft")[0]
    assert body in preview


def test_a_published_picture_is_public_and_an_archived_one_is_not(client, as_gross, gross, published):
    image = published.images.model(practice=published, alt="Bus", credit="Foto", consent=True)
    image.web.save("bus.png", ContentFile(picture(image_format="PNG"), name="bus.png"), save=False)
    image.save()
    client.logout()
    response = client.get(f"{LIST}bild/{image.pk}/")
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content).startswith(b"\x89PNG")
    published.status = "archived"
    published.save()
    assert client.get(f"{LIST}bild/{image.pk}/").status_code == 404


def test_the_feed_holds_public_ones_only(client, published, gross):
    make_practice(gross, "approved", title="Noch nicht")
    response = client.get(f"{LIST}feed.atom")
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own feed
    entries = root.findall("{http://www.w3.org/2005/Atom}entry")
    assert [entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in entries] == [published.title]


def queries(client, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(8) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_list_and_page_cost_the_same_few_queries_for_one_and_for_three(
    client, gross, published, django_assert_max_num_queries
):
    page = published.get_absolute_url()
    one = queries(client, LIST, django_assert_max_num_queries), queries(client, page, django_assert_max_num_queries)
    for title in ("Zweites", "Drittes"):
        make_practice(gross, "published", title=title)
    three = queries(client, LIST, django_assert_max_num_queries), queries(client, page, django_assert_max_num_queries)
    assert one == three


@pytest.mark.parametrize("of", ["topic", "phase", "house", "kind", "figure"])
def test_keywords_find_what_was_chosen_as_well_as_what_was_written(client, submitted, coordinator, of):
    review.approve(practice=submitted, by=coordinator, form_id=form_id())
    practice = review.publish(practice=submitted, by=coordinator, form_id=form_id())
    words = {
        "topic": practice.topics.get().name,
        "phase": practice.phases.get().name,
        "house": practice.organisation.name,
        "kind": practice.get_kind_display(),
        "figure": "Fehltage",
    }
    answer = client.get(LIST, {"q": words[of]})
    assert practice.title in answer.content.decode()
