"""Open a workbook's archive within limits: what it declares is checked before anything is unpacked."""

import re
import zipfile
from io import BytesIO
from typing import Any

MAX_BYTES = 5_000_000
MAX_UNPACKED = 40_000_000
MAX_MEMBERS = 400
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
NO_WORKBOOK = (
    "Diese Datei ist keine Excel-Arbeitsmappe. Speichern Sie sie in Excel als „Excel-Arbeitsmappe (.xlsx)“ "
    "und wählen Sie sie noch einmal aus."
)


class WorkbookError(Exception):
    """The file as a whole cannot be read; the German text says what to do."""


def checked(content: bytes) -> zipfile.ZipFile:
    """The archive behind an .xlsx, with sizes that can be unpacked; zipfile never unpacks more than is declared."""
    if not content:
        raise WorkbookError("Diese Datei ist leer. Wählen Sie die richtige Datei aus.")
    if len(content) > MAX_BYTES:
        raise WorkbookError("Diese Datei ist größer als 5 MB. Teilen Sie sie auf oder entfernen Sie Bilder.")
    if content[:4] == _OLD_EXCEL:
        raise WorkbookError(
            "Diese Datei ist im alten Excel-Format (.xls) oder mit einem Passwort geschützt. "
            "Speichern Sie sie ohne Passwort als „Excel-Arbeitsmappe (.xlsx)“."
        )
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise WorkbookError(NO_WORKBOOK) from error
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise WorkbookError(NO_WORKBOOK)
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise WorkbookError("Diese Datei ist ausgepackt zu groß (erlaubt sind 40 MB). Teilen Sie sie auf.")
    for member in members:
        if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in bytes_of(archive, member.filename):
            raise WorkbookError(NO_WORKBOOK)
    return archive


def bytes_of(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except Exception as error:  # encrypted, cut off, wrong checksum, unknown compression
        raise WorkbookError(NO_WORKBOOK) from error


def merged_below(archive: zipfile.ZipFile, page: Any, head: int) -> str:
    """The first merged cells at or below the headings: only the first of them has a value, the others lose theirs."""
    text = bytes_of(archive, page._worksheet_path)
    for left, top, right, bottom in _MERGED.findall(text):
        if int(bottom) >= head:
            return f"{left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"
    return ""
