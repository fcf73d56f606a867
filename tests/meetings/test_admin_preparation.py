"""The page "Vorbereitung" and the tasks of one meeting."""

import re
from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from meetings import preparation
from meetings.models import Meeting, PlanningTask, TaskTemplate
from tests.meetings import world

pytestmark = pytest.mark.django_db
BOARD = reverse("admin:meetings_preparation")


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def text(response):
    return response.content.decode()


def board(client, **query):
    return client.get(BOARD, {"jahr": 2031, **query})


def tasks_page(meeting):
    return reverse("admin:meetings_tasks", args=[meeting.pk])


def task_of(meeting, key):
    return meeting.planning_tasks.get(template__key=key)


@pytest.fixture
def _in_february():
    with time_machine.travel("2031-02-12 09:00+01:00"):
        yield


def make_planned_meeting(code="2031-NORD-1", **fields):
    """Planned in good time."""
    with time_machine.travel("2030-09-02 09:00+02:00"):
        return world.make_dated_meeting(code, **fields)


# --- the board -----------------------------------------------------------------------------------
@pytest.mark.usefixtures("_in_february")
def test_each_milestone_has_its_light_in_words_and_a_shape_of_its_own(office):
    make_planned_meeting()
    page = text(board(office))
    row = page[page.index('<table class="preparation">') :]
    for kind, word in (("overdue", "überfällig"), ("planned", "im Plan"), ("done", "erledigt")):
        assert re.search(rf'light--{kind}"><svg.*?</svg> {word}</span>', row), word
    assert row.index("Ort</th>") < row.index("Einladung</th>") < row.index("Dokumentation</th>")
    assert row.count('<svg width="16"') == row.count('aria-hidden="true" focusable="false"')


@pytest.mark.usefixtures("_in_february")
def test_own_regions_are_shown_first_and_all_on_demand(office):
    make_planned_meeting(title="Treffen im Norden")
    make_planned_meeting("2031-NRW-1", region_code="NRW", title="Treffen im Westen")
    assert "Treffen im Norden" in text(board(office))
    assert "Treffen im Westen" not in text(board(office))
    assert "Treffen im Westen" in text(board(office, bereich="alle"))


@pytest.mark.usefixtures("_in_february")
def test_the_meeting_with_the_next_due_task_stands_first(office, kaya):
    late, early = make_planned_meeting("2031-NORD-1"), make_planned_meeting("2031-NORD-2")
    late.planning_tasks.filter(due_on__lt="2031-03-01").update(due_on=date(2031, 3, 3))
    by_due = text(board(office))
    assert by_due.index(f"/{early.pk}/aufgaben/") < by_due.index(f"/{late.pk}/aufgaben/")
    by_day = text(board(office, sortierung="termin"))
    assert by_day.index(f"/{late.pk}/aufgaben/") < by_day.index(f"/{early.pk}/aufgaben/")


@pytest.mark.usefixtures("_in_february")
def test_the_phone_s_list_names_only_what_presses(office):
    make_planned_meeting()
    page = text(board(office))
    phone = page[page.index('<ol class="preparation-list">') : page.index('<table class="preparation">')]
    assert "Tagesordnung aufstellen" in phone  # overdue
    assert "Dokumentation veröffentlichen" not in phone  # next month


@pytest.mark.parametrize("number", [1, 25])
def test_the_board_costs_at_most_fifteen_queries(office, overall, number, django_assert_max_num_queries):
    regions = ["NORD", "BY", "NRW", "BW", "HRS"]
    for index in range(number):
        code = regions[index % len(regions)]
        make_planned_meeting(f"2031-{code}-{index + 1}", region_code=code)
    with django_assert_max_num_queries(15):
        page = text(board(office, bereich="alle"))
    assert page.count('<th scope="row">') == number


def test_an_empty_choice_says_what_to_do_and_nonsense_is_no_error(office):
    assert "Wählen Sie ein anderes Jahr" in text(board(office))
    assert board(office, jahr="x", bereich="nirgends", sortierung="'; --").status_code == 200


