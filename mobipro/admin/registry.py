"""What the apps add to the work area: boxes of the overview, entries of the sidebar, pages without a model.

The overview stands below all apps in the order of imports, so it cannot fetch from them: they register here, in
their admin modules, and the site asks when a page is built.
"""

from collections.abc import Callable
from typing import NamedTuple, NotRequired, TypedDict

from django.http import HttpRequest, HttpResponseBase
from django.utils.safestring import SafeString

#: The scopes of the overview, as they stand in the address (`?bereich=`), with their words.
SCOPES = {"meine": "Meine Regionen", "vertretung": "Vertretung", "alle": "Alle"}


class Badge(TypedDict):
    """A state in one or two words; `tone` is info, success, warning, danger or neutral. Never colour alone."""

    text: str
    tone: NotRequired[str]


class Row(TypedDict):
    """One line of a box: what, where to, and beside it a date, a number or a state."""

    title: str
    url: NotRequired[str]
    meta: NotRequired[str]
    badge: NotRequired[Badge | str]


class Box(TypedDict):
    """One box of the overview. `url` leads to the whole list, `empty` is said when there are no rows.

    `html` is a drawing (SVG) shown above the rows; `wide` takes the full width.
    """

    title: str
    url: NotRequired[str]
    rows: NotRequired[list[Row]]
    empty: NotRequired[str]
    html: NotRequired[SafeString]
    wide: NotRequired[bool]


BoxFunction = Callable[[HttpRequest, str], Box | None]


class Link(NamedTuple):
    """An entry of the sidebar that is no model's list."""

    group: str
    title: str
    url_name: str
    permission: str


class Page(NamedTuple):
    """A page of the admin that belongs to no model."""

    route: str
    view: Callable[..., HttpResponseBase]
    name: str


_boxes: dict[str, tuple[int, BoxFunction]] = {}
_links: dict[str, Link] = {}
_pages: dict[str, Page] = {}


def register_box(order: int, function: BoxFunction) -> None:
    """Put a box on the overview; lower `order` stands first.

    The function gets the request and the scope ("meine", "vertretung", "alle") and returns
    a Box, or None when the box does not concern this person. Registering it twice has one effect.
    """
    _boxes[f"{function.__module__}.{function.__qualname__}"] = (order, function)


def register_link(group: str, title: str, url_name: str, *, permission: str = "") -> None:
    """Add an entry to a group of the sidebar; a link named like its group becomes the group's only line.

    `url_name` is reversed without arguments; with `permission` only those who have it see the entry.
    """
    _links[url_name] = Link(group, title, url_name, permission)


def register_page(route: str, view: Callable[..., HttpResponseBase], name: str) -> None:
    """Serve `view` below /admin/ for staff only; reverse it as ``admin:<name>``."""
    _pages[name] = Page(route, view, name)


def boxes(request: HttpRequest, scope: str) -> list[Box]:
    """All boxes for this person, in order."""
    ordered = sorted(_boxes.items(), key=lambda item: (item[1][0], item[0]))
    built = (function(request, scope) for _, (_, function) in ordered)
    return [box for box in built if box is not None]


def links() -> list[Link]:
    return list(_links.values())


def pages() -> list[Page]:
    return list(_pages.values())
