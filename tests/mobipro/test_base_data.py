"""The base data: complete, created once by its key, and never over what somebody edited."""

import re
from collections import Counter
from datetime import date

import pytest
from django.core.management import call_command

from documentation.models import Page
from regions.models import (
    Cohort,
    FederalState,
    OccupationalField,
    Phase,
    ProgrammeSettings,
    Region,
    RegionState,
    ResponsibleBody,
    SourceCountry,
    Topic,
    TrainingOccupation,
)

pytestmark = pytest.mark.django_db

LAENDER = ["BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"]
KINDS = [
    FederalState,
    Region,
    RegionState,
    OccupationalField,
    TrainingOccupation,
    SourceCountry,
    Cohort,
    Phase,
    Topic,
    ProgrammeSettings,
    ResponsibleBody,
    Page,
]


def count():
    return {kind.__name__: kind._default_manager.count() for kind in KINDS}


def words(slug):
    return re.sub(r"<[^>]+>", " ", Page.objects.get(slug=slug).body)


def test_all_sixteen_laender_have_their_iso_code(base_data):
    assert {state.iso_code for state in FederalState.objects.all()} == {f"DE-{short}" for short in LAENDER}
    assert {state.short_name for state in FederalState.objects.all()} == set(LAENDER)


def test_each_land_is_in_exactly_one_of_eight_assumed_regions(base_data):
    regions = Region.objects.all()
    assert [region.number for region in regions] == list(range(1, 9))
    assert all(region.is_assumed for region in regions)
    assert Counter(code for region in regions for code in region.iso_codes) == {f"DE-{short}": 1 for short in LAENDER}
    assert set(RegionState.objects.values_list("valid_from", "valid_to")) == {(date(2016, 2, 1), None)}


def test_laender_sort_as_in_a_german_list(base_data):
    names = [state.name for state in FederalState.objects.all()]
    assert names[:2] == ["Baden-Württemberg", "Bayern"]
    assert names[-1] == "Thüringen"
    countries = [country.name for country in SourceCountry.objects.order_by("sort_key")]
    assert countries.index("Niederlande") < countries.index("Österreich") < countries.index("Polen")


def test_all_members_of_the_union_but_germany_are_there_and_eleven_are_common(base_data):
    assert SourceCountry.objects.count() == 26
    assert set(SourceCountry.objects.filter(is_common=True).values_list("iso_code", flat=True)) == {
        *["ES", "IT", "PL", "BG", "GR", "HR", "PT", "RO", "HU", "IE", "NL"]
    }


def test_vocabulary_has_fields_occupations_cohorts_phases_and_topics(base_data):
    assert OccupationalField.objects.count() == 12
    assert all(field.occupations.exists() for field in OccupationalField.objects.all())
    assert dict(Cohort.objects.values_list("year", "funding")) == {
        2013: "individual",
        2014: "individual",
        2015: "project",
        2016: "project",
    }
    assert Phase.objects.count() == 8
    assert Topic.objects.count() == 15


def test_a_second_run_adds_nothing_and_keeps_what_was_edited(base_data):
    before = count()
    region = Region.objects.get(number=1)
    region.name, region.is_assumed = "Küste", False
    region.save()
    page = Page.objects.get(slug="hilfe")
    page.body = "<p>Eigener Text.</p>"
    page.save()
    call_command("base_data", verbosity=0)
    assert count() == before
    region.refresh_from_db()
    page.refresh_from_db()
    assert (region.name, region.is_assumed, page.body) == ("Küste", False, "<p>Eigener Text.</p>")


def test_what_was_deleted_by_mistake_comes_back(base_data):
    Topic.objects.filter(slug="berufsschule").delete()
    call_command("base_data", verbosity=0)
    assert Topic.objects.get(slug="berufsschule").name == "Berufsschule"


def test_a_new_cut_of_the_regions_is_not_undone(base_data):
    mapping = RegionState.objects.get(federal_state__iso_code="DE-HH")
    mapping.valid_to = date(2027, 1, 1)
    mapping.save()
    other = Region.objects.get(number=2)
    RegionState(region=other, federal_state=mapping.federal_state, valid_from=date(2027, 1, 1)).save()
    call_command("base_data", verbosity=0)
    assert RegionState.objects.current().get(federal_state__iso_code="DE-HH").region == other
    assert RegionState.objects.on(date(2026, 12, 31)).get(federal_state__iso_code="DE-HH").region.number == 1


@pytest.mark.parametrize("slug", ["impressum", "datenschutz", "barrierefreiheit"])
def test_legal_texts_are_marked_as_placeholders(base_data, client, slug):
    assert Page.objects.get(slug=slug).is_placeholder
    assert "Platzhalter" in client.get(f"/seite/{slug}/").content.decode()


def test_the_declaration_of_accessibility_has_the_parts_the_law_asks_for(base_data):
    text = words("barrierefreiheit")
    for part in (
        "Geltungsbereich",
        "Stand der Vereinbarkeit",
        "Nicht barrierefreie Inhalte",
        "Erstellung dieser Erklärung",
        "Barriere melden",
        "Schlichtungsverfahren",
        "§ 16 BGG",
        "BITV 2.0",
    ):
        assert part in text, part


def test_the_page_of_the_programme_says_what_its_sources_say(base_data):
    text = words("projekt")
    for fact in ("2013 bis 2020", "17.000", "drei Treffen im Jahr", "acht Regionen", "BMAS", "ZAV", "IQ"):
        assert fact in text, fact
    assert [row.starts_on for row in ResponsibleBody.objects.order_by("starts_on")] == [
        date(2016, 2, 1),
        date(2017, 4, 1),
    ]


def test_sentences_in_leichte_sprache_are_short(base_data):
    page = Page.objects.get(slug="leichte-sprache")
    assert page.is_plain_language
    text = re.sub(r"</(p|li|h2)>", ".", page.body)
    sentences = [row.split() for row in re.split(r"[.:?!]", re.sub(r"<[^>]+>", " ", text)) if row.strip()]
    assert max(len(row) for row in sentences) <= 12
    for heading in ("Was ist das Netzwerk?", "Wer macht mit?", "So nutzen Sie die Seite", "Hilfe"):
        assert heading in page.body
