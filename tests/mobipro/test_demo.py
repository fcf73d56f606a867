"""The demo world on four days of the year: everything a visitor and a coordinator shall meet is there."""

import re
from collections import Counter
from datetime import date, datetime

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from documentation.models import MeetingDocumentation, Publication, Subscription
from meetings.models import AgendaItem, FeedbackResponse, Meeting, MeetingChange, Registration
from meetings.models.invitation import Invitation, PartStat
from mobipro.base_data.create import create
from mobipro.demo import build_meetings, drawings, world
from mobipro.demo.texts import load
from practices.models import GoodPractice, PracticeImage
from regions.models import ContactAssignment, ContactPerson, Organisation, Project, Region, User

pytestmark = pytest.mark.django_db
DAYS = [date(2027, 1, 1), date(2028, 2, 29), date(2027, 6, 15), date(2026, 12, 31)]
Status = Meeting.Status


@pytest.fixture(scope="module", params=DAYS, ids=str)
def today(request, django_db_setup, django_db_blocker):
    """The world around one day, built once for all tests of this file, with the clock on that day."""
    moment = datetime.combine(request.param, datetime.min.time().replace(hour=11), tzinfo=build_meetings.BERLIN)
    with django_db_blocker.unblock(), time_machine.travel(moment), transaction.atomic():
        create()
        world.build(today=request.param)
        yield request.param
        transaction.set_rollback(True)


def regional():
    return Meeting.objects.filter(kind=Meeting.Kind.REGIONAL)


def test_each_region_has_three_traeger_and_the_network_forty_projects(today):
    seats = Counter(row["region"] for row in load("network")["traeger"])
    assert len(seats) == 8
    assert set(seats.values()) == {3}
    assert Organisation.objects.published().count() == 24
    assert Project.objects.count() == 40


def test_four_traeger_work_in_two_laender_and_two_projects_are_joint(today):
    lands = {
        row: {place.federal_state_id for project in row.projects.all() for place in project.locations.all()}
        for row in Organisation.objects.published().prefetch_related("projects__locations")
    }
    own = {row for row in lands if len({p.pk for p in row.projects.all() if p.organisations.count() == 1}) > 1}
    assert len([row for row, found in lands.items() if len(found) > 1 and row in own]) == 4
    assert len([project for project in Project.objects.all() if project.organisations.count() == 2]) == 2


