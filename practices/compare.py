"""What changed between two submissions, word by word, readable without colour."""

import difflib
import re
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_PIECES = re.compile(r"\s+|[^\s]+")
MAX_WORDS = 3000  # longer texts are shown whole: comparing grows with the square


def as_text(value: Any) -> str:
    """A value of a snapshot as one text; lists of choices as a line."""
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def difference(old: Any, new: Any) -> SafeString | None:
    """The new text with <ins> and <del>, each said in words too; None when nothing changed."""
    before, after = as_text(old), as_text(new)
    if before == after:
        return None
    first, second = _PIECES.findall(before), _PIECES.findall(after)
    if max(len(first), len(second)) > 2 * MAX_WORDS:
        return _deleted(before) + _inserted(after)
    parts = []
    for what, i1, i2, j1, j2 in difflib.SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append(format_html("{}", "".join(first[i1:i2])))
            continue
        if i2 > i1:
            parts.append(_deleted("".join(first[i1:i2])))
        if j2 > j1:
            parts.append(_inserted("".join(second[j1:j2])))
    return mark_safe(format_html_join("", "{}", ((part,) for part in parts)).replace("\n", "<br>"))


def _deleted(text: str) -> SafeString:
    return format_html('<del><span class="visually-hidden">gelöscht: </span>{}</del> ', text)


def _inserted(text: str) -> SafeString:
    return format_html('<ins><span class="visually-hidden">eingefügt: </span>{}</ins> ', text)
