"""The settings file read anew with another environment: production refuses to start half configured."""

import runpy
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

SETTINGS = str(Path(__file__).resolve().parents[2] / "mobipro" / "settings.py")
PRODUCTION = {
    "BASE_URL": "https://vernetzung.example",
    "SECRET_KEY": "geheim-" * 10,
    "LINK_KEY": "ebenso-geheim-" * 5,
    "DATABASE_URL": "postgres://portal:kennwort@db.example/portal",
    "REDIS_URL": "redis://redis.example",
    "EMAIL_URL": "smtp://relay.example:25",
}
OTHERS = ("ALLOWED_HOSTS", "DEBUG", "BEHIND_PROXY", "SECOND_FACTOR_REQUIRED", "MAIL_WEB_URL", "TRUSTED_PROXY_COUNT")


@pytest.fixture
def read(monkeypatch, tmp_path):
    def with_environment(**variables):
        for name in (*PRODUCTION, *OTHERS):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("MOBIPRO_VAR", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(SETTINGS)

    return with_environment


@pytest.mark.parametrize("name", ["SECRET_KEY", "LINK_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_production_does_not_start_without(read, name, how):
    variables = {key: value for key, value in PRODUCTION.items() if key != name}
    if how == "empty":
        variables[name] = ""
    with pytest.raises(ImproperlyConfigured, match=name):
        read(**variables)


@pytest.mark.parametrize(
    "address",
    ["https://vernetzung.example", "http://10.0.0.5:8000", "http://localhost.evil.example", "portal.example", ""],
)
def test_the_embedded_defaults_are_for_this_machine_only(read, address):
    with pytest.raises(ImproperlyConfigured):
        read(BASE_URL=address)


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1:9000", "https://localhost"])
def test_this_machine_needs_no_variable(read, address, tmp_path):
    found = read(BASE_URL=address)
    assert found["EMBEDDED"]
    assert found["SQLITE"]
    assert not found["SECOND_FACTOR_REQUIRED"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert found["SECRET_KEY"] != found["LINK_KEY"]


def test_production_has_safe_cookies_hosts_and_https(read):
    found = read(**PRODUCTION)
    assert not found["EMBEDDED"]
    assert not found["DEBUG"]
    assert found["ALLOWED_HOSTS"] == ["vernetzung.example"]
    assert found["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert found["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    # What a __Host- cookie must not have: a domain, another path.
    assert not found.get("SESSION_COOKIE_DOMAIN")
    assert not found.get("CSRF_COOKIE_DOMAIN")
    assert found.get("SESSION_COOKIE_PATH", "/") == "/"
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://vernetzung.example"]
    assert found["SECOND_FACTOR_REQUIRED"]
    assert not found["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"]
    assert found["MAIL_WEB_URL"] == ""


def test_the_proxys_word_about_https_is_believed_only_behind_one(read):
    assert read(**PRODUCTION)["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert read(**PRODUCTION, BEHIND_PROXY="false")["SECURE_PROXY_SSL_HEADER"] is None
