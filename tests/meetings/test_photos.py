from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import photos
from meetings.models import Attendance, Meeting, PhotoConsent
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from regions.models import FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(invited):
    Meeting.objects.filter(pk=invited.pk).update(photo_planned=True)
    return invited


@pytest.fixture
def coming(planned, invitation):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    return invitation


@pytest.fixture
def url(invitation):
    return reverse("meetings:answer", args=[world.token_of(invitation)])


def text_of(response):
    return " ".join(response.content.decode().split())


def say(client, url, word):
    data = {"aktion": "fotos", "fotos-form_id": FormReceipt.new_id(), "fotos-fotos": word}
    return text_of(client.post(url, data, follow=True))


def happened(meeting):
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))


def test_nobody_has_consented_until_she_says_yes(client, url, coming):
    page = text_of(client.get(url))
    assert "Ohne Ihr Ja zeigen wir kein Foto" in page
    assert "Zurzeit gilt: nein." in page
    assert 'name="fotos-fotos" value="ja"' in page
    assert "checked" not in page.split('id="fotos"')[1]
    assert not PhotoConsent.objects.exists()


def test_a_yes_is_given_and_taken_back_with_one_tap_each(client, url, coming):
    assert "Sie sind mit Fotos einverstanden" in say(client, url, "ja")
    assert PhotoConsent.objects.valid().count() == 1
    assert "Ihre Einwilligung ist zurückgenommen" in say(client, url, "nein")
    assert not PhotoConsent.objects.valid().exists()
    assert PhotoConsent.objects.get().history.count() == 2


@pytest.mark.parametrize("word", ["", "vielleicht", "\x00", "x" * 5000])
def test_anything_but_yes_and_no_changes_nothing(client, url, coming, word):
    assert "Wählen Sie, ob Fotos Sie zeigen dürfen." in say(client, url, word)
    assert not PhotoConsent.objects.exists()


def test_it_is_asked_only_where_photos_are_planned_and_of_who_comes(client, url, invited, invitation):
    assert "Fotos von mir" not in text_of(client.get(url))
    Meeting.objects.filter(pk=invited.pk).update(photo_planned=True)
    assert "Fotos von mir" not in text_of(client.get(url))
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert "Fotos von mir" in text_of(client.get(url))
    record_answer(invitation=invitation, partstat=PartStat.DECLINED)
    assert "Fotos von mir" not in text_of(client.get(url))


def test_no_consent_to_photos_that_nobody_makes(invited, invitation):
    with pytest.raises(photos.PhotoError):
        photos.set_consent(invitation=invitation, is_given=True)


def test_it_can_be_taken_back_after_the_meeting_and_becomes_a_task(client, url, coming, planned):
    photos.set_consent(invitation=coming, is_given=True)
    happened(planned)
    assert "Einwilligung zurücknehmen" in text_of(client.get(url))
    say(client, url, "nein")
    task = planned.action_items.get()
    assert "Ana Arndt hat die Einwilligung zurückgenommen" in task.title
    assert task.visibility == "coordination"
    page = text_of(client.get(url))
    assert "Fotos von mir" not in page


def test_the_dossier_lists_yes_and_no_for_the_coordinators_only(client, coming, planned, overall, bavarian):
    photos.set_consent(invitation=coming, is_given=True)
    second = planned.invitations.get(email="zweite@example.org")
    record_answer(invitation=second, partstat=PartStat.ACCEPTED)
    address = reverse("admin:meetings_meeting_change", args=[planned.pk])
    client.force_login(overall)
    assert "Fotos: 1 ja, 1 nein" in text_of(client.get(address))
    client.force_login(bavarian)
    assert "Fotos: 1 ja" not in text_of(client.get(address))


def test_after_the_meeting_those_count_who_were_there(coming, planned):
    photos.set_consent(invitation=coming, is_given=True)
    Attendance.objects.create(meeting=planned, invitation=coming, name="Ana Arndt", state="present")
    Attendance.objects.create(meeting=planned, name="Gudrun Gast", is_walk_in=True, state="present")
    found = photos.overview(planned)
    assert (found.may, found.may_not, found.is_after) == (["Ana Arndt"], ["Gudrun Gast"], True)


def test_the_consent_is_in_no_mail(coming):
    photos.set_consent(invitation=coming, is_given=True)
    assert not [mail for mail in world.mails() if "Foto" in mail.text + mail.html]
