"""The login expired while somebody wrote: the text waits for its author."""

import pytest
from django.urls import reverse

from practices.models import GoodPractice
from practices.views import waiting
from tests.practices.conftest import form_id


def step_url(practice, step=2):
    return reverse("practices:edit", args=[practice.pk, step])


def send_without_login(client, practice, **fields):
    return client.post(step_url(practice), {"seen": practice.revision, **fields, "later": "1"})


def test_text_sent_without_login_is_shown_after_the_login_and_saved_with_one_click(client, gross, draft):
    answer = send_without_login(client, draft, situation="Lange Überlegung ß", approach="Neu")
    assert answer.url == f"{reverse('account_login')}?next={step_url(draft)}"
    client.force_login(gross)
    page = client.get(step_url(draft)).content.decode()
    assert "Lange Überlegung ß" in page
    assert "noch nicht gespeichert" in page
    draft.refresh_from_db()
    assert draft.approach != "Neu"
    client.post(step_url(draft), {"seen": draft.revision, "situation": "Lange Überlegung ß", "approach": "Neu"})
    draft.refresh_from_db()
    assert (draft.situation, draft.approach) == ("Lange Überlegung ß", "Neu")
    assert "noch nicht gespeichert" not in client.get(step_url(draft)).content.decode()


def test_waiting_text_is_shown_on_its_own_page_only(client, gross, draft):
    send_without_login(client, draft, approach="Nur hier")
    client.force_login(gross)
    assert "Nur hier" not in client.get(step_url(draft, 3)).content.decode()


def test_waiting_text_is_not_shown_to_somebody_else_who_logs_in(client, bavarian, draft):
    send_without_login(client, draft, approach="Nur für Leer")
    client.force_login(bavarian)
    assert client.get(step_url(draft)).status_code == 404


def test_title_of_a_new_example_waits_too(client, gross):
    client.post(reverse("practices:create"), {"title": "Der zweite Bus", "form_id": form_id()})
    client.force_login(gross)
    page = client.get(reverse("practices:create")).content.decode()
    assert 'value="Der zweite Bus"' in page
    assert not GoodPractice.objects.filter(title="Der zweite Bus").exists()


def test_endless_text_does_not_fill_the_session(client, draft):
    send_without_login(client, draft, approach="ä" * waiting.MAX_LENGTH)
    assert waiting.KEY not in client.session


@pytest.mark.parametrize("name", ["csrfmiddlewaretoken", "next"])
def test_nothing_but_the_fields_waits(client, draft, name):
    client.post(step_url(draft), {"approach": "x", name: "geheim"})
    assert "geheim" not in client.session[waiting.KEY]["text"]
