"""The one HTML allow-list: everything that reaches a page as markup went through here.

Rich text from the editor is cleaned on save and again on display; plain text fields become
paragraphs and lists. Images, styles, classes, spans over columns and scripts never survive.
"""

import html as escaping
import re
import unicodedata

import nh3
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    "h2", "h3", "p", "strong", "em", "ul", "ol", "li", "a", "blockquote", "br",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
# No colspan or rowspan: one cell over a million columns keeps the PDF worker busy for minutes.
ATTRIBUTES = {"a": {"href"}, "th": {"scope"}}
SCHEMES = {"http", "https", "mailto"}
SCOPES = {"col", "row"}
DROPPED_WITH_CONTENT = {"script", "style", "template", "title", "textarea", "noscript", "iframe", "object", "svg"}

_BLOCK_END = re.compile(r"</(?:h2|h3|p|li|blockquote|tr|table|ul|ol)>|<br>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[hd]>", re.IGNORECASE)
# Invisible characters that turn the reading direction: a name could show as another one.
_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
# Unicode's Cc and Cs but tab and line feed: control characters and halves of surrogate pairs.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BULLET = re.compile(r"^([ ]{0,6})[•·‣▪◦][ \t]+", re.MULTILINE)
_NUMBERED = re.compile(r"^ {0,3}(\d{1,4})[.)] ")
_MARKDOWN = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": 12}).enable(["list", "newline", "escape"])


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "th" and name == "scope" and value not in SCOPES:
        return None
    return value


def clean(html: str) -> SafeString:
    """The HTML with only allowed tags and attributes; unknown tags leave their text behind."""
    cleaned = nh3.clean(
        plain(html),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        attribute_filter=_attribute,
        clean_content_tags=DROPPED_WITH_CONTENT,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return mark_safe(cleaned.strip())


def from_text(text: str) -> SafeString:
    """A plain text field as HTML: blank lines part paragraphs, "- " makes lists, a line end stays one.

    "12. Juni" at a line's start stays text; numbers make a list only as 1., 2., … on successive lines.
    """
    source = plain(text).replace("\\", "\\\\")
    source = _BULLET.sub(r"\1- ", source)
    return clean(_MARKDOWN.render(_escape_lone_numbers(source)))


def _escape_lone_numbers(text: str) -> str:
    """Markdown takes every "12. " for a list; a backslash keeps those that do not count from 1."""
    lines = text.split("\n")
    numbers = [int(found[1]) if (found := _NUMBERED.match(line)) else 0 for line in lines]
    expected = 0
    for index, number in enumerate(numbers):
        follows = numbers[index + 1] if index + 1 < len(lines) else 0
        if number == 1 and follows == 2:
            expected = 1
        if number and number == expected:
            expected += 1
        else:
            expected = 0
            if number:
                lines[index] = re.sub(r"^( {0,3}\d+)", r"\1\\", lines[index], count=1)
    return "\n".join(lines)


def to_text(html: str) -> str:
    """The words of the HTML, one block a line: for the search, mails and previews."""
    cleaned = _CELL_END.sub(r"\g<0> ", _BLOCK_END.sub("\\g<0>\n", clean(html)))
    text = escaping.unescape(nh3.clean(cleaned, tags=set()))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def plain(text: str) -> str:
    """The text in NFC with \\n as line end, without control and direction characters."""
    text = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text)).translate(_DIRECTION)
    return _CONTROL.sub("", text)


def no_control_characters(value: str) -> None:
    """Form validator: refuse what databases, mail headers and PDFs cannot hold, and say where it stands."""
    found = _REFUSED.search(value)
    if found:
        index = found.start()
        before = value[max(0, index - 20) : index].strip()
        place = f"nach „{before}“" if before else "ganz am Anfang"
        raise ValidationError(
            f"Der Text enthält ein unsichtbares Steuerzeichen {place}. "
            "Löschen Sie die Stelle und tippen Sie sie neu ein.",
            code="control_character",
        )
