"""A template → the bytes of a tagged PDF (PDF/A-3a and PDF/UA-1 in one file).

The same template and context give the same bytes: no date, no machine's fonts, no random identifier.
Templates name files as `static:css/pdf.css` and `media:<name in the storage>`; everything else – other
sites, files of the machine, data: – is refused and stops the rendering. Call it in the worker for whatever people
write at length: WeasyPrint takes seconds for a long document, and the task's time limit ends one that takes minutes.
Prints of a known size (meetings/print_kit.py: 0.1 s a page) are made while the browser waits, one at a time.
"""

import ctypes
import os
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.template.loader import render_to_string

from mobipro import pdf_tags

FONTS = Path(settings.BASE_DIR) / "static" / "fonts" / "pdf"
FONT_FILES = ("FiraSans-Regular.ttf", "FiraSans-SemiBold.ttf", "FiraSans-Italic.ttf")
MAX_HTML = 5_000_000  # characters of the rendered template
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
APT_LINE = "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
REPLACEMENT = "\u25a1"
_ONE_AT_A_TIME = threading.Lock()  # web servers make short prints, too: eight threads would need eight times the memory


class PdfError(Exception):
    """A PDF could not be made; the German message says why."""


def is_available() -> bool:
    """Whether this machine has the libraries and fonts that WeasyPrint needs."""
    return not missing_message()


def missing_message() -> str:
    """What is missing, with the one command that helps; empty when nothing is. Quick: web pages ask it too."""
    if missing := [name for name in FONT_FILES if not (FONTS / name).is_file()]:
        return f"Die Schriften für PDFs fehlen: {', '.join(missing)} in static/fonts/pdf."
    try:
        _load_libraries(LIBRARIES)
    except OSError:
        return f"PDFs können auf diesem Rechner noch nicht erzeugt werden. Bitte einmal ausführen: {APT_LINE}"
    return ""


@cache
def _load_libraries(names: tuple[str, ...]) -> None:
    """Remembered once it succeeds; a failure is not, so that the command in the message needs no restart after it."""
    for name in names:
        ctypes.CDLL(name)


@cache
def _weasyprint() -> Any:
    """WeasyPrint, imported late (1.4 s) and only behind our own fonts: without any font the process would crash."""
    if message := missing_message():
        raise PdfError(message)
    _configure_fonts()
    import weasyprint

    pdf_tags.install()
    return weasyprint


def _configure_fonts() -> None:
    """Tell fontconfig to know our fonts and no others: the machine's would change the bytes."""
    folder = Path(settings.VAR_DIR) / "fontconfig"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fonts.conf"
    content = (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        f"  <dir>{escape(str(FONTS))}</dir>\n  <cachedir>{escape(str(folder))}</cachedir>\n</fontconfig>\n"
    )
    if not path.is_file() or path.read_text() != content:
        # Written aside and moved: two workers may start at the same moment.
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_text(content)
        aside.replace(path)
    os.environ["FONTCONFIG_FILE"] = str(path)


def render(template_name: str, context: dict[str, Any], *, title: str, author: str = "", language: str = "de") -> bytes:
    """The PDF of a template that extends pdf/base.html; raises PdfError with a German reason."""
    html = render_to_string(template_name, {**context, "title": title, "author": author, "language": language})
    with _ONE_AT_A_TIME:
        return render_html(html, title=title, author=author, language=language)


def render_html(html: str, *, title: str, author: str = "", language: str = "de") -> bytes:
    """The PDF of a whole HTML document."""
    weasyprint = _weasyprint()
    if len(html) > MAX_HTML:
        raise PdfError("Das Dokument ist für ein PDF zu lang. Teilen Sie es auf mehrere Dokumente auf.")
    from weasyprint.urls import FatalURLFetchingError

    try:
        document = weasyprint.HTML(string=printable(html), url_fetcher=_fetcher(), base_url="static:").render(
            pdf_variant="pdf/a-3a", pdf_tags=True, full_fonts=False
        )
    except FatalURLFetchingError as error:
        raise PdfError(str(error)) from error
    except RecursionError as error:
        raise PdfError("Das Dokument ist für ein PDF zu tief verschachtelt. Lösen Sie Listen in Listen auf.") from error
    metadata = document.metadata
    metadata.title, metadata.authors, metadata.lang = title, [author] if author else [], language
    metadata.created = metadata.modified = None
    metadata.generate_rdf_metadata = lambda *_: _xmp(title, author, weasyprint.__version__)
    pdf_tags.prepare(document)
    data: bytes = document.write_pdf(pdf_variant="pdf/a-3a")
    return data


@cache
def _glyphs() -> frozenset[int]:
    """The characters that all fonts have: a missing one would be an empty box that no screen reader can read."""
    from fontTools.ttLib import TTFont

    found = []
    for name in FONT_FILES:
        with TTFont(FONTS / name, lazy=True) as font:
            found.append(set(font.getBestCmap()))
    return frozenset(set.intersection(*found))


def printable(text: str) -> str:
    """The text with every character that the fonts lack replaced by □, invisible ones dropped."""
    glyphs = _glyphs()
    replacement = REPLACEMENT if ord(REPLACEMENT) in glyphs else "?"

    def shown(character: str) -> str:
        if character in "\n\t" or (ord(character) in glyphs and character != "\u00ad"):
            return character
        kind = unicodedata.category(character)
        if kind == "Zs":
            return " "
        return "" if kind in {"Cc", "Cf", "Cs", "Mn", "Me"} else replacement

    text = unicodedata.normalize("NFC", text)
    known = {character: shown(character) for character in set(text)}
    return "".join(map(known.__getitem__, text))


@cache
def _fetcher_class() -> type:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class KnownFiles(URLFetcher):  # type: ignore[misc]
        """Serves our static files and stored uploads; any other address stops the rendering."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            scheme, _, name = url.partition(":")
            name = unquote(name)
            try:
                if scheme == "static" and (path := finders.find(name)):
                    return URLFetcherResponse(url, Path(path).read_bytes(), {"Content-Type": _content_type(name)})
                if scheme == "media":
                    with default_storage.open(name) as file:
                        return URLFetcherResponse(url, file.read(), {"Content-Type": _content_type(name)})
            except Exception as error:  # missing, outside the folder, unreadable: all end the rendering
                raise FatalURLFetchingError(f"Eine Datei für das PDF fehlt: {url}") from error
            raise FatalURLFetchingError(f"Diese Adresse darf im PDF nicht geladen werden: {url[:200]}")

    return KnownFiles


def _fetcher() -> Any:
    return _fetcher_class()()


def _content_type(name: str) -> str:
    types = {
        ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
        ".webp": "image/webp",
    }  # fmt: skip
    return types.get(Path(name).suffix.lower(), "application/octet-stream")


# PDF/A wants every property outside its own list described: the schema of pdfuaid.
_XMP = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="3" pdfaid:conformance="A"/>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" pdf:Producer="WeasyPrint {version}"/>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>{creator}
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>"""


def _xmp(title: str, author: str, version: str) -> bytes:
    creator = f"<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>" if author else ""
    return _XMP.format(title=escape(title), creator=creator, version=version).encode()
