"""Workbooks for the tests of the import: sheets by title, rows as dictionaries by heading."""

import zipfile
from io import BytesIO

from openpyxl import Workbook, load_workbook

TRAEGER = {"Name": "Werkstatt Emden gGmbH", "Ort": "Emden", "Postleitzahl": "26721", "Bundesland": "Niedersachsen"}
PROJEKT = {"Titel": "Ankommen in Emden", "Träger": "Werkstatt Emden gGmbH", "Region": "NIHB"}
PERSON = {
    "Vorname": "Imke",
    "Nachname": "Harms",
    "Organisation": "Werkstatt Emden gGmbH",
    "E-Mail": "harms@example.org",
    "Aufgaben": "Ankommen in Emden (Projektleitung, Hauptkontakt)",
}


def workbook(**sheets):
    """{"Träger": [row, …]} as bytes; a row is a dictionary by heading. Keyword names are the tabs' titles."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        page.append(headings)
        for row in rows:
            page.append([row.get(heading) for heading in headings])
    return saved(book)


def saved(book):
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def opened(content):
    return load_workbook(BytesIO(content))


def with_member(content, name, data):
    """The archive with one member replaced or added."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member.filename, old.read(member.filename))
        new.writestr(name, data)
    return target.getvalue()
