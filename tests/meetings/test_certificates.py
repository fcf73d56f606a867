"""Certificates: only for people who were there, with a number that anybody can check and nobody can guess."""

import pytest
from django.urls import reverse

from meetings import attendance, certificates
from meetings.models import AgendaItem, Attendance, Invitation, Meeting
from mobipro import pdf
from tests import verapdf
from tests.meetings import world
from tests.pdfs import opened, words

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not pdf.is_available(), reason=pdf.missing_message() or "PDFs are possible"),
]


@pytest.fixture
def held(invited, overall):
    """Ana was there, Birgit left early, Cem did not come, Gerda came without an invitation."""
    span = {"starts_at": world.in_days(-2), "ends_at": world.in_days(-1.8)}
    Meeting.objects.filter(pk=invited.pk).update(**span)
    AgendaItem.objects.create(meeting=invited, title="Sprache am Arbeitsplatz")
    ids = list(invited.invitations.order_by("email").values_list("pk", flat=True))  # dritte, erste, zweite
    states = dict(zip(ids, ["absent", "present", "left_early"], strict=True))
    attendance.record(meeting=invited, states=states, walk_ins=[("Gerda Gast", "Kammer")], by=overall)
    return Meeting.objects.get(pk=invited.pk)


def row(name):
    return Attendance.objects.get(name=name)


def build(meeting, *rows):
    return certificates.build(meeting, rows, world.make_programme())


@pytest.mark.slow
@pytest.mark.skipif(bool(verapdf.missing()), reason=verapdf.missing() or "veraPDF is there")
@pytest.mark.parametrize("flavour", ["ua1", "3a"])
def test_certificates_pass_verapdf(held, flavour):
    assert verapdf.failures(build(held, row("Ana Arndt"), row("Gerda Gast")), flavour) == []


def test_each_person_has_a_page_with_what_it_confirms(held):
    rows = [row("Ana Arndt"), row("Birgit Berger"), row("Gerda Gast")]
    with opened(build(held, *rows)) as document:
        assert len(document.pages) == 3
        text = words(document)
    for each in rows:
        assert each.name in text
        assert certificates.number(each) in text
    assert text.count("zeitweise") == 1
    assert "Sprache am Arbeitsplatz" in text
    assert "Cem" not in text


def test_nobody_who_was_not_there_gets_one(held):
    with pytest.raises(ValueError, match="who were there"):
        build(held, row("Cem Çelik"))
    foreign = row("Ana Arndt")
    foreign.meeting_id = held.pk + 1
    with pytest.raises(ValueError, match="who were there"):
        build(held, foreign)


def test_a_genuine_number_tells_meeting_and_initials_only(client, held):
    number = certificates.number(row("Ana Arndt"))
    page = client.get(reverse("check_certificate"), {"nummer": f" {number.lower()} "}).content.decode()
    assert "Diese Bestätigung ist gültig." in page
    assert held.title in page
    assert "A. A." in page
    assert "Arndt" not in page


def test_letters_that_are_misread_count_as_meant(held):
    number = certificates.number(row("Ana Arndt"))
    head, _, tail = number.partition("-")
    assert certificates.check(f"{head}-{tail.replace('0', 'O').replace('1', 'l')}")


def test_every_wrong_number_gets_the_same_answer(client, held):
    genuine = certificates.number(row("Ana Arndt"))
    other = certificates.number(row("Gerda Gast"))
    swapped = f"{row('Ana Arndt').pk}-{other.partition('-')[2]}"
    wrong = ["", "x", "1", "0-0000-0000-0000", f"9{genuine}", genuine[:-1], swapped, "9" * 80, "\x00", "ß-½²³"]
    pages = set()
    for number in wrong[1:]:
        assert certificates.check(number) is None, number
        page = client.get(reverse("check_certificate"), {"nummer": number}).content.decode()
        if number != "\x00":
            pages.add("Diese Nummer ist nicht gültig." in page)
    assert pages == {True}


def test_a_corrected_name_or_an_absence_ends_the_old_number(held):
    ana = row("Ana Arndt")
    number = certificates.number(ana)
    Attendance.objects.filter(pk=ana.pk).update(state="absent")
    assert certificates.check(number) is None
    Attendance.objects.filter(pk=ana.pk).update(state="present", name="Anna Arndt")
    assert certificates.check(number) is None


def test_the_person_finds_her_own_on_her_page_after_the_meeting(client, held):
    ana = Invitation.objects.get(email="erste@example.org")
    token = world.token_of(ana)
    address = reverse("meetings:answer_certificate", args=[token])
    assert address in client.get(reverse("meetings:answer", args=[token])).content.decode()
    response = client.get(address)
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"].startswith(("private", "max-age=0"))
    with opened(response.content) as document:
        assert "Ana Arndt" in words(document)
        assert "Gerda" not in words(document)


@pytest.mark.parametrize("email", ["dritte@example.org"])
def test_who_was_not_there_finds_none(client, held, email):
    token = world.token_of(Invitation.objects.get(email=email))
    address = reverse("meetings:answer_certificate", args=[token])
    assert address not in client.get(reverse("meetings:answer", args=[token])).content.decode()
    assert client.get(address).status_code == 404


def test_before_the_end_and_after_the_link_there_is_none(client, held):
    ana = Invitation.objects.get(email="erste@example.org")
    address = reverse("meetings:answer_certificate", args=[world.token_of(ana)])
    for start, end in ((-0.1, 0.1), (-120, -119)):
        Meeting.objects.filter(pk=held.pk).update(starts_at=world.in_days(start), ends_at=world.in_days(end))
        assert client.get(address).status_code == 404
    assert client.get(reverse("meetings:answer_certificate", args=["1.1.falsch"])).status_code == 404
