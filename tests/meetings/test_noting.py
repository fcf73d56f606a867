import pytest

from meetings import noting
from meetings.minutes import MinutesError
from meetings.models import Meeting, ParkedTopic, RiskNote
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db


def later(meeting, code="2031-NORD-2", **fields):
    row = world.make_meeting(code, **fields)
    Meeting.objects.filter(pk=row.pk).update(
        starts_at=meeting.starts_at.replace(month=6), ends_at=meeting.ends_at.replace(month=6)
    )
    return Meeting.objects.get(pk=row.pk)


def texts(meeting):
    return [row.text for row in ParkedTopic.objects.waiting_for(meeting)]


def test_a_parked_topic_waits_at_the_regions_next_meeting(meeting, overall):
    noting.park(meeting=meeting, text=" Wohnen  im zweiten Jahr ", by=overall)
    assert texts(later(meeting)) == ["Wohnen im zweiten Jahr"]
    assert texts(meeting) == []


def test_it_waits_for_a_meeting_without_a_date_too(meeting, overall):
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=world.in_days(-3), ends_at=world.in_days(-2))
    noting.park(meeting=meeting, text="Wohnen", by=overall)
    assert texts(world.make_meeting("2031-NORD-2")) == ["Wohnen"]


def test_another_region_and_the_national_meeting_do_not_see_it(meeting, overall):
    noting.park(meeting=meeting, text="Wohnen", by=overall)
    assert texts(later(meeting, "2031-BY-1", region_code="BY")) == []
    assert texts(later(meeting, "2031-BUND", kind=Meeting.Kind.NATIONAL)) == []


@pytest.mark.parametrize("status", ["taken", "dropped"])
def test_a_settled_topic_waits_no_more(meeting, overall, status):
    topic = noting.park(meeting=meeting, text="Wohnen", by=overall)
    assert noting.settle(topic=topic, status=status, by=overall).status == status
    assert texts(later(meeting)) == []


def test_a_risk_is_kept_with_its_category(meeting, overall):
    note = noting.note_risk(meeting=meeting, category="exam", text="Viele fallen durch.", by=overall)
    assert str(note) == "Prüfung: Viele fallen durch."
    noting.remove(note=note, by=overall)
    assert not RiskNote.objects.exists()


def test_nothing_is_kept_without_words_or_with_a_foreign_category(meeting, overall):
    with pytest.raises(MinutesError, match="welches Thema"):
        noting.park(meeting=meeting, text=" \n ", by=overall)
    with pytest.raises(MinutesError, match="was gesagt wurde"):
        noting.note_risk(meeting=meeting, category="exam", text="", by=overall)
    with pytest.raises(MinutesError, match="Bereich aus der Liste"):
        noting.note_risk(meeting=meeting, category="wetter", text="Regen", by=overall)
    topic = noting.park(meeting=meeting, text="Wohnen", by=overall)
    with pytest.raises(MinutesError, match="Stand gibt es nicht"):
        noting.settle(topic=topic, status="quatsch", by=overall)


def test_the_same_form_parks_once(meeting, overall):
    form_id = FormReceipt.new_id()
    noting.park(meeting=meeting, text="Wohnen", by=overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        noting.park(meeting=meeting, text="Wohnen", by=overall, form_id=form_id)
    assert ParkedTopic.objects.count() == 1
