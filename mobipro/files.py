"""Uploads made safe, and protected downloads. Nothing here knows which record a file belongs to.

Pictures are decoded once and drawn anew: what is stored holds no position, no camera data and nothing
that only pretended to be a picture. PDFs are checked for active parts and stored as they are.
"""

import io
import re
import subprocess
import sys
import unicodedata
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.text import slugify
from PIL import Image, ImageFile, ImageOps

MEGABYTE = 1_000_000
MAX_IMAGE_BYTES = 20 * MEGABYTE
MAX_PDF_BYTES = 30 * MEGABYTE
MAX_PIXELS = 40_000_000
PRINT_EDGE = 2400  # px of the longer side: A4 width at 290 dpi
WEB_EDGE = 1200
PDF_SECONDS = 12
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")  # never MPO: its decoder opens each picture inside
CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
_MAX_NAME = 100

NOT_AN_IMAGE = "Diese Datei ist kein lesbares Bild. Wählen Sie ein Foto als JPEG, PNG, WebP oder HEIC."
TOO_MANY_PIXELS = (
    "Das Bild ist mit {width} × {height} Bildpunkten zu groß. Verkleinern Sie es auf höchstens 40 Megapixel."
)
ANIMATED = "Bewegte Bilder sind nicht möglich. Speichern Sie ein Einzelbild und wählen Sie es aus."
DAMAGED = (
    "Das Bild ist beschädigt oder unvollständig. "
    "Öffnen Sie es auf Ihrem Gerät, speichern Sie es neu und wählen Sie es noch einmal aus."
)
NOT_A_PDF = "Diese Datei ist kein lesbares PDF. Speichern Sie das Dokument noch einmal als PDF und wählen Sie es aus."
ENCRYPTED = (
    "Dieses PDF ist mit einem Passwort geschützt. Speichern Sie es ohne Schutz und wählen Sie es noch einmal aus."
)
ACTIVE_PDF = (
    "Dieses PDF enthält {part}; das ist hier nicht erlaubt. "
    "Drucken Sie das Dokument in ein neues PDF und wählen Sie dieses aus."
)
TOO_COMPLEX = (
    "Dieses PDF ist zu verschachtelt aufgebaut. Drucken Sie das Dokument in ein neues PDF und wählen Sie dieses aus."
)


class UnsafeFile(ValidationError):
    """An upload that is refused; the German message says what to do, forms show it at the field."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unsafe_file")


@dataclass(frozen=True)
class Rendition:
    """A picture drawn anew, ready to be stored: sizes in pixels, format as Pillow names it."""

    content: bytes
    width: int
    height: int
    format: str

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.format]

    def as_file(self, stem: str) -> "ContentFile[bytes]":
        """The content as a Django file named after the stem, with the fitting suffix."""
        return ContentFile(self.content, name=safe_name(stem).rsplit(".", 1)[0] + SUFFIXES[self.format])


@dataclass(frozen=True)
class PreparedImage(Rendition):
    """The print rendition (JPEG, or PNG where parts are transparent) with the small one for pages (WebP)."""

    web: Rendition


def check_size(file: Any, limit: int) -> None:
    """Refuse an empty file and one over the limit (bytes)."""
    size = getattr(file, "size", None)
    if size is None:
        file.seek(0, io.SEEK_END)
        size = file.tell()
        file.seek(0)
    if size == 0:
        raise UnsafeFile("Diese Datei ist leer. Wählen Sie die richtige Datei aus.")
    if size > limit:
        got, allowed = f"{size / MEGABYTE:.1f}".replace(".", ","), limit // MEGABYTE
        raise UnsafeFile(
            f"Diese Datei ist {got} MB groß, erlaubt sind {allowed} MB. "
            "Verkleinern Sie sie und versuchen Sie es noch einmal."
        )


def check_image(file: Any) -> None:
    """Look at the head of an uploaded picture without decoding it: quick enough for a form's clean()."""
    check_size(file, MAX_IMAGE_BYTES)
    with _opened(file):
        pass
    file.seek(0)


def prepare_image(file: Any) -> PreparedImage:
    """Draw an uploaded picture anew at print and page size, upright, without any of its metadata.

    Needs up to 360 MB for 40 megapixels: call it in the worker or for one upload at a time.
    Raises UnsafeFile for everything that is not one whole picture of at most 40 megapixels.
    """
    check_size(file, MAX_IMAGE_BYTES)
    # WeasyPrint switches this on for the whole process on import: half a photo would pass as a whole one.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with _opened(file) as image:
        try:
            image.draft("RGB", (PRINT_EDGE, PRINT_EDGE))  # JPEG decodes at a fraction of its size
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((PRINT_EDGE, PRINT_EDGE), Image.Resampling.LANCZOS)
            drawn = _drawn_anew(upright)
        except Exception as error:  # decoders raise whatever hostile bytes provoke
            raise UnsafeFile(DAMAGED) from error
    transparent = drawn.mode == "RGBA"
    small = drawn.copy()
    small.thumbnail((WEB_EDGE, WEB_EDGE), Image.Resampling.LANCZOS)
    web = _encoded(small, "WEBP", quality=80, method=4)
    if transparent:
        printed = _encoded(drawn, "PNG", optimize=True)
    else:
        printed = _encoded(drawn, "JPEG", quality=86, optimize=True, progressive=True)
    return PreparedImage(printed.content, printed.width, printed.height, printed.format, web)