@pytest.mark.usefixtures("_in_february")
def test_the_table_for_excel_holds_the_same_rows_in_words(office):
    make_planned_meeting(title="=Summe(A1)")
    book = load_workbook(BytesIO(board(office, format="xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    head = next(row for row in rows if row[0] == "Treffen")
    line = rows[rows.index(head) + 1]
    assert line[0] == "2031-NORD-1"
    assert line[1] == "=Summe(A1)"
    assert line[head.index("Tagesordnung")] == "überfällig seit 22.01.2031"
    assert line[head.index("Ort")].startswith("erledigt")
    assert line[head.index("Dokumentation")] == "im Plan, bis 16.04.2031"


# --- the tasks of one meeting --------------------------------------------------------------------
def test_a_tick_a_reason_and_another_person_are_one_button_each(office, meeting, kaya, overall):
    page = tasks_page(meeting)
    phone, topics, agenda = (task_of(meeting, key) for key in ("phone_list", "topics", "agenda"))
    office.post(page, {"step": f"tick-{phone.pk}"})
    office.post(page, {"step": f"drop-{topics.pk}", f"reason-{topics.pk}": "Die Themen stehen fest."})
    office.post(page, {"step": f"assign-{agenda.pk}", f"assignee-{agenda.pk}": overall.pk})
    for task in (phone, topics, agenda):
        task.refresh_from_db()
    assert (phone.state, phone.done_by) == ("done", kaya)
    assert (topics.state, topics.note) == ("dropped", "Die Themen stehen fest.")
    assert agenda.assignee == overall
    shown = text(office.get(page))
    assert "Grund: Die Themen stehen fest." in shown
    office.post(page, {"step": f"reopen-{phone.pk}"})
    phone.refresh_from_db()
    assert phone.state == "open"


def test_reading_changes_nothing(office, meeting):
    before = list(meeting.planning_tasks.values())
    for address in (tasks_page(meeting), f"{BOARD}?jahr=2031", reverse("admin:index")):
        office.get(address)
    assert list(meeting.planning_tasks.values()) == before


def test_dropping_without_a_reason_says_so_and_keeps_the_row_open(office, meeting):
    task = task_of(meeting, "topics")
    page = text(office.post(tasks_page(meeting), {"step": f"drop-{task.pk}", f"reason-{task.pk}": " "}))
    assert "Nennen Sie den Grund" in page
    task.refresh_from_db()
    assert task.state == "open"


def test_a_task_of_one_s_own_is_added_once(office, meeting):
    form_id = "11111111-1111-4111-8111-111111111111"
    form = {"step": "add", "neu-title": "Banner leihen", "neu-due_on": "03.03.2031", "form_id": form_id}
    for _ in range(2):
        assert office.post(tasks_page(meeting), form).status_code == 302
    assert meeting.planning_tasks.get(title="Banner leihen").due_on == date(2031, 3, 3)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"neu-title": "", "neu-due_on": "03.03.2031"}, "Schreiben Sie auf, was zu tun ist."),
        ({"neu-title": "Banner", "neu-due_on": "31.02.2031"}, "Den 31.02.2031 gibt es nicht"),
        ({"neu-title": "Banner", "neu-due_on": "03.03.2020"}, "liegt in der Vergangenheit"),
        ({"neu-title": "Ban\x00ner", "neu-due_on": "03.03.2031"}, "Steuerzeichen"),
        ({"neu-title": "x" * 500, "neu-due_on": "03.03.2031"}, "zu lang"),
        ({"neu-title": "Banner", "neu-due_on": "03.03.2031", "neu-assignee": "999999"}, "gibt es hier nicht"),
    ],
)
def test_bad_input_is_told_at_the_field_and_nothing_is_lost(office, meeting, values, error):
    page = text(office.post(tasks_page(meeting), {"step": "add", **values}))
    assert error in page
    assert not meeting.planning_tasks.filter(template=None).exists()
    if values["neu-title"] == "Banner":
        assert 'value="Banner"' in page


def test_another_meeting_s_task_is_not_found(office, meeting):
    other = world.make_dated_meeting("2031-NORD-2")
    task = task_of(other, "topics")
    for step in (f"tick-{task.pk}", "tick-", "tick-x", f"explode-{task_of(meeting, 'topics').pk}", ""):
        assert office.post(tasks_page(meeting), {"step": step}).status_code == 404
    task.refresh_from_db()
    assert task.state == "open"


