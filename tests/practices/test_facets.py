"""Counting and narrowing the list of practices."""

import pytest
from django.http import QueryDict

from practices.facets import OPEN_OPTIONS, PracticeFilter
from practices.models import GoodPractice
from regions.models import Phase, Topic
from tests.practices.conftest import make_practice


def found(query=""):
    return PracticeFilter(QueryDict(query), queryset=GoodPractice.objects.public())


def facet(name, query=""):
    return next(row for row in found(query).facets() if row.kind.name == name)


def counts(name, query=""):
    return {option.key: option.count for option in facet(name, query).options}


@pytest.fixture
def two(gross):
    """Two public practices: phases training_1 and exam, topics first and second."""
    first, second = make_practice(gross, "published", "Erstes"), make_practice(gross, "published", "Zweites")
    second.phases.set(Phase.objects.filter(key="exam"))
    second.topics.set(Topic.objects.order_by("pk")[1:2])
    return first, second


def test_each_option_says_what_choosing_it_would_give(two):
    assert counts("phase") == {"training_1": 1, "exam": 1}
    assert counts("region") == {two[0].region.slug: 2}
    assert counts("jahr") == {str(two[0].published_at.year): 2}


def test_counts_of_a_facet_ignore_its_own_selection_and_obey_the_others(two):
    assert counts("phase", "phase=exam") == {"training_1": 1, "exam": 1}
    assert counts("thema", "phase=exam") == {two[0].topics.get().slug: 0, two[1].topics.get().slug: 1}


def test_counts_obey_the_keyword(two):
    assert counts("phase", "q=Zweites") == {"training_1": 0, "exam": 1}


def test_options_stand_in_the_order_of_the_vocabulary_and_kinds_by_their_german_name(two):
    assert [option.key for option in facet("phase").options] == ["training_1", "exam"]
    assert [option.label for option in facet("art").options] == [two[0].get_kind_display()]


def test_practice_with_two_chosen_phases_is_found_once(two):
    two[0].phases.add(Phase.objects.get(key="exam"))
    assert found("phase=exam&phase=training_1").qs.count() == 2


@pytest.mark.parametrize("query", ["beruf=²", "jahr=99999", "thema=%00", "region='", "art=" + "x" * 500, "phase=" * 60])
def test_key_that_no_option_has_finds_nothing_or_is_dropped(two, query):
    assert found(query).qs.count() in (0, 2)
    assert found(query).facets()


def test_long_facet_opens_when_something_in_it_is_chosen(two, gross):
    topics = list(Topic.objects.order_by("position"))
    two[0].topics.set(topics[: OPEN_OPTIONS + 2])
    last = topics[OPEN_OPTIONS + 1].slug
    assert not facet("thema").more_is_open
    assert facet("thema", f"thema={last}").more_is_open


def test_counting_takes_one_query(two, django_assert_num_queries):
    rows = found("phase=exam")
    with django_assert_num_queries(1):
        rows.facets()


def test_unknown_order_is_the_newest_first(two):
    assert list(found().in_order("quatsch")) == list(found().in_order("neueste"))
    assert [row.title for row in found().in_order("titel")] == ["Erstes", "Zweites"]
