"""Who counts as what: the roles of a person add up to one Access."""

from datetime import timedelta

import pytest
from django.utils import timezone

from regions.models import ContactPerson, Organisation, Region, RoleAssignment
from regions.rules import coordinates_region, invitable_roles
from regions.visibility import access_of
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_guest_has_no_access(guest):
    access = access_of(guest)
    assert not any([access.is_member, access.is_office, access.is_funder])


def test_a_coordinator_acts_in_the_own_region_and_as_deputy(kaya):
    access = access_of(kaya)
    nord, bayern, berlin = (Region.objects.get(code=code) for code in ("NORD", "BY", "BEBB"))
    assert access.is_office
    assert access.coordinates(nord.pk)
    assert access.coordinates(bayern.pk)
    assert not access.coordinates(berlin.pk)
    assert access.deputy_region_ids == {bayern.pk}
    assert coordinates_region.test(kaya, nord)
    assert not coordinates_region.test(kaya, berlin)


def test_the_overall_coordination_acts_everywhere(overall):
    assert all(access_of(overall).coordinates(region.pk) for region in Region.objects.all())


def test_a_role_counts_only_in_its_time(gross):
    RoleAssignment.objects.filter(user=gross).update(valid_to=timezone.localdate())
    assert not access_of(type(gross).objects.get(pk=gross.pk)).is_member
    RoleAssignment.objects.filter(user=gross).update(valid_to=None, valid_from=timezone.localdate() + timedelta(days=1))
    assert not access_of(type(gross).objects.get(pk=gross.pk)).is_member


def test_an_inactive_login_has_no_access(kaya):
    kaya.is_active = False
    assert not access_of(kaya).is_office


def test_a_traeger_belongs_to_the_regions_of_its_projects(gross):
    assert access_of(gross).member_region_ids == {Region.objects.get(code="NIHB").pk}


def test_nobody_but_the_office_reads_the_address_book(kaya, gross, lindner, guest):
    own = factories.make_contact("gross@example.org", user=gross)
    factories.make_contact("b@example.org")
    assert ContactPerson.objects.visible_to(kaya).count() == 2
    assert list(ContactPerson.objects.visible_to(gross)) == [own]
    assert not ContactPerson.objects.visible_to(lindner).exists()
    assert not ContactPerson.objects.visible_to(guest).exists()


def test_the_list_and_the_permission_say_the_same(kaya, gross, lindner, administrator, guest):
    factories.make_traeger("Ruht", "Ruht", is_active=False)
    for person in (kaya, gross, lindner, administrator, guest):
        sees_all = Organisation.objects.visible_to(person).count() == Organisation.objects.count()
        assert sees_all == person.has_perm("regions.view_organisation")


@pytest.mark.parametrize(("name", "number"), [("kaya", 1), ("overall", 3), ("administrator", 4), ("gross", 0)])
def test_the_roles_a_person_may_invite_to(base_data, name, number):
    assert len(invitable_roles(getattr(factories, f"make_{name}")())) == number
