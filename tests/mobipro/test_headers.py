"""What every answer tells the browser, whoever asks and whatever goes wrong."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from mobipro import views
from mobipro.headers import CompressionMiddleware
from mobipro.routes import Who, all_routes
from tests.practices.conftest import make_practice

pytestmark = pytest.mark.django_db

READ = [
    route
    for route in all_routes()
    if route.rule and "GET" in route.rule.methods and not route.ids and route.name not in ("readyz", "account_logout")
]
# Where a stranger may fill in a form that is protected by a cookie; nobody else needs one.
WITH_FORM = {"report_barrier", "account_login", "account_reset_password", "account_request_login_code"}


def is_safe(response):
    """CSP without exceptions, no guessing of types, no address for other sites, no camera."""
    policy = response.headers.get("Content-Security-Policy", "")
    return (
        "default-src 'none'" in policy
        and "unsafe" not in policy
        and "*" not in policy
        and response.headers.get("X-Content-Type-Options") == "nosniff"
        and response.headers.get("Referrer-Policy") in ("same-origin", "no-referrer")
        and "camera=()" in response.headers.get("Permissions-Policy", "")
        and response.headers.get("Cross-Origin-Opener-Policy") == "same-origin"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["guest", "gross", "kaya"])
def test_every_page_is_safe_in_the_browser(client, base_data, name, request):
    if name != "guest":
        client.force_login(request.getfixturevalue(name))
    unsafe = [route.name for route in READ if not is_safe(client.get(reverse(route.name)))]
    assert unsafe == []


@pytest.mark.parametrize(
    "path", ["/gibt/es/nicht/", "/healthz", "/robots.txt", "/sitemap.xml", "/treffen/kalender.ics"]
)
def test_machines_and_lost_visitors_get_the_same_headers(client, base_data, path):
    assert is_safe(client.get(path))


def test_errors_are_safe_too(client, base_data, monkeypatch, settings, gross):
    assert is_safe(client.get("/", headers={"host": "evil.example"}))
    assert is_safe(client.put("/"))
    client.force_login(gross)
    assert is_safe(client.get(reverse("funder_home")))

    def broken(request):
        raise RuntimeError("Die Datenbank ist fort.")

    monkeypatch.setattr("documentation.search.count", broken)
    client.raise_request_exception = False
    response = client.get(reverse("search"), {"q": "Bus"})
    assert response.status_code == 500
    assert is_safe(response)
    assert "Datenbank ist fort" not in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_a_page_without_a_form_sets_no_cookie(client, base_data):
    setting = []
    for route in READ:
        if route.rule.who in (Who.EVERYBODY, Who.STRANGERS):
            client.cookies.clear()
            names = set(client.get(reverse(route.name)).cookies)
            if names - ({"csrf"} if route.name in WITH_FORM else set()):
                setting.append((route.name, names))
    assert setting == []


def test_pages_of_a_person_stay_out_of_shared_caches(client, gross):
    practice = make_practice(gross)
    client.force_login(gross)
    for address in (
        reverse("practices:own_list"),
        reverse("practices:hub", args=[practice.pk]),
        reverse("member_home"),
    ):
        assert "private" in client.get(address)["Cache-Control"], address


def test_a_stranger_s_page_may_be_kept(client, base_data):
    assert "private" not in client.get(reverse("home")).headers.get("Cache-Control", "")


def test_the_session_s_cookie_is_out_of_reach_of_scripts_and_other_sites(client, gross):
    data = {"login": gross.email, "password": "ein-langes-Kennwort"}
    cookie = client.post(reverse("account_login"), data).cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["domain"]


def test_health_names_no_version_path_or_host(client, settings):
    for view in (views.healthz, views.readyz):
        body = client.get(f"/{view.__name__}").content.decode()
        assert not [word for word in ("/", "sqlite", "redis", settings.EMAIL_HOST, "Error", "django") if word in body]


def test_pages_travel_compressed_and_files_as_they_are(client, base_data):
    page = client.get("/seite/hilfe/", headers={"accept-encoding": "gzip, br"})
    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
    assert b"<h1" in gzip.decompress(page.content)
    assert "Content-Encoding" not in client.get("/seite/hilfe/").headers
    file = HttpResponse(b"%PDF-1.7" * 500, content_type="application/pdf")
    asked = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    assert CompressionMiddleware(lambda request: file)(asked).content == b"%PDF-1.7" * 500
