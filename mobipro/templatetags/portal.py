"""Template tags of all pages: German dates and sizes, form fields in KERN markup, error lists, the map of Germany.

Dates are read in Europe/Berlin. A missing value gives an empty text, never an error in a page.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from django import template
from django.forms import BaseForm, BaseFormSet, CheckboxInput, FileInput, HiddenInput, Select, SelectMultiple, Textarea
from django.forms.boundfield import BoundField, BoundWidget
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from mobipro import germany

register = template.Library()

WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
# So that a date sheet and a narrow column hold every month; four letters at most, with a dot where cut.
SHORT_MONTHS = ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")

BADGE_ICONS = {"info": "info", "success": "success", "warning": "warning", "danger": "danger"}


# --- dates, times, sizes --------------------------------------------------------------------------


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _clock(value: datetime) -> str:
    return f"{value.hour}:{value.minute:02}" if value.minute else str(value.hour)


@register.filter
def day(value: date | datetime | None) -> str:
    """ "Fr, 4. Juni 2027"."""
    if not value:
        return ""
    local = _local(value)
    return f"{WEEKDAYS[local.weekday()]}, {local.day}. {MONTHS[local.month - 1]} {local.year}"


@register.filter
def day_short(value: date | datetime | None) -> str:
    """ "4. Juni" – where the year is clear."""
    if not value:
        return ""
    local = _local(value)
    return f"{local.day}. {MONTHS[local.month - 1]}"


@register.filter
def month_name(value: date | datetime | int | None) -> str:
    """ "Juni" for a day or the number of a month."""
    if not value:
        return ""
    number = value if isinstance(value, int) else _local(value).month
    return MONTHS[number - 1] if 1 <= number <= 12 else ""


@register.filter
def month_short(value: date | datetime | int | None) -> str:
    """ "Juni", "Sept." – at most five characters."""
    if not value:
        return ""
    number = value if isinstance(value, int) else _local(value).month
    return SHORT_MONTHS[number - 1] if 1 <= number <= 12 else ""


@register.filter
def hours(start: datetime | None, end: datetime | None = None) -> str:
    """ "10–16 Uhr", "10:30–16 Uhr", "10 Uhr"; both on the same day."""
    if not start:
        return ""
    first = timezone.localtime(start) if timezone.is_aware(start) else start
    if not end:
        return f"{_clock(first)} Uhr"
    last = timezone.localtime(end) if timezone.is_aware(end) else end
    return f"{_clock(first)}–{_clock(last)} Uhr"


@register.filter
def day_time(start: datetime | None, end: datetime | None = None) -> str:
    """`{{ starts_at|day_time:ends_at }}`: "Fr, 4. Juni 2027, 10–16 Uhr"; over several days both are named."""
    if not start:
        return ""
    if end and _day_of(start) != _day_of(end):
        return f"{day(start)}, {hours(start)}, bis {day(end)}, {hours(end)}"
    return f"{day(start)}, {hours(start, end)}"


def _day_of(value: datetime) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


@register.filter
def stamp(value: datetime | None) -> str:
    """ "22.11.2026, 12:41 Uhr"."""
    if not value:
        return ""
    return f"{_local(value):%d.%m.%Y, %H:%M} Uhr"


@register.filter
def filesize_de(size: int | None) -> str:
    """ "651 kB", "1,2 MB": thousands, as people and file managers count."""
    if size is None or size == "":
        return ""
    number = int(size)
    if number < 1000:
        return f"{number} Byte"
    if number < 999_500:
        return f"{max(1, round(number / 1000))} kB"
    return f"{number / 1_000_000:.1f} MB".replace(".", ",")


# --- forms ----------------------------------------------------------------------------------------


def _error_class(field: BoundField, name: str) -> str:
    return f"{name} {name}--error" if field.errors else name


@register.filter
def control_kind(field: BoundField) -> str:
    """How templates/django/forms/field.html draws the field: hidden, checkbox, group, select, file or input."""
    widget = field.field.widget
    if field.is_hidden or isinstance(widget, HiddenInput):
        return "hidden"
    if isinstance(widget, CheckboxInput):
        return "checkbox"
    if field.use_fieldset:
        return "group"
    if isinstance(widget, Select) and not isinstance(widget, SelectMultiple):
        return "select"
    return "file" if isinstance(widget, FileInput) else "input"


@register.filter
def is_optional(field: BoundField) -> bool:
    """Whether the label says "– optional"; a single tick box and a form with `mark_optional = False` never do."""
    marked = getattr(field.form, "mark_optional", True)
    return marked and not field.field.required and control_kind(field) != "checkbox"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The widget of a field with KERN's classes; Django adds aria-invalid and aria-describedby."""
    widget = field.field.widget
    kind = control_kind(field)
    if kind == "checkbox":
        css = _error_class(field, "kern-form-check__checkbox")
    elif kind == "select":
        css = _error_class(field, "kern-form-input__select")
    else:
        css = _error_class(field, "kern-form-input__input")
    widget.attrs.pop("placeholder", None)  # the label stays visible; a placeholder would repeat it (allauth sets them)
    own = widget.attrs.get("class")
    attributes: dict[str, Any] = {"class": f"{css} {own}" if own else css}
    if isinstance(widget, Textarea) and widget.attrs.get("rows") in (None, "10", 10):
        attributes["rows"] = 6
    return field.as_widget(attrs=attributes)


