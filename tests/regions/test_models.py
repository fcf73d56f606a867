"""What the network's records know of themselves: the cut of a day, German order, letters' first lines."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from regions.models import ContactAssignment, FederalState, Organisation, Region, RegionState
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_region_keeps_the_laender_of_the_day(base_data):
    hamburg = FederalState.objects.get(iso_code="DE-HH")
    old = RegionState.objects.get(federal_state=hamburg)
    old.valid_to = date(2027, 1, 1)
    old.save()
    new = RegionState(region=Region.objects.get(number=2), federal_state=hamburg, valid_from=date(2027, 1, 1))
    new.save()
    assert RegionState.objects.on(date(2026, 12, 31)).get(federal_state=hamburg) == old
    assert RegionState.objects.on(date(2027, 1, 1)).get(federal_state=hamburg) == new
    assert hamburg not in Region.objects.get(number=1).states
    assert hamburg in Region.objects.get(number=2).states


def test_a_land_is_in_one_region_at_a_time(base_data):
    with pytest.raises(IntegrityError), transaction.atomic():
        RegionState(
            region=Region.objects.get(number=2), federal_state=FederalState.objects.get(iso_code="DE-HH")
        ).save()


def test_people_stand_in_the_order_of_a_german_list(base_data):
    names = ["Zabel", "Österreicher", "Otto", "Oster", "Groß", "Grosser", "Núñez", "Łukasz", "Šarić", "Schmidt"]
    people = [factories.make_contact(f"p{number}@example.org", last_name=name) for number, name in enumerate(names)]
    in_order = [row.last_name for row in type(people[0]).objects.all()]
    assert in_order == [
        *["Groß", "Grosser", "Łukasz", "Núñez", "Oster", "Österreicher", "Otto", "Šarić", "Schmidt", "Zabel"]
    ]


def test_organisations_stand_in_the_same_order(base_data):
    for number, name in enumerate(("Übungswerk", "Zeche", "Ufer", "Ärztehaus", "Arche")):
        Organisation(name=name, slug=f"haus-{number}").save()
    assert [row.name for row in Organisation.objects.all()] == ["Arche", "Ärztehaus", "Übungswerk", "Ufer", "Zeche"]


@pytest.mark.parametrize(
    ("fields", "greeting"),
    [
        ({"salutation": "Frau", "title": "Dr."}, "Guten Tag Frau Dr. Groß"),
        ({"salutation": ""}, "Guten Tag Jürgen Groß"),
        ({"kind": "mailbox"}, "Guten Tag"),
    ],
)
def test_a_letter_begins_as_the_person_wishes(base_data, fields, greeting):
    person = factories.make_contact("g@example.org", first_name="Jürgen", last_name="Groß")
    for name, value in fields.items():
        setattr(person, name, value)
    assert person.greeting == greeting


def test_a_function_counts_from_its_first_to_before_its_last_day(base_data):
    person = factories.make_contact("g@example.org")
    row = ContactAssignment(
        contact=person,
        organisation=person.organisation,
        function="press",
        valid_from=date(2027, 1, 1),
        valid_to=date(2027, 7, 1),
    )
    row.save()
    days = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 6, 30), date(2027, 7, 1)]
    assert [ContactAssignment.objects.valid(day).filter(pk=row.pk).exists() for day in days] == [
        False,
        True,
        True,
        False,
    ]
