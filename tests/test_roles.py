"""Every address as every person: the declaration in mobipro/routes.py is complete and true."""

import json
import re
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse

from mobipro.routes import RULES, Who, all_routes
from tests import factories

pytestmark = pytest.mark.django_db

LOGINS = {"/konto/login/", "/admin/login/"}
PEOPLE = ("guest", "gross", "lindner", "kaya", "bavarian", "overall", "administrator")
OFFICE = {"kaya", "bavarian", "overall", "administrator"}
# Ids that no record has: whoever may ask gets "not found", never another person's record and never a 500.
NOBODYS = {"int": 987654, "slug": "gibt-es-nicht", "str": "1.1.falsch", "path": "987654", "text": "x"}
ROUTES = sorted(all_routes(), key=lambda route: route.name)
DECLARED = [route for route in ROUTES if route.rule]
FRAME = {"admin:login", "admin:logout", "admin:password_change", "admin:password_change_done", "admin:view_on_site"}


def address_of(route):
    ids = {name: NOBODYS.get(kind, "x") for name, kind in route.ids.items()}
    if route.name == "admin:app_list":
        ids = {"app_label": "regions"}
    return reverse(route.name, kwargs=ids)


@pytest.fixture
def person(request):
    """A client signed in as the named person."""

    def sign_in(client, name):
        if name != "guest":
            client.force_login(getattr(factories, f"make_{name}")())
        return client

    return sign_in


def leads_to_login(response):
    return response.status_code == 302 and urlsplit(response["Location"]).path in LOGINS


def test_every_address_is_declared():
    assert [route.name for route in ROUTES if route.rule is None] == []


def test_no_declared_address_is_gone():
    assert set(RULES) - {route.name for route in ROUTES} == set()


def test_the_command_lists_every_address(capsys):
    call_command("routes", "--json")
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(ROUTES)
    assert set(rows[0]) == {"route", "name", "methods", "who", "ids", "changes_state"}


@pytest.mark.slow
@pytest.mark.parametrize("name", PEOPLE)
def test_every_address_answers_each_person_as_declared(base_data, client, person, name):
    person(client, name)
    wrong = []
    for route in DECLARED:
        if route.name in {"account_logout", "readyz"}:
            continue  # signs out; asks other machines
        method = "get" if "GET" in route.rule.methods else "post"
        response = getattr(client, method)(address_of(route))
        problem = what_is_wrong(route, name, response)
        if problem:
            wrong.append(f"{route.name}: {response.status_code} {problem}")
    assert wrong == []


def what_is_wrong(route, name, response):
    """A word on what contradicts the declaration, or nothing."""
    status = response.status_code
    if status >= 500:
        return "is an error"
    who = route.rule.who
    if who in {Who.SIGNED_IN, Who.FUNDERS, Who.OFFICE} and name == "guest":
        if route.name in FRAME or leads_to_login(response) or status == 401:
            return ""
        return "is open to strangers"
    if who == Who.FUNDERS:
        allowed = name in OFFICE | {"lindner"}
        return "" if (status == 200) == allowed else "is open to the wrong people"
    if who == Who.OFFICE and name not in OFFICE:
        return "" if status in (302, 403, 404) or route.name in FRAME else "is open to members"
    if who == Who.EVERYBODY and not route.ids:
        return "" if status in (200, 302) else "is closed"
    if route.ids and who != Who.OFFICE and "text" not in route.ids.values():
        return "" if status in (302, 403, 404, 405, 410) else "shows something for an id that nobody has"
    return ""


@pytest.mark.parametrize("name", PEOPLE)
def test_no_reading_address_takes_a_post(base_data, client, person, name):
    person(client, name)
    for route in DECLARED:
        if route.rule.who == Who.EVERYBODY and route.rule.methods == ("GET",):
            if route.name.startswith(("account_", "practices:feed", "documentation:feed")):
                continue
            assert client.post(address_of(route)).status_code in (404, 405), route.name


@pytest.mark.parametrize("name", ["kaya", "bavarian", "overall"])
def test_only_administrators_change_accounts(base_data, client, person, name):
    user = factories.make_gross()
    person(client, name)
    client.post(reverse("admin:regions_user_change", args=[user.pk]), {"is_active": ""})
    user.refresh_from_db()
    assert user.is_active
    assert client.get(reverse("admin:regions_user_add")).status_code == 403


@pytest.mark.parametrize("name", ["gross", "lindner"])
def test_members_and_funders_do_not_reach_the_work_area(base_data, client, person, name):
    person(client, name)
    assert client.get(reverse("admin:index")).status_code in (302, 403)
    response = client.get(reverse("admin:index"), follow=True)
    assert not re.search("Personen und Träger", response.content.decode())
