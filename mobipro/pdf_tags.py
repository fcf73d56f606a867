"""Closes the gaps in the tags of WeasyPrint 70.0, so that a PDF reads well aloud and passes PDF/UA-1.

What was missing, and what this module does about it:
- running headers, page numbers and the dots of the contents list were read out → they are artifacts;
- pictures with alt="" and aria-hidden drawings were figures without text → artifacts;
- header cells said nothing about their direction → Scope;
- the language of a passage was dropped → Lang;
- only the title of a drawing was read, not its description → both;
- a contents list and notes were plain lists and spans → data-tag="TOC", "TOCI", "Note" name the right tag
  (only our templates can set it: the HTML allow-list removes data attributes).

The functions replaced here are private: another version of WeasyPrint is refused until it was tried.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

TESTED_VERSION = "70.0"
SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"TOC", "TOCI", "Note", "Caption", "Aside"}
_ARTIFACT = "mobipro_is_artifact"


@cache
def install() -> None:
    """Replace the functions; once in a process, before the first PDF."""
    import weasyprint
    from weasyprint.pdf import stream, tags

    if weasyprint.__version__ != TESTED_VERSION:
        raise RuntimeError(
            f"mobipro/pdf_tags.py was tried with WeasyPrint {TESTED_VERSION}, not {weasyprint.__version__}."
        )
    build_box_tree, marked = tags._build_box_tree, stream.Stream.marked

    def complete_box_tree(box: Any, parent: Any, pdf: Any, *rest: Any) -> Iterator[Any]:
        box = getattr(box, "_box", box)  # an absolutely placed box is wrapped
        if _is_artifact(box):
            return
        for element in build_box_tree(box, parent, pdf, *rest):
            _complete(element, box, parent)
            yield element

    @contextmanager
    def marked_or_artifact(self: Any, box: Any, tag: str) -> Iterator[None]:
        with self.artifact() if _is_artifact(box) else marked(self, box, tag):
            yield

    class ClosedColorProfile(weasyprint.pdf.ColorProfile):  # type: ignore[misc]
        """The profile is read at once; WeasyPrint leaves its file open."""

        def __init__(self, file_object: Any, *rest: Any) -> None:
            super().__init__(file_object, *rest)
            file_object.close()

    weasyprint.pdf.ColorProfile = ClosedColorProfile
    tags._build_box_tree = complete_box_tree
    stream.Stream.marked = marked_or_artifact


def prepare(document: Any) -> None:
    """Note on the boxes of running headers, footers and leader dots of a laid-out document that they are no content."""
    from weasyprint.formatting_structure import boxes

    for page in document.pages:
        for box in page._page_box.descendants(placeholders=True):
            if isinstance(box, boxes.MarginBox) or getattr(box, "is_leader", False):
                for part in (box, *box.descendants()):
                    setattr(part, _ARTIFACT, True)


def _is_artifact(box: Any) -> bool:
    if getattr(box, _ARTIFACT, False):
        return True
    element = box.element
    if element is None or not isinstance(element.tag, str):
        return False
    if element.tag == "img" and box.element_tag == "img":
        return not element.get("alt", "").strip()
    return element.tag == f"{SVG}svg" and element.get("aria-hidden") == "true"


def _complete(element: Any, box: Any, parent: Any) -> None:
    """Add to a structure element what its HTML element says."""
    import pydyf
    from weasyprint.formatting_structure import boxes

    source = box.element
    if source is None or isinstance(box, boxes.PageBox) or box.element_tag in {"html", "body"}:
        return
    if box.element_tag != source.tag:  # a pseudo element such as ::after
        if box.element_tag.endswith("::footnote-call"):
            element["S"] = "/Reference"
        return
    if language := source.get("lang"):
        element["Lang"] = pydyf.String(language)
    if element["S"] == "/TH":
        element["A"]["Scope"] = "/Row" if source.get("scope") == "row" else "/Column"
    elif element["S"] == "/Figure" and source.tag == f"{SVG}svg":
        said = [(source.findtext(f"{SVG}{name}") or "").strip() for name in ("title", "desc")]
        element["Alt"] = pydyf.String(". ".join(words for words in said if words))
    _retag(element, source.get("data-tag", ""))


def _retag(element: Any, tag: str) -> None:
    import pydyf

    if tag not in TAGS:
        return
    if tag == "TOCI" and element["S"] != "/LI":
        element["S"] = "/Reference" if element["S"] == "/LBody" else element["S"]
    else:
        element["S"] = f"/{tag}"
    if tag == "Note":
        element["ID"] = pydyf.String(f"note-{element.number}")
