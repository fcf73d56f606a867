"""The coordinator's steps before a meeting: bad input is told, nothing is lost, a second submit changes nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.models import AgendaItem, Meeting, MeetingChange, Venue
from meetings.registrations import record_answer
from mobipro.outbox.models import OutboxMessage
from regions.models import BlockedPeriod, FederalState, Organisation
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def place(name, meeting, *more):
    return reverse(f"admin:meetings_{name}", args=[meeting.pk, *more])


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def date_form(**changes):
    venue = Venue.objects.first()
    return {"day": "12.03.2031", "start": "10:00", "end": "16:00", "venue": venue.pk if venue else "", **changes}


# --- date and venue ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"day": "31.02.2026"}, "Den 31.02.2026 gibt es nicht. Bitte so: 28.02.2026."),
        ({"day": "morgen"}, "„morgen“ ist kein Datum. Bitte so: 28.02.2026."),
        ({"day": ""}, "Geben Sie den Tag ein."),
        ({"day": "12.03.2019"}, "liegt in der Vergangenheit"),
        ({"start": "25:00"}, "Bitte geben Sie die Uhrzeit so ein: 10:00."),
        ({"end": "09:00"}, "Das Ende muss nach dem Beginn liegen."),
        ({"venue": "999999"}, "Auswahl"),
        ({"venue": "9" * 40}, "Auswahl"),
        ({"override_reason": "a\x07"}, "Steuerzeichen"),
        ({"override_reason": "x" * 5000}, "300"),
        ({"day": "30.03.2031", "start": "02:30"}, "Die Uhr wird umgestellt"),
    ],
)
def test_a_wrong_date_is_told_and_nothing_is_lost(office, meeting, changes, words):
    page = text(office.post(place("date", meeting), date_form(**changes)))
    assert words in page
    typed = {name: value for name, value in date_form(**changes).items() if name not in ("venue", *changes)}
    assert all(f'value="{value}"' in page for value in typed.values())
    meeting.refresh_from_db()
    assert timezone.localtime(meeting.starts_at).strftime("%d.%m.%Y") == "12.03.2031"


def test_a_holiday_in_any_land_needs_a_reason(office, meeting):
    data = date_form(day="31.10.2031")
    assert "Reformationstag" in text(office.post(place("date", meeting), data))
    assert office.post(place("date", meeting), {**data, "override_reason": "Saal nur dann frei"}).status_code == 302


def test_the_date_step_names_holidays_of_every_land_and_missing_ones(office, meeting):
    BlockedPeriod.objects.all().delete()
    page = text(office.get(place("date", meeting)))
    assert "fehlen die Schulferien 2031" in page
    state = FederalState.objects.get(iso_code="DE-SH")
    period = {"kind": "school_holiday", "starts_on": "2031-04-03", "ends_on": "2031-04-17", "source": "erfunden"}
    BlockedPeriod.objects.create(name="Osterferien", federal_state=state, **period)
    page = text(office.get(place("date", meeting)))
    assert "Osterferien (Schleswig-Holstein, erfunden)" in page
    assert "Hamburg" in page.split("fehlen die Schulferien")[0]


# --- agenda --------------------------------------------------------------------------------------
def agenda_form(*rows, **texts):
    data = {"top-TOTAL_FORMS": len(rows), "top-INITIAL_FORMS": sum("id" in row for row in rows)}
    for number, row in enumerate(rows):
        values = {"position": number + 1, "kind": "exchange", "duration_min": 30, "is_public": "on", **row}
        data.update({f"top-{number}-{name}": value for name, value in values.items()})
    return {"description": "", "travel_cost_note": "", "accessibility_note": "", **data, **texts}


def test_an_agenda_is_saved_in_order(office, meeting):
    response = office.post(
        place("agenda", meeting), agenda_form({"title": "Zweiter", "position": 2}, {"title": "Erster"})
    )
    assert response.status_code == 302
    assert [str(row) for row in meeting.agenda.all()] == ["TOP 1: Zweiter", "TOP 2: Erster"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"title": ""}, "Geben Sie dem Punkt einen Titel."),
        ({"title": "a\x00b"}, ""),
        ({"title": "a\x07b"}, "unsichtbare Steuerzeichen"),
        ({"title": "x" * 5000}, "200"),
        ({"title": "Punkt", "duration_min": "601"}, "Höchstens 600 Minuten"),
        ({"title": "Punkt", "duration_min": "viel"}, "ganze Zahl"),
        ({"title": "Punkt", "duration_min": "9" * 40}, ""),
        ({"title": "Punkt", "position": "9" * 40}, "zu groß"),
        ({"title": "Punkt", "kind": "quatsch"}, "Auswahl"),
    ],
)
def test_a_wrong_point_is_told_and_the_others_stay_in_the_form(office, meeting, row, words):
    good = {"title": "Guter Punkt"}
    page = text(office.post(place("agenda", meeting), agenda_form(good, {"duration_min": 45, **row})))
    assert words in page
    assert 'value="Guter Punkt"' in page
    assert not meeting.agenda.exists()


def test_two_editors_of_one_point_see_both_versions(office, meeting):
    item = AgendaItem.objects.create(meeting=meeting, title="Alt")
    seen = item.revision
    item.title = "Von der anderen"
    item.save()
    row = {"id": item.pk, "title": "Von mir", "seen_revision": seen}
    page = text(office.post(place("agenda", meeting), agenda_form(row)))
    assert 'value="Von mir"' in page
    assert "Gespeichert ist jetzt: „Von der anderen“" in page
    item.refresh_from_db()
    assert item.title == "Von der anderen"


def test_a_point_of_another_meeting_is_not_changed(office, meeting):
    other = world.make_meeting("2031-NORD-2")
    item = AgendaItem.objects.create(meeting=other, title="Fremd")
    office.post(place("agenda", meeting), agenda_form({"id": item.pk, "title": "Übernommen", "seen_revision": 1}))
    item.refresh_from_db()
    assert (item.title, item.meeting) == ("Fremd", other)


@pytest.mark.parametrize("total", ["", "abc", "-1", "9" * 12])
def test_a_forged_number_of_points_is_no_error_page(office, meeting, total):
    assert office.post(place("agenda", meeting), {"top-TOTAL_FORMS": total}).status_code == 200


# --- details -------------------------------------------------------------------------------------
def details_form(meeting, **changes):
    return {
        "title": meeting.title,
        "subtitle": "",
        "capacity": 40,
        "max_per_project": 2,
        "reminder_days": "28, 17",
        "attendance_mode": "offline",
        "visibility": "public",
        "seen_revision": meeting.revision,
        **changes,
    }


def test_title_and_places_are_changed_in_one_step(office, meeting):
    assert office.post(place("details", meeting), details_form(meeting, title="Neu", capacity=55)).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.title, meeting.capacity) == ("Neu", 55)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Füllen Sie „Titel“ aus."),
        ({"capacity": "-1"}, ""),
        ({"capacity": "9" * 40}, ""),
        ({"online_url": "kein link"}, "Geben Sie die Adresse vollständig an"),
        ({"responsible": "999999"}, "Auswahl"),
        ({"host_organisation": "abc"}, "Auswahl"),
        ({"moderator": "a\x07"}, "Steuerzeichen"),
        ({"reminder_days": ""}, "Füllen Sie „Erinnerungen (Tage vorher)“ aus."),
        ({"reminder_days": "bald"}, "ein bis drei Zahlen"),
        ({"reminder_days": "28, 3"}, "käme nach der Anmeldefrist"),
    ],
)
def test_wrong_details_are_told(office, meeting, changes, words):
    assert words in text(office.post(place("details", meeting), details_form(meeting, **changes)))
    meeting.refresh_from_db()
    assert meeting.capacity == 40


def test_two_editors_of_the_details_see_both_values(office, meeting):
    data = details_form(meeting, capacity=55)
    Meeting.objects.get(pk=meeting.pk).save()
    Meeting.objects.filter(pk=meeting.pk).update(capacity=60)
    page = text(office.post(place("details", meeting), data))
    assert "Gespeichert ist jetzt: „60“" in page
    assert 'value="55"' in page
    meeting.refresh_from_db()
    assert meeting.capacity == 60


# --- invite --------------------------------------------------------------------------------------
def test_the_button_names_people_and_projects_and_a_double_click_invites_once(office, meeting, people):
    world.make_partner()
    page = office.get(place("invite", meeting))
    assert "Einladung an 4 Personen aus 1 Projekt senden" in text(page)
    assert "Hauptkontakt im Projekt „Ankommen in Hamburg“" in text(page)
    data = {"contact": [row.pk for row in people], "form_id": page.context["form_id"]}
    for _ in range(2):
        assert office.post(place("invite", meeting), data).status_code == 302
    assert OutboxMessage.objects.filter(kind="invitation").count() == 3


def test_a_second_invitation_preselects_only_new_people(office, invited):
    page = text(office.get(place("invite", invited)))
    assert "3 Personen sind schon eingeladen" in page
    world.make_partner()
    assert "Einladung an 1 Person aus 0 Projekten senden" in text(office.get(place("invite", invited)))


def test_projects_that_nobody_answers_for_are_named(office, meeting, people):
    for person in people:
        person.bounced_at = timezone.now()
        person.save()
    page = text(office.get(place("invite", meeting)))
    assert "1 Projekt ohne erreichbare Ansprechperson" in page
    assert "Mail unzustellbar seit" in page


@pytest.mark.parametrize("chosen", [[], ["999999"], ["abc"], ["9" * 40]])
def test_a_wrong_choice_of_people_is_told(office, meeting, people, chosen):
    page = text(office.post(place("invite", meeting), {"contact": chosen}))
    assert 'role="alert"' in page
    assert not OutboxMessage.objects.exists()


def test_one_mail_is_previewed_and_nothing_is_saved(office, meeting, people):
    page = text(office.get(place("preview", meeting, people[0].pk)))
    assert "BEGIN:VCALENDAR" in page
    assert not OutboxMessage.objects.exists()
    assert office.get(place("preview", meeting, 999999)).status_code == 404


def test_the_recipients_take_the_same_queries_for_one_and_three_people(
    office, meeting, people, django_assert_max_num_queries
):
    Organisation.objects.count()
    office.get(place("invite", meeting))
    with django_assert_max_num_queries(25) as three:
        office.get(place("invite", meeting))
    for person in people[1:]:
        person.assignments.all().delete()
    with django_assert_max_num_queries(25) as one:
        office.get(place("invite", meeting))
    assert len(one) == len(three)


# --- move, postpone, cancel, reinstate -----------------------------------------------------------
def move_form(**changes):
    return date_form(**{"day": "19.03.2031", "reason": "Der Saal ist nicht frei.", **changes})


def test_moving_is_previewed_first_and_changes_nothing(office, invited):
    page = text(office.post(place("move", invited), move_form(step="preview")))
    assert "Vorschau der Mail (noch nicht gesendet)" in page
    assert "Der Saal ist nicht frei." in page
    assert not MeetingChange.objects.exists()


def test_a_move_takes_the_wanted_deadline_and_happens_once(office, invited):
    page = office.get(place("move", invited))
    assert "3 Personen bekommen eine Mail" in " ".join(text(page).split())
    data = move_form(deadline="01.03.2031", form_id=page.context["form_id"])
    for _ in range(2):
        assert office.post(place("move", invited), data).status_code == 302
    invited.refresh_from_db()
    assert timezone.localtime(invited.registration_deadline).strftime("%d.%m.%Y %H:%M") == "01.03.2031 23:59"
    assert MeetingChange.objects.count() == 1


@pytest.mark.parametrize(("tick", "asked"), [({"ask_declined": "on"}, True), ({}, False)])
def test_a_tick_decides_whether_refusals_are_asked_again(office, invited, tick, asked):
    assert "checked" in str(office.get(place("move", invited)).context["form"]["ask_declined"])
    row = invited.invitations.first()
    record_answer(invitation=row, partstat="declined")
    assert office.post(place("move", invited), move_form(**tick)).status_code == 302
    row.refresh_from_db()
    assert row.needs_reconfirmation is asked


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Nennen Sie den Grund: Er steht in der Mail."),
        ({"reason": "x" * 501}, "Der Grund ist zu lang (höchstens 500 Zeichen)."),
        ({"reason": "a\x07b"}, "Steuerzeichen"),
        ({"day": "31.02.2031"}, "Den 31.02.2031 gibt es nicht."),
        ({"deadline": "30.02.2031"}, "Den 30.02.2031 gibt es nicht."),
        ({"deadline": "20.03.2031"}, "Die Anmeldefrist muss vor dem Beginn enden."),
        ({"day": "30.03.2031", "start": "02:30", "step": "preview"}, "Die Uhr wird umgestellt"),
    ],
)
def test_a_wrong_move_is_told_and_nothing_is_sent(office, invited, changes, words):
    assert words in text(office.post(place("move", invited), move_form(**changes)))
    assert not MeetingChange.objects.exists()


@pytest.mark.parametrize("kind", ["termin-offen", "absagen"])
def test_postponing_and_cancelling_need_a_reason_and_show_the_mail(office, invited, kind):
    address = place("change", invited, kind)
    assert "Nennen Sie den Grund" in text(office.post(address, {"reason": " "}))
    assert "Vorschau der Mail" in text(office.post(address, {"reason": "Sturm", "step": "preview"}))
    assert not MeetingChange.objects.exists()
    assert office.post(address, {"reason": "Sturm"}).status_code == 302
    assert "Sturm" in MeetingChange.objects.get().reason


def test_a_cancelled_meeting_takes_place_after_all(office, invited):
    office.post(place("change", invited, "absagen"), {"reason": "Sturm"})
    assert office.post(place("change", invited, "findet-statt"), {"reason": "Sturm vorbei"}).status_code == 302
    invited.refresh_from_db()
    assert invited.status == Meeting.Status.INVITED
    assert office.get(place("change", invited, "quatsch")).status_code == 404
