from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from meetings import agenda, registrations, seats, workshops
from meetings.models import AgendaItem, Invitation, Meeting, Registration, WorkshopChoice
from meetings.models.agenda import public_with_times, total_minutes
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from regions.models import FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db


def add(meeting, position, title, minutes=60, kind="workshop", **fields):
    row = AgendaItem(meeting=meeting, position=position, title=title, duration_min=minutes, kind=kind, **fields)
    row.save()
    return row


@pytest.fixture
def groups(invited):
    """Welcome 30 minutes, then two workshops at the same time, then the end."""
    Meeting.objects.filter(pk=invited.pk).update(max_per_project=9)
    add(invited, 1, "Begrüßung", 30, "welcome")
    language = add(invited, 2, "Sprache im Betrieb", 90, capacity=1)
    housing = add(invited, 3, "Wohnen", 60, is_parallel=True)
    add(invited, 4, "Ausblick", 30, "outlook")
    return language, housing


@pytest.fixture
def url(invitation):
    return reverse("meetings:answer", args=[world.token_of(invitation)])


def accept(row, *items):
    return record_answer(
        invitation=row, partstat=PartStat.ACCEPTED, workshop_items=[item.pk for item in items]
    ).registration


def chosen(row):
    return list(
        WorkshopChoice.objects.filter(registration__invitation=row).values_list("agenda_item__title", flat=True)
    )


def others(invited, invitation):
    return list(invited.invitations.exclude(pk=invitation.pk).order_by("pk"))


def text_of(response):
    return " ".join(response.content.decode().split())


def post(client, url, **data):
    return client.post(
        url, {"form_id": FormReceipt.new_id(), "gruppe-form_id": FormReceipt.new_id(), **data}, follow=True
    )


# --- times ---------------------------------------------------------------------------------------
def test_parallel_points_begin_together_and_the_longest_decides_what_follows(invited, groups):
    rows = public_with_times(invited)
    assert [f"{start:%H:%M}" for _item, start in rows] == ["10:00", "10:30", "10:30", "12:00"]
    assert total_minutes(invited.agenda.all()) == 150


def test_a_point_that_is_not_public_takes_its_time_all_the_same(invited, groups):
    AgendaItem.objects.filter(title="Begrüßung").update(is_public=False)
    assert [f"{start:%H:%M}" for _item, start in public_with_times(invited)] == ["10:30", "10:30", "12:00"]


def test_a_first_point_that_says_parallel_begins_the_day(invited):
    add(invited, 1, "Allein", is_parallel=True)
    assert [f"{start:%H:%M}" for _item, start in public_with_times(invited)] == ["10:00"]
    assert workshops.blocks_of(invited) == []


# --- choosing ------------------------------------------------------------------------------------
def test_a_yes_chooses_one_of_the_workshops(client, url, invitation, groups):
    page = text_of(client.get(f"{url}?antwort=ja"))
    assert "Ihre Arbeitsgruppe um 10:30 Uhr" in page
    assert "Sprache im Betrieb (noch 1 Platz)" in page
    post(client, url, aktion="antwort", antwort="ja", arbeitsgruppe_1=groups[0].pk)
    assert chosen(invitation) == ["Sprache im Betrieb"]


def test_two_taps_are_enough_and_the_choice_is_asked_for_afterwards(client, url, invitation, groups):
    page = text_of(post(client, url, aktion="antwort", antwort="ja"))
    assert "Bitte wählen Sie eine Arbeitsgruppe" in page
    page = text_of(post(client, url, aktion="gruppe", **{"gruppe-arbeitsgruppe_1": groups[1].pk}))
    assert chosen(invitation) == ["Wohnen"]
    assert "Bitte wählen Sie eine Arbeitsgruppe" not in page


def test_the_choice_is_changed_and_stays_one(client, url, invitation, groups):
    accept(invitation, groups[0])
    post(client, url, aktion="gruppe", **{"gruppe-arbeitsgruppe_1": groups[1].pk})
    assert chosen(invitation) == ["Wohnen"]


def test_a_full_workshop_cannot_be_chosen_on_the_page(client, url, invited, invitation, groups):
    accept(others(invited, invitation)[0], groups[0])
    page = text_of(client.get(f"{url}?antwort=ja"))
    assert "Sprache im Betrieb (kein Platz mehr)" in page
    assert page.count("disabled") == 1
    response = post(client, url, aktion="antwort", antwort="ja", arbeitsgruppe_1=groups[0].pk)
    assert "„Sprache im Betrieb“ ist voll. Wählen Sie eine andere Arbeitsgruppe." in text_of(response)
    assert response.context["form"].errors.keys() == {"arbeitsgruppe_1"}
    assert not Registration.objects.filter(invitation=invitation).exists()


def test_whoever_has_the_last_place_keeps_it_on_a_second_yes(client, url, invitation, groups):
    accept(invitation, groups[0])
    page = text_of(client.get(url))
    assert "disabled" not in page
    post(client, url, aktion="gruppe", **{"gruppe-arbeitsgruppe_1": groups[0].pk})
    assert chosen(invitation) == ["Sprache im Betrieb"]


@pytest.mark.parametrize("value", ["", "0", "-1", "9" * 40, "x\x00", "1e3"])
def test_a_wrong_choice_is_told_at_the_field(client, url, invitation, groups, value):
    accept(invitation)
    response = post(client, url, aktion="gruppe", **{"gruppe-arbeitsgruppe_1": value})
    assert response.status_code == 200
    assert "arbeitsgruppe_1" in response.context["workshop_form"].errors
    assert chosen(invitation) == []


def test_a_point_of_another_meeting_is_no_choice(invitation, groups, base_data):
    foreign = add(world.make_meeting("2031-BY-1", "BY"), 1, "Fremd")
    with pytest.raises(workshops.WorkshopError, match="gibt es nicht mehr"):
        accept(invitation, foreign)


