"""Looking into PDFs: their tags, and their words as a reading program gets them."""

import io
import re

import pikepdf


def opened(data):
    return pikepdf.open(io.BytesIO(data))


def elements(document):
    """All structure elements, from top to bottom."""
    waiting = [document.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop(0)
        if "/S" in element:
            yield element
        kids = element.get("/K", [])
        kids = kids if isinstance(kids, pikepdf.Array) else [kids]
        waiting = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") != "/OBJR"] + waiting


def of_kind(document, kind):
    return [element for element in elements(document) if f"/{kind}" == element.S]


def words(document, *, artifacts=False):
    """The content of all pages in its order, through each font's ToUnicode table; running headers only on demand."""
    return " ".join(" ".join("".join(_page(page, artifacts)) for page in document.pages).split())


def _page(page, artifacts):
    tables, table, open_kinds, text = _tables(page), {}, [], []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in {"BDC", "BMC"}:
            open_kinds.append(str(operands[0]))
        elif name == "EMC":
            open_kinds.pop()
        elif name == "Tf":
            table = tables[str(operands[0])]
        elif name in {"Tj", "TJ"} and ("/Artifact" in open_kinds) == artifacts:
            parts = operands[0] if name == "TJ" else operands
            codes = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            text.append("".join(table[codes[at : at + 2].hex()] for at in range(0, len(codes), 2)))
        elif name == "ET" and ("/Artifact" in open_kinds) == artifacts:
            text.append(" ")
    return text


def _tables(page):
    fonts = page.resources.get("/Font", {})
    return {name: _table(bytes(font.ToUnicode.read_bytes()).decode()) for name, font in fonts.items()}


def _table(cmap):
    """Glyph → characters, of the "bfchar" lines."""
    pairs = re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", cmap.partition("beginbfchar")[2])
    return {code.lower(): bytes.fromhex(value).decode("utf-16-be") for code, value in pairs}
