"""Small SVG builders: attributes only, so that the same string serves pages under a strict CSP and PDFs."""

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

GOLD = "#F4B400"
NAVY = "#12215A"
DEEP = "#0C1740"
PALE = "#A9BDEA"
FONT = "Fira Sans, sans-serif"


def number(value: float) -> str:
    """Short and the same on every machine: two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def tag(name: str, content: str = "", /, **attributes: str | float | None) -> str:
    """An element; underscores in names become hyphens, None leaves an attribute out."""
    written = "".join(
        f' {key.replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def picture(
    content: str, *, width: float, height: float, label: str, description: str = "", name: str = ""
) -> SafeString:
    """The outer element: an image with a name, or decoration."""
    spoken = f"<title>{escape(label)}</title>" + (f"<desc>{escape(description)}</desc>" if description else "")
    role = ' role="img"' if label else ' aria-hidden="true" focusable="false"'
    view = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    css = f' class="{escape(name)}"' if name else ""
    head = f'<svg xmlns="http://www.w3.org/2000/svg"{css} {view}{role} font-family="{FONT}">'
    return mark_safe(f"{head}{spoken if label else ''}{content}</svg>")


def text(x: float, y: float, words: str, *, size: float, fill: str, **attributes: str | float | None) -> str:
    return tag("text", str(escape(words)), x=x, y=y, font_size=size, fill=fill, **attributes)