def _opened(file: Any) -> Image.Image:
    """The picture with only its head read; refuses foreign formats, too many pixels and animations."""
    _register_heif()
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsafeFile(TOO_MANY_PIXELS.format(width="sehr vielen", height="sehr vielen")) from error
    except Exception as error:
        raise UnsafeFile(NOT_AN_IMAGE) from error
    if image.width * image.height > MAX_PIXELS:
        raise UnsafeFile(TOO_MANY_PIXELS.format(width=_thousands(image.width), height=_thousands(image.height)))
    # A telephone's JPEG or HEIC may hold a preview besides: its first picture is the photo.
    if image.format in {"PNG", "WEBP"} and getattr(image, "n_frames", 1) > 1:
        raise UnsafeFile(ANIMATED)
    return image


@cache
def _register_heif() -> None:
    import pi_heif

    pi_heif.register_heif_opener()


def _drawn_anew(image: Image.Image) -> Image.Image:
    """The pixels alone, pasted into a new picture; RGBA only where something really is transparent."""
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    pixels = image.convert(mode)
    if has_alpha and pixels.getchannel("A").getextrema()[0] == 255:
        mode, pixels = "RGB", pixels.convert("RGB")
    fresh = Image.new(mode, pixels.size)
    fresh.paste(pixels)
    return fresh


def _encoded(image: Image.Image, image_format: str, **options: Any) -> Rendition:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return Rendition(buffer.getvalue(), image.width, image.height, image_format)


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def check_pdf(file: Any) -> int:
    """Refuse a PDF that is damaged, locked or does something by itself; returns its number of pages.

    A process of its own looks at it: 18 kB of packed brackets cost more than a gigabyte and half a minute.
    """
    check_size(file, MAX_PDF_BYTES)
    file.seek(0)
    content = file.read()
    file.seek(0)
    if not content.startswith(b"%PDF-"):
        raise UnsafeFile(NOT_A_PDF)
    inspector = [sys.executable, "-I", str(Path(__file__).with_name("pdf_inspector.py"))]
    try:
        # Only our own file is run; what was uploaded is its input, never an argument.
        done = subprocess.run(inspector, input=content, capture_output=True, timeout=PDF_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise UnsafeFile(TOO_COMPLEX) from error
    verdict, _, detail = done.stdout.decode().partition(" ")
    if verdict == "pages" and int(detail):
        return int(detail)
    refusals = {"encrypted": ENCRYPTED, "active": ACTIVE_PDF.format(part=detail), "unreadable": NOT_A_PDF}
    raise UnsafeFile(refusals.get(verdict, NOT_A_PDF if verdict == "pages" else TOO_COMPLEX))


_LETTERS = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae",
    "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "–": "-", "—": "-",
})  # fmt: skip


def safe_name(name: str) -> str:
    """A file name of ASCII letters, digits, dot and hyphen: "Übergänge & Co.pdf" → "Uebergaenge-Co.pdf"."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1].translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    stem, dot, suffix = text.rpartition(".")
    if not stem:
        stem, suffix = (suffix, "") if not dot else ("", suffix)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:_MAX_NAME] or "datei"
    suffix = re.sub(r"[^A-Za-z0-9]", "", suffix)[:10].lower()
    return f"{stem}.{suffix}" if suffix else stem


def content_disposition(filename: str, *, inline: bool = False) -> str:
    """The header of RFC 6266: an ASCII name for all, the full name (umlauts, spaces) for today's browsers."""
    full = re.sub(r'[\x00-\x1f\x7f"\\/]+', " ", unicodedata.normalize("NFC", filename)).strip() or "datei"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{safe_name(full)}\"; filename*=UTF-8''{quote(full, safe='')}"


def serve(
    field_file: FieldFile,
    *,
    filename: str,
    content_type: str,
    inline: bool = False,
    cache_control: str = "private, no-cache",
) -> HttpResponseBase:
    """Hand out a stored file after the caller's permission check: by nginx if configured, else by Django.

    The browser may neither guess another type nor run anything inside. `inline` shows pictures and PDFs
    in the browser and is ignored for all other types. A file that is gone is a 404.
    """
    inline = inline and content_type in {*CONTENT_TYPES.values(), "application/pdf"}
    response: HttpResponseBase
    if not field_file or not field_file.name:
        raise Http404("Diese Datei gibt es nicht mehr.")
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX.rstrip('/')}/{quote(field_file.name)}"
    else:
        try:
            response = FileResponse(field_file.open("rb"), content_type=content_type)
        except FileNotFoundError as error:
            raise Http404("Diese Datei gibt es nicht mehr.") from error
    response["Content-Disposition"] = content_disposition(filename, inline=inline)
    response["X-Content-Type-Options"] = "nosniff"
    # Chromium's PDF viewer does not start inside a sandbox; the PDFs were checked on upload.
    viewer = inline and content_type == "application/pdf"
    response["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'" if viewer else "default-src 'none'; sandbox"
    )
    response["Cache-Control"] = cache_control
    return response


def serve_pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF that was made just now, in the browser's own viewer. No cache keeps it: it holds names."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition(f"{slugify(name)}.pdf", inline=True)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; object-src 'self'"  # as above: for the viewer
    response["Cache-Control"] = "private, no-store"
    return response
