"""What the answers say together; nobody is recognised in them; the page, the poster and the file."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from meetings import feedback_results
from meetings.feedback_results import results
from meetings.models import FeedbackForm, FeedbackResponse, Meeting
from regions.models import FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(meeting):
    fields = {"starts_at": world.in_days(-1), "ends_at": world.in_days(-1) + timedelta(hours=6), "status": "held"}
    Meeting.objects.filter(pk=meeting.pk).update(**fields)
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def say(meeting, number, **answers):
    for _ in range(number):
        FeedbackResponse.objects.create(meeting=meeting, submitted_on=timezone.localdate(), **answers)


def page_of(client, meeting):
    return client.get(reverse("admin:meetings_feedback", args=[meeting.pk])).content.decode()


def question(meeting, name):
    return next(row for row in results(meeting.feedback.all()).questions if row.name == name)


def test_counts_and_mean_of_each_question(held):
    say(held, 2, content=1)
    say(held, 1, content=4)
    row = question(held, "content")
    assert [number for _, number in row.counts] == [2, 0, 0, 1, 0]
    assert row.counts[0][0] == "1 – sehr gut"
    assert (row.number, row.mean, row.mean_in_words) == (3, 2.0, "2,0")


def test_two_answers_show_nothing_but_their_number(office, held):
    say(held, 2, content=1, helped="Geheimnis")
    page = page_of(office, held)
    assert "2 Rückmeldungen" in page
    assert "ab 3 Rückmeldungen" in page
    assert "Geheimnis" not in page
    assert "<svg" not in page.split("<main")[-1].split("Link und Aushang")[0]
    assert office.get(reverse("admin:meetings_feedback_file", args=[held.pk])).status_code == 404


def test_a_question_that_two_answered_shows_no_mark(office, held):
    say(held, 2, content=5, exchange=1)
    say(held, 1, exchange=2)
    row = question(held, "content")
    assert (row.is_shown, row.mean) == (False, None)
    assert "Weniger als 3 Antworten." in page_of(office, held)


def test_texts_stand_by_question_in_an_order_that_tells_nothing(held):
    for text in ("Zuletzt", "Anfangs", "Mittendrin"):
        say(held, 1, wishes=text)
    assert dict(results(held.feedback.all()).texts)["Wünsche für das nächste Treffen"] == [
        "Anfangs", "Mittendrin", "Zuletzt",
    ]  # fmt: skip


def test_few_of_one_kind_are_not_named(held):
    say(held, 4, content=1, organisation_kind="traeger")
    say(held, 1, content=1, organisation_kind="chamber")
    say(held, 1, content=1)
    assert results(held.feedback.all()).kinds == [("Träger", 4), ("andere oder keine Angabe", 2)]


def test_page_shows_charts_with_words_means_and_wishes(office, held, django_assert_max_num_queries):
    say(held, 3, organisation=1, content=2, exchange=2, usefulness=3, wishes="Mehr Zeit für Fragen")
    with django_assert_max_num_queries(25):
        page = page_of(office, held)
    assert page.count('class="bar-chart"') == 4
    assert "<desc>1 – sehr gut: 3 Antworten;" in page
    assert "Mittelwert 2,0" in page
    assert "Mehr Zeit für Fragen" in page
    assert "Wünsche für das nächste Treffen" in page


def test_file_opens_in_excel_and_holds_no_row_of_a_person(office, held):
    say(held, 3, content=2, helped="=SUM(A1)", organisation_kind="traeger")
    response = office.get(reverse("admin:meetings_feedback_file", args=[held.pk]))
    book = load_workbook(BytesIO(response.content))
    assert book.sheetnames == [
        "Noten",
        "Was geholfen hat",
        "Was besser werden soll",
        "Wünsche für das nächste Treffen",
        "Einrichtungen",
    ]
    rows = [[cell.value for cell in row] for row in book["Noten"].iter_rows()]
    assert ["Inhalte", 0, 3, 0, 0, 0, 3, 2] in rows
    assert ["Austausch", *["unter 3"] * 6, None] in [
        [value or None if value == "" else value for value in row] for row in rows
    ]
    cell = book["Was geholfen hat"]["A2"]
    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")
    assert "rueckmeldungen-2031-nord-1.xlsx" in response["Content-Disposition"]


def test_only_the_coordinators_of_the_meeting_see_results(client, held, bavarian, gross, lindner):
    say(held, 3, helped="Geheimnis")
    for person in (bavarian, gross, lindner):
        client.force_login(person)
        for name in ("feedback", "feedback_file", "feedback_poster"):
            response = client.get(reverse(f"admin:meetings_{name}", args=[held.pk]))
            assert response.status_code in (302, 403, 404), (person, name)
        client.post(reverse("admin:meetings_feedback_renew", args=[held.pk]), {"form_id": FormReceipt.new_id()})
    assert not FeedbackForm.objects.exists()


def test_last_day_is_set_on_the_page_and_a_wrong_one_named(office, held):
    address = reverse("admin:meetings_feedback", args=[held.pk])
    wrong = office.post(address, {"day": "31.02.2031", "form_id": FormReceipt.new_id()})
    assert "Den 31.02.2031 gibt es nicht." in wrong.content.decode()
    early = office.post(address, {"day": "01.01.2020", "form_id": FormReceipt.new_id()})
    assert "Wählen Sie einen Tag vom" in early.content.decode()
    day = timezone.localdate() + timedelta(days=10)
    data = {"day": f"{day:%d.%m.%Y}", "form_id": FormReceipt.new_id()}
    for _ in range(2):
        assert office.post(address, data).status_code == 302
    assert FeedbackForm.objects.get().last_day == day


def test_renewing_twice_by_one_form_renews_once(office, held):
    data = {"form_id": FormReceipt.new_id()}
    for _ in range(2):
        office.post(reverse("admin:meetings_feedback_renew", args=[held.pk]), data)
    assert FeedbackForm.objects.get().link_version == 2


def test_poster_has_code_and_address(office, held):
    page = office.get(reverse("admin:meetings_feedback_poster", args=[held.pk])).content.decode()
    assert 'class="qr-code"' in page
    assert "/treffen/feedback/" in page


def test_dossier_says_how_many_and_where(office, held):
    say(held, 2, content=1)
    page = office.get(reverse("admin:meetings_meeting_change", args=[held.pk])).content.decode()
    assert "2 Rückmeldungen; möglich bis" in page
    assert reverse("admin:meetings_feedback", args=[held.pk]) in page


# --- what the next meeting takes from it -------------------------------------------------------
def wished_on(client, meeting):
    page = client.get(reverse("admin:meetings_meeting_change", args=[meeting.pk])).content.decode()
    return "Wünsche aus dem letzten Treffen" in page and "Mehr Zeit für Fragen" in page


def test_wishes_stand_where_the_regions_next_meeting_is_prepared(office, held):
    following = world.make_meeting("2031-NORD-2")
    say(held, 2, wishes="Mehr Zeit für Fragen")
    assert not wished_on(office, following)
    say(held, 1, wishes="Mehr Zeit für Fragen")
    assert wished_on(office, following)
    assert not wished_on(office, held)


def test_wishes_of_other_regions_and_older_meetings_stay_where_they_are(office, held):
    say(held, 3, wishes="Mehr Zeit für Fragen")
    assert not wished_on(office, world.make_meeting("2031-BY-1", "BY"))
    newer = {"starts_at": timezone.now() - timedelta(hours=8), "ends_at": timezone.now() - timedelta(hours=2)}
    world.make_meeting("2031-NORD-3", status="held", **newer)
    assert not wished_on(office, world.make_meeting("2031-NORD-4"))


def test_who_only_reads_along_sees_no_wishes(client, held, bavarian):
    say(held, 3, wishes="Mehr Zeit für Fragen")
    joint = world.make_meeting("2031-NORD-2")
    joint.regions.add(*joint.regions.model.objects.filter(code="BY"))
    client.force_login(bavarian)  # coordinates the joint meeting, but not the one before
    assert not wished_on(client, joint)


def test_fewest_is_three():
    assert feedback_results.FEWEST == 3
