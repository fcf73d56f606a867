"""Drafts: kept words, two editors, pictures and files."""

import io
import struct
import zlib

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from mobipro.files import UnsafeFile
from practices import drafts, review
from practices.models import GoodPractice
from regions.models import Topic
from regions.models.record import AlreadyReceived
from tests.practices.conftest import form_id, make_practice, picture


def test_a_title_is_enough_and_a_second_post_of_the_form_makes_no_second_draft(gross):
    organisation = gross.roles.get().organisation
    key = form_id()
    practice = drafts.create_draft(by=gross, title="Straßenkarte", organisation=organisation, form_id=key)
    assert practice.slug == "strassenkarte"
    with pytest.raises(AlreadyReceived) as again:
        drafts.create_draft(by=gross, title="Straßenkarte", organisation=organisation, form_id=key)
    assert again.value.receipt.result == f"/gute-praxis/{practice.pk}/schritt/1/"
    assert GoodPractice.objects.count() == 1


@pytest.mark.parametrize(
    ("title", "slug"),
    [("2026", "beispiel-2026"), ("Neu!", "beispiel-neu"), ("Meine", "beispiel-meine"), ("???", "beispiel")],
)
def test_an_address_is_never_one_of_our_own_pages(gross, title, slug):
    assert drafts.free_slug(title) == slug


def test_two_equal_titles_get_two_addresses(gross, published):
    assert drafts.free_slug("Der Montagsbus zur Berufsschule") == "der-montagsbus-zur-berufsschule-2"


def test_saving_nothing_new_counts_as_no_save(draft, gross):
    loaded = draft.revision
    saved = drafts.save_step(practice=draft, by=gross, values={"aim": draft.aim}, loaded=loaded)
    assert saved.practice.revision == loaded


def test_two_editors_of_different_fields_both_keep_their_words(draft, gross):
    loaded = draft.revision
    old = {"aim": draft.aim, "approach": draft.approach}
    drafts.save_step(practice=draft, by=gross, values={**old, "aim": "Erste"}, loaded=loaded)
    saved = drafts.save_step(practice=draft, by=gross, values={**old, "approach": "Zweite"}, loaded=loaded)
    assert saved.conflicts == ()
    draft.refresh_from_db()
    assert (draft.aim, draft.approach) == ("Erste", "Zweite")


def test_two_editors_of_one_field_the_second_is_told_and_overwrites_nothing(draft, gross):
    loaded = draft.revision
    drafts.save_step(practice=draft, by=gross, values={"aim": "Erste"}, loaded=loaded)
    saved = drafts.save_step(practice=draft, by=gross, values={"aim": "Zweite", "partners": "Kammer"}, loaded=loaded)
    assert saved.conflicts == ("aim",)
    draft.refresh_from_db()
    assert (draft.aim, draft.partners) == ("Erste", "Kammer")
    decided = drafts.save_step(practice=draft, by=gross, values={"aim": "Zweite"}, loaded=draft.revision)
    assert decided.practice.aim == "Zweite"


def test_choices_changed_by_another_are_shown_not_lost(draft, gross):
    loaded = draft.revision
    topics = list(Topic.objects.order_by("pk")[:3])
    drafts.save_step(practice=draft, by=gross, values={"topics": topics[1:2]}, loaded=loaded)
    saved = drafts.save_step(practice=draft, by=gross, values={"topics": topics[2:]}, loaded=loaded)
    assert saved.conflicts == ("topics",)
    assert list(draft.topics.all()) == topics[1:2]


def test_a_submitted_practice_can_no_longer_be_saved(submitted, gross):
    with pytest.raises(review.ReviewError, match="eingereicht"):
        drafts.save_step(practice=submitted, by=gross, values={"aim": "Anders"}, loaded=submitted.revision)


def upload(content, name="bild.jpg"):
    return SimpleUploadedFile(name, content, "image/jpeg")


def add(draft, gross, content, **texts):
    values = {"alt": "Ein Bus im Nebel", "credit": "Foto: Werkstatt Leer", "consent": True, **texts}
    return drafts.add_image(practice=draft, by=gross, file=upload(content), form_id=form_id(), **values)


def test_a_picture_is_drawn_anew_without_its_position(draft, gross, django_capture_on_commit_callbacks):
    exif = Image.Exif()
    exif[0x010F] = "Kamera"
    exif.get_ifd(0x8825)[1] = "N"
    row = add(draft, gross, picture((1600, 900), exif=exif))
    assert row.web.name.endswith(".webp")
    assert (row.width, row.height) == (1200, 675)
    with row.web.open() as file, Image.open(file) as stored:
        assert not stored.getexif()
    with row.print.open() as file, Image.open(file) as stored:
        assert not stored.getexif()
    storage, names = row.web.storage, [row.web.name, row.print.name]
    with django_capture_on_commit_callbacks(execute=True):
        drafts.remove_image(image=row, by=gross)
    assert not any(storage.exists(name) for name in names)


def huge_png():
    """A real header of 50,000 × 50,000 pixels and nothing behind it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def animation():
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue")]
    data = io.BytesIO()
    frames[0].save(data, "WEBP", save_all=True, append_images=frames[1:])
    return data.getvalue()


HOSTILE = {
    "text": b"<script>alert(1)</script>",
    "html as jpeg": b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04",
    "empty": b"",
    "huge": huge_png(),
    "animated": animation(),
    "half": picture((800, 800))[:3000],
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_is_refused_and_nothing_is_kept(draft, gross, name):
    with pytest.raises(UnsafeFile) as problem:
        add(draft, gross, HOSTILE[name])
    assert problem.value.messages[0].endswith(".")
    assert not draft.images.exists()


def test_a_picture_needs_the_consent_of_those_it_shows(draft, gross):
    with pytest.raises(review.ReviewError, match="einverstanden"):
        add(draft, gross, picture(), consent=False)


def test_six_pictures_are_the_limit(draft, gross):
    content = picture((40, 40))
    for _ in range(drafts.MAX_IMAGES):
        add(draft, gross, content)
    with pytest.raises(review.ReviewError, match="Mehr als 6"):
        add(draft, gross, content)


def pdf(javascript=False):
    data = io.BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    if javascript:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.save(data)
    return SimpleUploadedFile("liste.pdf", data.getvalue(), "application/pdf")


def test_a_pdf_is_kept_and_an_active_one_refused(draft, gross):
    row = drafts.add_file(practice=draft, by=gross, file=pdf(), title="Prüfliste", form_id=form_id())
    assert row.size > 0
    with pytest.raises(UnsafeFile):
        drafts.add_file(practice=draft, by=gross, file=pdf(javascript=True), title="Böse", form_id=form_id())
    assert draft.files.get() == row


def test_only_a_draft_that_was_never_submitted_can_be_deleted(gross):
    practice = make_practice(gross)
    drafts.discard(practice=practice, by=gross)
    assert not GoodPractice.objects.exists()
    with pytest.raises(review.ReviewError, match="nicht löschen"):
        drafts.discard(practice=make_practice(gross, "questions"), by=gross)