def test_tasks_missing_for_an_old_date_are_counted_on_demand(office, meeting):
    PlanningTask.objects.all().delete()
    assert "Aufgaben vom Termin aus berechnen" in text(office.get(tasks_page(meeting)))
    office.post(tasks_page(meeting), {"step": "plan"})
    assert meeting.planning_tasks.count() == TaskTemplate.objects.filter(kind="regional").count()


def test_without_a_date_the_page_says_when_tasks_come(office):
    meeting = world.make_meeting()
    assert "sobald er steht" in text(office.get(tasks_page(meeting)))
    assert "sobald er steht" in text(office.get(reverse("admin:meetings_meeting_change", args=[meeting.pk])))


def test_the_page_promises_only_what_the_portal_will_see(office, meeting):
    page = text(office.get(tasks_page(meeting)))
    rows = {title: row for row in page.split('<li class="tasks__row">') for title in [row.split("</h2>")[0].strip()]}
    assert "erledigt sich von selbst" in next(row for title, row in rows.items() if title.endswith("Einladung senden"))
    assert "von selbst" not in next(row for title, row in rows.items() if title.endswith("ohne Antwort anrufen"))


# --- dossier and overview ------------------------------------------------------------------------
@pytest.mark.usefixtures("_in_february")
def test_the_dossier_shows_the_next_tasks_and_ticks_one(office, kaya):
    meeting = make_planned_meeting()
    dossier = reverse("admin:meetings_meeting_change", args=[meeting.pk])
    page = text(office.get(dossier))
    assert "überfällig" in page
    assert "Themenabfrage öffnen" in page
    task = task_of(meeting, "topic_survey")
    response = office.post(tasks_page(meeting), {"step": f"tick-{task.pk}", "back": "dossier"})
    assert response["Location"] == dossier
    assert f'value="tick-{task.pk}"' not in text(office.get(dossier))


@pytest.mark.usefixtures("_in_february")
def test_the_overview_names_what_is_due_and_not_what_the_portal_sees_as_done(office, meeting):
    planned = make_planned_meeting("2031-NORD-2", title="Bald")
    due_rows = text(office.get(reverse("admin:index")))
    assert f"/{planned.pk}/aufgaben/" in due_rows
    assert "Ort, Raum und Gastgeber bestätigen" not in due_rows  # the venue is entered
    assert "bis 22.01.2031" in due_rows


def test_only_the_region_s_coordination_reaches_the_tasks(client, meeting, bavarian, gross):
    for person, status in ((bavarian, 403), (gross, 302)):
        client.force_login(person)
        assert client.get(tasks_page(meeting)).status_code in (status, 403)
        client.post(tasks_page(meeting), {"step": f"tick-{task_of(meeting, 'topics').pk}"})
    assert task_of(meeting, "topics").state == "open"


# --- templates -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "may"), [("overall", True), ("administrator", True), ("kaya", False)])
def test_templates_are_edited_by_the_overall_coordination_and_administration(client, request, name, may):
    client.force_login(request.getfixturevalue(name))
    template = TaskTemplate.objects.get(kind="regional", key="invitation")
    address = reverse("admin:meetings_tasktemplate_change", args=[template.pk])
    assert client.get(address).status_code == 200
    values = {"kind": "regional", "key": "invitation", "title": "Einladen", "offset_days": -49, "role": "coordination"}
    client.post(
        address, {**values, "auto_done_by": "invited", "position": 1, "is_active": "on", "revision": template.revision}
    )
    template.refresh_from_db()
    assert (template.offset_days == -49) is may


def test_meetings_cancelled_are_not_on_the_board(office, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(status="cancelled", cancelled_at=world.in_days(-1))
    assert "Wählen Sie ein anderes Jahr" in text(board(office))


def test_a_done_task_says_by_whom_and_when(office, meeting, kaya):
    preparation.tick(task=task_of(meeting, "topics"), by=kaya)
    assert "von Derya Kaya" in text(office.get(tasks_page(meeting)))
