"""Subscriptions in the work area: addresses for administrators only, numbers for the office, erasing on request."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from documentation.models import Subscription
from mobipro.outbox.models import OutboxMessage
from tests.documentation.subscribers import mails, make_subscriber

pytestmark = pytest.mark.django_db

LIST = "admin:documentation_subscription_changelist"
COUNTS = "admin:documentation_subscriptions"


@pytest.fixture
def reader(base_data):
    return make_subscriber("leserin-4711@example.org", regions=["NORD"], topics=["berufsschule"], practices=False)


def test_coordinators_see_numbers_and_no_address(client, overall, reader):
    make_subscriber("andere@example.org")
    client.force_login(overall)
    page = client.get(reverse(COUNTS)).content.decode()
    assert "2 Personen bekommen" in page
    for name in ("Nord", "alle Regionen", "Berufsschule", "alle Themen", "Gute Praxis"):
        assert f'{name} <span class="box__meta">1</span>' in page
    assert "4711" not in page
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(reverse("admin:documentation_subscription_change", args=[reader.pk])).status_code == 403
    assert reverse(COUNTS) in client.get(reverse("admin:index")).content.decode()
    assert reverse(LIST) not in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("name", ["gross", "lindner"])
def test_members_see_nothing_of_it(client, request, reader, name):
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse(COUNTS)).status_code in (302, 403)


def test_numbers_cost_the_same_queries_for_one_and_three(client, overall, reader, django_assert_max_num_queries):
    client.force_login(overall)
    counts = []
    for email in ("", "a@example.org"):
        if email:
            make_subscriber(email, regions=["BY", "NORD"], topics=["pruefungen"])
        client.get(reverse(COUNTS))
        with django_assert_max_num_queries(25) as queries:
            client.get(reverse(COUNTS))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_administrator_finds_an_address_and_erases_it_with_its_mails(client, administrator, reader):
    OutboxMessage.objects.create(
        key="digest:1",
        kind="digest",
        recipient=reader.email,
        subject="x",
        sender="a@example.org",
        reference=f"documentation.Subscription:{reader.pk}",
    )
    client.force_login(administrator)
    assert reader.email in client.get(reverse(LIST), {"q": "LESERIN-4711"}).content.decode()
    shown = client.get(reverse("admin:documentation_subscription_change", args=[reader.pk])).content.decode()
    assert reader.email in shown
    assert client.post(reverse("admin:documentation_subscription_add")).status_code == 403
    client.post(reverse("admin:documentation_subscription_delete", args=[reader.pk]), {"post": "yes"})
    assert not Subscription.objects.exists()
    assert not mails().exists()
    assert "4711" not in "".join(LogEntry.objects.values_list("object_repr", flat=True))


def test_several_are_erased_from_the_list(client, administrator, reader):
    client.force_login(administrator)
    client.post(
        reverse(LIST), {"action": "delete_selected", "_selected_action": [reader.pk], "post": "yes", "index": "0"}
    )
    assert not Subscription.objects.exists()


def test_the_postausgang_shows_subscribers_to_administrators_only(client, overall, administrator, reader):
    mail = OutboxMessage.objects.create(
        key="digest:1",
        kind="digest",
        recipient=reader.email,
        subject="Neu im Netzwerk",
        sender="a@example.org",
        state="failed",
    )
    addresses = [
        reverse("admin:outbox_outboxmessage_change", args=[mail.pk]),
        reverse("admin:outbox_html", args=[mail.pk]),
    ]
    client.force_login(overall)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    for page in (reverse("admin:outbox_outboxmessage_changelist"), reverse("admin:index") + "?bereich=alle"):
        assert "4711" not in client.get(page).content.decode()
    client.force_login(administrator)
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    assert "4711" in client.get(reverse("admin:outbox_outboxmessage_changelist")).content.decode()
