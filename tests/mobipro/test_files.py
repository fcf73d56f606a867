"""Uploads that are refused or made safe, and protected downloads."""

import io
import resource
import struct
import zlib

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from django.http import Http404
from PIL import Image, ImageFile

from mobipro import files


def picture(image_format="JPEG", size=(400, 300), mode="RGB", colour="navy", **options):
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, image_format, **options)
    return SimpleUploadedFile("bild", buffer.getvalue())


def png_header(width, height):
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return SimpleUploadedFile(
        "gross.png", b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    )


def document(change=None, **options):
    buffer = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    if change:
        change(pdf)
    pdf.save(buffer, **options)
    return SimpleUploadedFile("x.pdf", buffer.getvalue())


# --- pictures ------------------------------------------------------------------------------------
def test_photo_loses_position_and_camera_and_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "Kamera"
    exif.get_ifd(0x8825)[1] = "N"
    prepared = files.prepare_image(picture(size=(400, 300), exif=exif))
    assert (prepared.width, prepared.height, prepared.format) == (300, 400, "JPEG")
    for content in (prepared.content, prepared.web.content):
        image = Image.open(io.BytesIO(content))
        assert not image.getexif()
        assert b"Kamera" not in content


@pytest.mark.slow
def test_large_photo_is_scaled_for_print_and_for_the_web():
    prepared = files.prepare_image(picture(size=(4000, 3000)))
    assert (prepared.width, prepared.height) == (2400, 1800)
    assert (prepared.web.width, prepared.web.height, prepared.web.format) == (1200, 900, "WEBP")


def test_transparent_drawing_stays_transparent():
    prepared = files.prepare_image(picture("PNG", mode="RGBA", colour=(10, 20, 30, 0)))
    assert prepared.format == "PNG"
    assert prepared.content_type == "image/png"
    assert Image.open(io.BytesIO(prepared.web.content)).mode == "RGBA"


def test_opaque_png_becomes_a_small_jpeg():
    assert files.prepare_image(picture("PNG", mode="RGBA", colour=(10, 20, 30, 255))).format == "JPEG"


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA"])
def test_every_colour_mode_is_drawn(mode):
    image_format = "JPEG" if mode in {"L", "CMYK"} else "PNG"
    assert files.prepare_image(picture(image_format, mode=mode, colour=0)).width == 400


def test_heic_decoder_is_registered():
    assert "HEIF" in files.FORMATS
    files._register_heif()
    assert "HEIF" in Image.OPEN


def test_stored_picture_is_named_after_its_format():
    assert files.prepare_image(picture()).as_file("Übung.heic").name == "Uebung.jpg"


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (SimpleUploadedFile("x.jpg", b"<script>alert(1)</script>"), "kein lesbares Bild"),
        (SimpleUploadedFile("x.jpg", b""), "ist leer"),
        (SimpleUploadedFile("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'), "kein lesbares Bild"),
        (picture("GIF"), "kein lesbares Bild"),
        (picture("TIFF"), "kein lesbares Bild"),
        (png_header(50_000, 50_000), "zu groß"),
        (png_header(8_000, 6_000), "8.000 × 6.000"),
        (png_header(300, 300), "beschädigt"),
    ],
)
def test_unsafe_picture_is_refused_with_a_reason(upload, words):
    with pytest.raises(files.UnsafeFile, match=words):
        files.prepare_image(upload)


def test_truncated_photo_is_refused_even_where_another_library_allows_it(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    noise = Image.effect_noise((600, 600), 90)
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG")
    with pytest.raises(files.UnsafeFile, match="beschädigt"):
        files.prepare_image(SimpleUploadedFile("x.jpg", buffer.getvalue()[:20_000]))


@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_animation_is_refused(image_format):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    upload = picture(image_format, size=(20, 20), save_all=True, append_images=frames)
    with pytest.raises(files.UnsafeFile, match="Bewegte Bilder"):
        files.check_image(upload)


def test_telephone_jpeg_with_a_preview_inside_gives_the_photo():
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (6, 4))])
    assert files.prepare_image(SimpleUploadedFile("x.jpg", buffer.getvalue())).width == 60


def test_too_heavy_file_names_both_sizes():
    upload = SimpleUploadedFile("x.jpg", b"0")
    upload.size = 31_400_000
    with pytest.raises(files.UnsafeFile, match="31,4 MB groß, erlaubt sind 20 MB"):
        files.check_image(upload)


def test_check_image_leaves_the_file_at_its_start():
    upload = picture()
    files.check_image(upload)
    assert upload.tell() == 0


# --- PDFs ----------------------------------------------------------------------------------------
def test_ordinary_pdf_passes_with_its_number_of_pages():
    assert files.check_pdf(document()) == 1


def test_pdf_with_a_start_view_passes():
    def start_view(pdf):
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.XYZ, 0, 0, 0])

    assert files.check_pdf(document(start_view)) == 1


def _javascript(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _named_javascript(pdf):
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[]))


def _launch(pdf):
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
    pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)]))


def _attachment(pdf):
    pdf.attachments["x.exe"] = b"MZ"


