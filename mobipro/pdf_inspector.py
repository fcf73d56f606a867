"""Looks into a foreign PDF, in a process of its own: hostile bytes may cost that one memory or time, not the portal.

Reads the file from stdin and writes one line: "pages 12", "encrypted", "unreadable" or "active <what it holds>".
Knows neither Django nor the portal; mobipro.files.check_pdf starts it and words the answer.
"""

import io
import resource
import sys
from typing import Any

MAX_MEMORY = 1_500_000_000  # bytes of address space, libraries included
MAX_SECONDS = 8
_MAX_PARTS = 500_000
_MAX_UNPACKED = 20_000_000  # bytes of one packed list of objects; pictures are not unpacked here

_REFUSED_KEYS = {
    "/JS": "ein Programm (JavaScript)",
    "/JavaScript": "ein Programm (JavaScript)",
    "/AA": "selbsttätige Aktionen",
    "/EmbeddedFiles": "angehängte Dateien",
    "/EF": "angehängte Dateien",
    "/XFA": "ein dynamisches Formular (XFA)",
    "/RichMedia": "eingebettete Medien",
}
_REFUSED_ACTIONS = {
    "/JavaScript": "ein Programm (JavaScript)",
    "/Launch": "einen Programmaufruf",
    "/ImportData": "selbsttätige Aktionen",
    "/SubmitForm": "ein Formular, das Daten verschickt",
    "/RichMediaExecute": "eingebettete Medien",
}


def active_part(pdf: Any) -> str:
    """What the document does by itself, in German; empty when nothing.

    A start view ("open at page 1"), which LibreOffice writes into every file, is no action.
    """
    import pikepdf

    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != "/GoTo":
        return "eine Aktion beim Öffnen"
    waiting: list[Any] = list(pdf.objects)  # every indirect object once; below them only direct ones
    seen = 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen > _MAX_PARTS:
            raise MemoryError
        if isinstance(part, pikepdf.Array):
            waiting.extend(child for child in part if _is_direct(child))
        elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            dictionary = part.stream_dict if isinstance(part, pikepdf.Stream) else part
            for key, value in dictionary.items():
                reason = _REFUSED_KEYS.get(key) or (_REFUSED_ACTIONS.get(str(value)) if key == "/S" else None)
                if reason:
                    return reason
                if _is_direct(value):
                    waiting.append(value)
    return ""


def _is_direct(part: Any) -> bool:
    import pikepdf

    return isinstance(part, pikepdf.Array | pikepdf.Dictionary) and not part.is_indirect


def verdict(content: bytes) -> str:
    """The line that says what this PDF is. Raises MemoryError when it is built too deep to look into."""
    import pikepdf

    pikepdf.settings.set_qpdf_limits(
        max_stream_filters=4,
        parser_max_container_size=_MAX_PARTS,
        flate_max_memory=_MAX_UNPACKED,
        png_max_memory=_MAX_UNPACKED,
        tiff_max_memory=_MAX_UNPACKED,
        run_length_max_memory=_MAX_UNPACKED,
    )
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                return "encrypted"
            part = active_part(pdf)
            return f"active {part}" if part else f"pages {len(pdf.pages)}"
    except pikepdf.PasswordError:
        return "encrypted"
    except MemoryError:
        raise
    except Exception:  # the parser raises whatever hostile bytes provoke
        return "unreadable"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    sys.stdout.buffer.write(verdict(sys.stdin.buffer.read()).encode())


if __name__ == "__main__":
    main()