def test_the_address_book_has_seventy_invented_people(today):
    people = ContactPerson.objects.all()
    assert len(people) == 70
    assert len({person.full_name for person in people}) == 70
    assert all(person.email.endswith(("@example.org", "@example.net")) for person in people)
    numbers = [person.phone for person in people if person.phone]
    assert all(re.fullmatch(r"030 23125 \d{3}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    letters = "".join(person.full_name for person in people)
    assert set("äöüßéñłč") <= set(letters)


def test_the_cases_of_the_address_book_are_there(today):
    deputies = ContactAssignment.objects.filter(is_deputy=True)
    away = ContactPerson.objects.get(status=ContactPerson.Status.ON_LEAVE)
    assert away.on_leave_until > today
    assert deputies.filter(project__contact_assignments__contact=away).exists()
    assert ContactPerson.objects.exclude(bounced_at=None).count() == 1
    assert Project.objects.filter(contact_assignments=None).count() == 1


def test_this_year_has_25_meetings_and_each_day_shows_past_and_future(today):
    assert Meeting.objects.filter(year=today.year).count() == 25
    shown = set(Meeting.objects.values_list("status", flat=True))
    assert {Status.IDEA, Status.SAVE_THE_DATE, Status.INVITED, Status.POSTPONED, Status.CANCELLED} <= shown
    assert {Status.HELD, Status.DOCUMENTED, Status.CLOSED} & shown >= {Status.HELD, Status.DOCUMENTED}


def test_no_meeting_is_held_before_it_ends(today):
    assert not Meeting.objects.filter(status__in=Meeting.HELD_STATUSES, ends_at__gt=timezone.now()).exists()


def test_the_cases_of_the_meetings_are_there(today):
    assert MeetingChange.objects.filter(kind=MeetingChange.Kind.MOVED, meeting__starts_at__date__gt=today).count() == 1
    assert regional().filter(status=Status.CANCELLED).count() == 1
    assert regional().filter(status=Status.POSTPONED).count() == 1
    assert len([meeting for meeting in regional() if meeting.regions.count() == 2]) == 1
    assert regional().filter(attendance_mode=Meeting.AttendanceMode.ONLINE).count() == 1
    assert Registration.objects.filter(status=Registration.Status.WAITING).count() == 2
    offer = Registration.objects.get(status=Registration.Status.OFFERED)
    assert offer.held_until < offer.meeting.starts_at
    groups = AgendaItem.objects.filter(kind=AgendaItem.Kind.WORKSHOP, is_parallel=True)
    assert groups.get().choices.exists()
    overdue = [row for row in Meeting.objects.filter(status=Status.HELD) if row.documentation_due_on < today]
    assert len(overdue) == 1
    assert not MeetingDocumentation.objects.filter(meeting=overdue[0]).exists()


def test_answers_are_mixed_and_herr_gross_has_not_answered_yet(today):
    coming = Invitation.objects.filter(meeting__status=Status.INVITED)
    answers = set(coming.values_list("partstat", flat=True))
    assert {PartStat.ACCEPTED, PartStat.DECLINED, PartStat.NEEDS_ACTION} <= answers
    gross = coming.filter(email="gross@example.org")
    assert gross.exists()
    assert set(gross.values_list("partstat", flat=True)) == {PartStat.NEEDS_ACTION}


def test_every_meeting_has_the_words_of_its_own_theme(today):
    near = regional().filter(year=today.year)
    assert len(set(near.values_list("title", flat=True))) == 24
    held = AgendaItem.objects.filter(meeting__status__in=Meeting.HELD_STATUSES, kind=AgendaItem.Kind.WORKSHOP)
    results = list(held.values_list("result_text", flat=True))
    assert all(results)
    assert len(set(results)) == len(results)


def test_documentations_are_published_with_full_texts_and_examples(today):
    published = MeetingDocumentation.objects.filter(status="published")
    assert published.count() >= 4
    for row in published:
        kinds = Counter(row.sections.values_list("kind", flat=True))
        assert {"programme", "report", "workshop", "decisions", "outlook", "participants"} <= set(kinds), row.title
        assert row.published_at <= timezone.now()
        assert row.sections.order_by("position").last().kind == "participants"
    assert published.filter(sections__kind="good_practice").exists()
    followed = AgendaItem.objects.filter(kind=AgendaItem.Kind.FOLLOW_UP).exclude(minutes_text="")
    assert followed.exists()


def test_practices_are_in_all_states_and_published_ones_carry_a_drawing(today):
    states = Counter(GoodPractice.objects.values_list("status", flat=True))
    assert set(states) == {"draft", "submitted", "questions", "approved", "published", "declined"}
    assert states["published"] == 12
    for practice in GoodPractice.objects.public():
        picture = PracticeImage.objects.get(practice=practice)
        assert picture.alt.startswith("Zeichnung: ")
        assert picture.credit
        assert picture.consent


def test_the_archive_holds_real_titles_without_content(today):
    archive = Publication.objects.filter(is_archive=True)
    assert Counter(archive.values_list("kind", flat=True)) == {"conference": 4, "standard": 3, "handbook": 1}
    assert all(row.source_name and not row.abstract for row in archive)
    days = {row.year: (row.day, row.month, row.place) for row in archive.filter(kind="conference")}
    assert days[2017] == (21, 3, "Werkstatt der Kulturen, Berlin")


def test_the_three_logins_of_the_walks_have_their_roles(today):
    kaya, gross, lindner = (User.objects.get(email=f"{name}@example.org") for name in ("kaya", "gross", "lindner"))
    bayern = Region.objects.get(code="BY")
    assert Region.objects.get(code="NORD").pk in kaya.access.coordinated_region_ids - kaya.access.deputy_region_ids
    assert bayern.pk in kaya.access.deputy_region_ids
    house = Organisation.objects.get(pk__in=gross.access.organisation_ids)
    assert house.city == "Leer"
    assert ContactPerson.objects.get(user=gross).assignments.filter(function="support_worker").exists()
    assert lindner.access.is_funder


@pytest.mark.parametrize("address", ["/", "/treffen/", "/dokumentation/", "/gute-praxis/", "/veroeffentlichungen/"])
def test_public_pages_look_alive(today, address):
    response = Client().get(address)
    assert response.status_code == 200
    assert "Noch " not in re.sub(r"<[^>]+>", " ", response.content.decode()).split("Barriere melden")[0]


def test_nothing_public_tells_a_contact(today):
    """Lists, pages, feeds and calendars: no personal address, no phone number, no name of the address book."""
    house = Organisation.objects.get(short_name="Werkstatt Leer")
    report = MeetingDocumentation.objects.filter(status="published").order_by("pk").last()
    addresses = [
        "/traeger/",
        house.get_absolute_url(),
        "/regionen/",
        "/regionen/nord/",
        "/zahlen/",
        "/treffen/kalender.ics",
        "/treffen/region/nord/kalender.ics",
        "/gute-praxis/feed.atom",
        "/dokumentation/feed.atom",
        "/sitemap.xml",
        f"/dokumentation/{report.slug}/",
        f"/treffen/{report.meeting.slug}/",
        "/suche/?q=Groß",
    ]
    people = list(ContactPerson.objects.filter(kind=ContactPerson.Kind.PERSON))
    secrets = {secret for row in people for secret in (row.email, row.phone, row.full_name) if secret}
    for address in addresses:
        response = Client().get(address)
        assert response.status_code == 200, address
        body = b"".join(response) if response.streaming else response.content
        text = body.decode()
        assert not [secret for secret in secrets if secret in text], address


def test_no_two_texts_are_alike():
    themes = [load("meetings")["national"], *load("meetings")["themes"]]
    for name in ("title", "description", "input", "report", "workshop", "minutes", "result", "outlook"):
        assert len({row[name] for row in themes}) == len(themes), name
    practices = load("practices")
    for name in ("title", "teaser", "situation"):
        assert len({row[name] for row in practices}) == len(practices), name


def test_there_are_more_themes_than_regional_meetings_in_a_year():
    assert len(load("meetings")["themes"]) > 24


def test_each_drawing_is_its_own_and_described():
    shown = [row for row in load("practices") if row["status"] in ("published", "approved")]
    motifs = [drawings.drawing(place) for place, _ in enumerate(shown)]
    assert len({motif.alt for motif in motifs}) == len(motifs)
    assert len({motif.draw for motif in motifs}) == len(motifs)


def test_the_newest_regional_meeting_has_feedback_of_the_past(today):
    answers = FeedbackResponse.objects.select_related("meeting")
    assert answers.count() == 14
    newest = regional().filter(status=Status.HELD).order_by("starts_at").last()
    assert {row.meeting for row in answers} == {newest}
    assert all(newest.starts_on <= row.submitted_on <= today for row in answers)


def test_eight_people_read_the_weekly_mail_with_choices_that_exist(today):
    rows = Subscription.objects.active()
    assert (rows.count(), Subscription.objects.pending().count()) == (8, 1)
    assert rows.exclude(regions=None).count() == 6
    assert rows.exclude(topics=None).count() == 4
