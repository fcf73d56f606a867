from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from meetings import requests, scheduling
from meetings.models import AgendaItem, InvitationRequest, Meeting
from meetings.models.invitation import PartStat
from regions.models import FormReceipt, Topic
from tests import factories
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db
LIST = "/treffen/"


@pytest.fixture
def announced(meeting, overall):
    return scheduling.announce(meeting=meeting, by=overall)


@pytest.fixture
def national(overall):
    world.make_programme()
    meeting = world.make_meeting("2031-BUND", kind=Meeting.Kind.NATIONAL, title="Bundesweites Treffen")
    scheduling.set_date(meeting=meeting, starts_at=at(10), ends_at=at(16), venue=None, by=None)
    return scheduling.announce(meeting=meeting, by=overall)


def text_of(response):
    return " ".join(response.content.decode().split())


def test_an_idea_is_not_shown_to_the_public_but_to_the_office(client, meeting, kaya):
    assert client.get(meeting.get_absolute_url()).status_code == 404
    assert meeting.title not in text_of(client.get(LIST))
    client.force_login(kaya)
    assert client.get(meeting.get_absolute_url()).status_code == 200


def test_the_list_shows_month_place_and_state_in_words(client, announced):
    page = text_of(client.get(LIST))
    assert "März 2031" in page
    assert "Mi, 12. März 2031, 10–16 Uhr" in page
    assert "geplant" in page


def test_a_moved_meeting_says_old_and_new_in_the_list(client, announced, overall):
    day = (2031, 4, 9)
    scheduling.move(
        meeting=announced, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    assert "verschoben: 12. März → 9. April" in text_of(client.get(LIST))
    assert "verschoben: 12. März → 9. April" in text_of(client.get(f"{LIST}?stand=verschoben"))
    assert "Mi, 12. März 2031" in text_of(client.get(announced.get_absolute_url()))


def test_filters_by_region_year_state_and_topic(client, announced, national):
    item = AgendaItem(meeting=announced, title="Sprache im Betrieb")
    item.save()
    topic = Topic.objects.first()
    item.topics.add(topic)
    for query, number in (
        ("region=nord", 2),  # the national meeting is everybody's
        ("jahr=2031", 2),
        ("jahr=2031&stand=geplant", 2),
        ("stand=abgesagt", 0),
        (f"thema={topic.slug}", 1),
        ("region=gibt-es-nicht", 2),
        ("jahr=%00", 2),
    ):
        region = factories.region("NORD")
        response = client.get(f"{LIST}?{query.replace('nord', region.slug)}")
        assert response.status_code == 200
        if "gibt-es" not in query and "%00" not in query:
            assert response.context["number"] == number, query


def test_the_list_needs_the_same_queries_for_one_and_for_three(
    client, announced, overall, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8) as first:
        client.get(LIST)
    for number in (2, 3):
        row = world.make_dated_meeting(f"2031-NORD-{number}")
        scheduling.announce(meeting=row, by=overall)
    with django_assert_max_num_queries(len(first)):
        client.get(LIST)


def test_the_page_shows_agenda_with_times_and_access(client, announced):
    AgendaItem(meeting=announced, position=1, title="Begrüßung", duration_min=30).save()
    AgendaItem(meeting=announced, position=2, title="Sprache im Betrieb", duration_min=60).save()
    AgendaItem(meeting=announced, position=3, title="Intern", is_public=False).save()
    page = text_of(client.get(announced.get_absolute_url()))
    assert "10:30 Uhr" in page
    assert "stufenlos erreichbar" in page
    assert "Intern" not in page


def test_the_calendar_file_and_feeds_hold_the_meeting_without_people(client, announced):
    region = factories.region("NORD")
    for url in (
        reverse("meetings:ics", args=[announced.slug]),
        reverse("meetings:feed_all"),
        reverse("meetings:feed_region", args=[region.slug]),
    ):
        response = client.get(url)
        assert response["Content-Type"].startswith("text/calendar")
        event = Calendar.from_ical(response.content).walk("VEVENT")[0]
        assert event["UID"] == str(announced.ics_uid)
        assert "ATTENDEE" not in event
        assert not response.cookies


def test_a_feed_is_not_sent_twice_unchanged_and_keeps_cancelled_ones(client, announced, overall):
    first = client.get(reverse("meetings:feed_all"))
    again = client.get(reverse("meetings:feed_all"), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    scheduling.cancel(meeting=announced, reason="Krankheit", by=overall)
    assert b"STATUS:CANCELLED" in client.get(reverse("meetings:feed_all")).content


def test_only_the_newest_change_stands_open_on_the_page(client, announced, overall):
    scheduling.cancel(meeting=announced, reason="Zu wenige Anmeldungen", by=overall)
    scheduling.reinstate(meeting=announced, reason="Es geht doch.", by=overall)
    page = client.get(announced.get_absolute_url()).content.decode()
    newest, earlier = page.split("<summary>Frühere Änderungen</summary>")
    assert "Es geht doch." in newest
    assert "Zu wenige Anmeldungen" not in newest
    assert "Zu wenige Anmeldungen" in earlier


def test_a_foreign_region_or_meeting_is_not_found(client):
    assert client.get("/treffen/region/gibt-es-nicht/kalender.ics").status_code == 404
    assert client.get("/treffen/2031-gibt-es-nicht/").status_code == 404
    assert client.get("/treffen/2031-gibt-es-nicht/kalender.ics").status_code == 404


# --- Einladung anfragen --------------------------------------------------------------------------
ASK = {"name": "Gudrun Überall", "einrichtung": "Berufsschule Musterstadt", "email": "gudrun@example.org"}


def test_a_guest_asks_and_is_invited_by_the_coordinator(client, national, overall):
    url = reverse("meetings:request_invitation", args=[national.slug])
    data = {**ASK, "form_id": FormReceipt.new_id()}
    for _ in range(2):
        assert "Ihre Anfrage ist angekommen." in text_of(client.post(url, data, follow=True))
    request = InvitationRequest.objects.get()
    requests.decide(request=request, accept=True, reply="Gern!", by=overall)
    invitation = national.invitations.get()
    assert invitation.partstat == PartStat.NEEDS_ACTION
    assert "Gern!" in world.mails(kind="invitation").get().text


def test_missing_words_are_asked_for_at_the_field(client, national):
    url = reverse("meetings:request_invitation", args=[national.slug])
    response = client.post(url, {"form_id": FormReceipt.new_id(), "email": "gudrun"})
    assert set(response.context["form"].errors) == {"name", "einrichtung", "email"}
    assert "zwingend" not in text_of(response)


def test_regional_meetings_take_no_requests(client, announced):
    assert client.get(reverse("meetings:request_invitation", args=[announced.slug])).status_code == 404


def test_a_request_after_the_start_is_refused(national):
    now = timezone.now()
    Meeting.objects.filter(pk=national.pk).update(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    with pytest.raises(requests.RequestError):
        requests.request_invitation(
            meeting=national, name="G", organisation_name="B", function="", email="gudrun@example.org"
        )


def test_the_public_reads_no_due_day_of_a_documentation_that_is_past(meeting):
    meeting.status = Meeting.Status.HELD
    meeting.starts_at, meeting.ends_at = world.in_days(-3), world.in_days(-2)
    due = meeting.documentation_due_on
    assert meeting.public_state == ("documentation_due", f"Dokumentation in Arbeit bis {due:%d.%m.%Y}")
    meeting.ends_at = world.in_days(-90)
    assert meeting.public_state == ("documentation_due", "Dokumentation in Arbeit")