def test_a_full_meeting_offers_no_choice_that_nobody_keeps(client, url, invited, invitation, groups):
    assert "Ihre Arbeitsgruppe" in text_of(client.get(url))
    Meeting.objects.filter(pk=invited.pk).update(capacity=1)
    accept(others(invited, invitation)[0])
    assert "Ihre Arbeitsgruppe" not in text_of(client.get(url))


def test_the_own_workshop_does_not_say_that_it_has_no_place(client, url, invitation, groups):
    accept(invitation, groups[0])
    assert "Sprache im Betrieb (kein Platz mehr)" not in text_of(client.get(url))


def test_who_waits_for_a_seat_chooses_later(client, url, invited, invitation, groups):
    Meeting.objects.filter(pk=invited.pk).update(capacity=0)
    accept(invitation, groups[0])
    assert chosen(invitation) == []
    with pytest.raises(workshops.WorkshopError, match="sobald Sie einen Platz haben"):
        workshops.choose(invitation=invitation, items=[groups[0].pk])
    assert "Bitte wählen Sie eine Arbeitsgruppe" not in text_of(client.get(url))


def test_no_choice_once_the_meeting_began(client, url, invited, invitation, groups):
    accept(invitation)
    Meeting.objects.filter(pk=invited.pk).update(starts_at=world.in_days(-1), ends_at=world.in_days(1))
    with pytest.raises(workshops.WorkshopError, match="nicht mehr wählen"):
        workshops.choose(invitation=invitation, items=[groups[0].pk])
    assert "Arbeitsgruppe wählen" not in text_of(client.get(url))


# --- seats that change hands ---------------------------------------------------------------------
def test_giving_up_the_seat_gives_up_the_place(invitation, groups):
    accept(invitation, groups[0])
    record_answer(invitation=invitation, partstat=PartStat.DECLINED)
    assert chosen(invitation) == []


def test_a_deputy_takes_the_place_too(invitation, groups):
    accept(invitation, groups[0])
    deputy = registrations.name_deputy(invitation=invitation, name="Dora Dachs", email="dora@example.org")
    accept(deputy)
    assert (chosen(invitation), chosen(deputy)) == ([], ["Sprache im Betrieb"])


def test_a_lapsed_seat_frees_the_place(invited, invitation, groups):
    accept(invitation, groups[0])
    Registration.objects.update(held_until=world.in_days(-1))
    seats.release_overdue(meeting=invited)
    assert chosen(invitation) == []


def test_a_changed_agenda_keeps_only_what_is_a_choice(invited, invitation, groups, overall):
    accept(invitation, groups[1])
    groups[1].is_parallel = False
    agenda.save(meeting=invited, items=[groups[1]], removed=[], texts={}, by=overall)
    assert chosen(invitation) == []


# --- the coordinator -----------------------------------------------------------------------------
def test_the_dossier_shows_numbers_and_names(client, invited, invitation, groups, overall):
    accept(invitation, groups[0])
    accept(others(invited, invitation)[0])
    client.force_login(overall)
    page = text_of(client.get(reverse("admin:meetings_meeting_change", args=[invited.pk])))
    assert "Sprache im Betrieb: 1 von 1 Plätzen" in page
    assert "1 Person hat noch nicht gewählt." in page
    assert "<li>Ana Arndt, Werkstatt Leer Beispiel gGmbH</li>" in page


def test_who_only_reads_the_dossier_sees_no_names(client, invited, invitation, groups, bavarian):
    accept(invitation, groups[0])
    client.force_login(bavarian)
    page = text_of(client.get(reverse("admin:meetings_meeting_change", args=[invited.pk])))
    assert "Sprache im Betrieb: 1 von 1 Plätzen" in page
    assert "<li>Ana Arndt," not in page


def test_the_agenda_step_takes_parallel_points_with_places(client, invited, overall):
    client.force_login(overall)
    data = {"top-TOTAL_FORMS": 2, "top-INITIAL_FORMS": 0, "description": "", "travel_cost_note": ""}
    for number, more in enumerate([{"capacity": 12}, {"is_parallel": "on", "capacity": "0"}]):
        row = {"position": number + 1, "kind": "workshop", "title": f"Gruppe {number}", "duration_min": 60, **more}
        data |= {f"top-{number}-{name}": value for name, value in {"is_public": "on", **row}.items()}
    address = reverse("admin:meetings_agenda", args=[invited.pk])
    assert "Mindestens 1 Platz" in text_of(client.post(address, {**data, "accessibility_note": ""}))
    client.post(address, {**data, "accessibility_note": "", "top-1-capacity": ""})
    assert list(invited.agenda.values_list("is_parallel", "capacity")) == [(False, 12), (True, None)]


# --- many at once --------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_for_the_last_place_give_one_winner(base_data):
    world.make_programme()
    meeting = world.make_dated_meeting()
    Meeting.objects.filter(pk=meeting.pk).update(status="invited")
    first = add(meeting, 1, "Sprache", capacity=1)
    add(meeting, 2, "Wohnen", is_parallel=True)
    rows = [
        Invitation(
            meeting=meeting, name=f"Gast {n}", greeting="Guten Tag", email=f"gast{n}@example.org", reason="guest"
        )
        for n in range(20)
    ]
    for row in rows:
        row.save()
        accept(row)

    def choose(row):
        try:
            workshops.choose(invitation=row, items=[first.pk])
        except workshops.WorkshopError:
            return "voll"
        finally:
            connection.close()
        return "gewählt"

    with ThreadPoolExecutor(max_workers=20) as pool:
        results = list(pool.map(choose, rows))
    assert results.count("gewählt") == WorkshopChoice.objects.count() == 1