def _xfa(pdf):
    pdf.Root.AcroForm = pikepdf.Dictionary(XFA=pdf.make_stream(b"<xdp/>"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_javascript, "Aktion beim Öffnen"),
        (_named_javascript, "JavaScript"),
        (_launch, "Programmaufruf"),
        (_attachment, "angehängte Dateien"),
        (_xfa, "XFA"),
    ],
)
def test_active_pdf_is_refused_naming_the_part(change, words):
    with pytest.raises(files.UnsafeFile, match=words):
        files.check_pdf(document(change, object_stream_mode=pikepdf.ObjectStreamMode.generate))


def packed(content):
    """A PDF whose catalogue lies in a packed list of objects, together with this."""
    data = zlib.compress(b"1 0 <</Type/Pages/Kids[]/Count 0/X" + content + b">>", 9)
    body, places = b"%PDF-1.5\n", {}
    head = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n" % len(data)
    for number, text in ((2, b"<</Type/Catalog/Pages 1 0 R>>"), (3, head + data + b"\nendstream")):
        places[number] = len(body)
        body += b"%d 0 obj\n" % number + text + b"\nendobj\n"
    rows = [(0, 0), (2, 3), (1, places[2]), (1, places[3]), (1, len(body))]
    table = b"".join(bytes([kind]) + place.to_bytes(4, "big") + b"\0" for kind, place in rows)
    head = b"4 0 obj\n<</Type/XRef/Size 5/W[1 4 1]/Root 2 0 R/Length %d>>\nstream\n" % len(table)
    return body + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(body)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [b"(" + b" " * 100_000_000 + b")", b"[" + (b"[" + b"1 " * 400_000 + b"]") * 24 + b"]"],
    ids=["spaces", "brackets"],
)
def test_a_small_pdf_that_unpacks_to_gigabytes_costs_the_portal_nothing(content):
    upload = packed(content)
    assert len(upload) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(files.UnsafeFile, match="Dokument"):
        files.check_pdf(io.BytesIO(upload))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_check_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(files, "PDF_SECONDS", 0.001)
    with pytest.raises(files.UnsafeFile, match="zu verschachtelt"):
        files.check_pdf(document())


@pytest.mark.parametrize("password", ["", "geheim"])
def test_locked_pdf_is_refused(password):
    with pytest.raises(files.UnsafeFile, match="Passwort"):
        files.check_pdf(document(encryption=pikepdf.Encryption(owner="besitzer", user=password)))


@pytest.mark.parametrize("content", [b"MZ%PDF-1.7", b"%PDF-1.7 nothing more", b" %PDF-1.7"])
def test_file_that_is_no_pdf_is_refused(content):
    with pytest.raises(files.UnsafeFile, match="kein lesbares PDF"):
        files.check_pdf(SimpleUploadedFile("x.pdf", content))


# --- names and downloads -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Übergänge & Straße.PDF", "Uebergaenge-Strasse.pdf"),
        ("U\u0308bung.jpg", "Uebung.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\Łódź – 2027.docx", "Lodz-2027.docx"),
        ("….pdf", "datei.pdf"),
        (".htaccess", "datei.htaccess"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a-Set-Cookie-x.pdf"),
        ("", "datei"),
    ],
)
def test_safe_name(name, expected):
    assert files.safe_name(name) == expected


@pytest.fixture
def stored():
    storage = InMemoryStorage()
    storage.save("akten/übersicht 1.pdf", ContentFile(b"%PDF-inhalt"))
    return FieldFile(None, FileField(storage=storage), "akten/übersicht 1.pdf")


def test_download_is_an_attachment_that_runs_nothing(stored, settings):
    settings.X_ACCEL_PREFIX = ""
    response = files.serve(stored, filename="Dokumentation Süd 2027.pdf", content_type="application/pdf")
    assert b"".join(response.streaming_content) == b"%PDF-inhalt"
    assert response["Content-Disposition"] == (
        "attachment; filename=\"Dokumentation-Sued-2027.pdf\"; filename*=UTF-8''Dokumentation%20S%C3%BCd%202027.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    response.file_to_stream.close()


def test_nginx_hands_out_the_file_where_configured(stored, settings):
    settings.X_ACCEL_PREFIX = "/geschuetzt/"
    response = files.serve(stored, filename="x.pdf", content_type="application/pdf")
    assert response["X-Accel-Redirect"] == "/geschuetzt/akten/%C3%BCbersicht%201.pdf"
    assert response.content == b""


def test_only_pictures_and_pdfs_show_in_the_browser(stored, settings):
    settings.X_ACCEL_PREFIX = "/x"
    page = files.serve(stored, filename="x.html", content_type="text/html", inline=True)
    image = files.serve(stored, filename="x.png", content_type="image/png", inline=True)
    assert page["Content-Disposition"].startswith("attachment")
    assert image["Content-Disposition"].startswith("inline")


def test_missing_file_is_not_found(stored, settings):
    settings.X_ACCEL_PREFIX = ""
    stored.storage.delete(stored.name)
    with pytest.raises(Http404):
        files.serve(stored, filename="x.pdf", content_type="application/pdf")
    with pytest.raises(Http404):
        files.serve(FieldFile(None, FileField(), ""), filename="x.pdf", content_type="application/pdf")