@register.simple_tag
def choices_of(field: BoundField) -> list[BoundWidget]:
    """The options of radios or tick boxes, each with KERN's class; none for other groups."""
    widget = field.field.widget
    if not hasattr(widget, "option_inherits_attrs"):
        return []
    kind = "radio" if getattr(widget, "input_type", "") == "radio" else "checkbox"
    attributes = field.build_widget_attrs({"class": _error_class(field, f"kern-form-check__{kind}")}, widget)
    if kind == "radio":
        attributes.pop("aria-invalid", None)  # not a property of one radio; the fieldset's text says it
    if field.auto_id and "id" not in widget.attrs:
        attributes["id"] = field.auto_id
    options = widget.subwidgets(field.html_name, field.value(), attrs=attributes)
    return [BoundWidget(widget, option, field.form.renderer) for option in options]


def _target(field: BoundField) -> str:
    """Id of the control that a link in the summary leads to; of a group, its first option."""
    return field.id_for_label or (f"{field.auto_id}_0" if control_kind(field) == "group" else field.auto_id)


def _form_errors(form: BaseForm) -> Iterable[dict[str, str]]:
    for message in form.non_field_errors():
        yield {"label": "", "message": str(message), "target": ""}
    for field in form:
        for message in field.errors:
            hidden = field.is_hidden
            label = "" if hidden else str(field.label)
            yield {"label": label, "message": str(message), "target": "" if hidden else _target(field)}


@register.filter
def form_errors(forms: BaseForm | BaseFormSet | Sequence[Any] | None) -> list[dict[str, str]]:
    """All errors of a form, a formset or several of them: label, message, and the id to jump to."""
    if not forms:
        return []
    if isinstance(forms, BaseForm):
        return list(_form_errors(forms)) if forms.is_bound else []
    if isinstance(forms, BaseFormSet):
        if not forms.is_bound:
            return []
        whole = [{"label": "", "message": str(message), "target": ""} for message in forms.non_form_errors()]
        return whole + [error for form in forms.forms for error in _form_errors(form)]
    return [error for form in forms for error in form_errors(form)]


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet | None) -> dict[str, Any]:
    """`{% error_summary form formset %}` above a form; draws nothing without errors."""
    return {"form": [form for form in forms if form]}


# --- pages ----------------------------------------------------------------------------------------


@register.filter
def page_numbers(page: Any) -> list[int | str]:
    """Numbers of the pagination with "…" for what is left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def badge_icon(kind: str) -> str:
    """KERN's icon for a kind of badge; an unknown kind is information."""
    return BADGE_ICONS.get(kind, "info")


@register.simple_tag(takes_context=True)
def without(context: template.Context, name: str, value: object = None) -> str:
    """The query string without one value of a parameter (or without all), and without the page: for filter chips."""
    query = context["request"].GET.copy()
    kept = [] if value is None else [item for item in query.getlist(name) if item != str(value)]
    query.setlist(name, kept)
    if not kept:
        query.pop(name, None)
    query.pop("seite", None)
    text = query.urlencode()
    return f"?{text}" if text else "?"


class MapRegion(Protocol):
    number: int
    name: str

    @property
    def iso_codes(self) -> Sequence[str]: ...

    def get_absolute_url(self) -> str: ...


def _lines(name: str) -> list[str]:
    """A region's name in lines that fit on the map."""
    return name.replace(" und ", " und\n").replace(", ", ",\n").split("\n")


@register.inclusion_tag("components/map.html")
def germany_map(regions: Iterable[MapRegion], current: MapRegion | None = None) -> dict[str, Any]:
    """The map with the regions as links for mouse and touch; the list beside it is the way for the keyboard.

    A list item with `data-region="3"` (components/region_list.html) lights region 3 on hover and focus.
    `current` is drawn in navy.
    """
    chosen = list(regions)
    shapes = germany.shapes(tuple(tuple(region.iso_codes) for region in chosen))
    rows = []
    for region, shape in zip(chosen, shapes, strict=True):
        lines = _lines(region.name)
        rows.append(
            {
                "number": region.number,
                "name": region.name,
                "url": region.get_absolute_url(),
                "shape": shape,
                "fill": germany.TINTS[shape.tint],
                "is_current": current is not None and current.number == region.number,
                "lines": [(text, shape.y + 62 + 34 * index) for index, text in enumerate(lines)],
            }
        )
    return {"rows": rows, "width": germany.WIDTH, "height": germany.HEIGHT, "source": germany.SOURCE}


# Title, its page, and the further pages that belong to it.
NAVIGATION = (
    ("Das Projekt", "project", ()),
    ("Regionen und Träger", "regions:region_list", ("regions:organisation_list",)),
    ("Vernetzungstreffen", "meetings:meeting_list", ()),
    ("Gute Praxis", "practices:practice_list", ()),
    ("Dokumentationen", "documentation:documentation_list", ()),
    ("Veröffentlichungen", "documentation:publication_list", ()),
    ("Zahlen", "figures", ()),
)


@register.simple_tag(takes_context=True)
def main_navigation(context: template.Context) -> list[dict[str, str]]:
    """The main entries; `current` is "page" on the page itself, "true" below it, else empty."""
    path = context["request"].path if "request" in context else ""
    entries = []
    for title, name, further in NAVIGATION:
        url = reverse(name)
        below = any(path.startswith(start) for start in (url, *map(reverse, further)))
        entries.append({"title": title, "url": url, "current": "page" if path == url else "true" if below else ""})
    return entries
