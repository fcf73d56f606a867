"""The list with its facets and the page of one practice. Reading only."""

from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mobipro import html, search
from practices.facets import FACETS, ORDERS, PracticeFilter
from practices.models import GoodPractice
from regions.models import OccupationalField, Phase, SourceCountry, Topic
from regions.visibility import Visibility, access_of

PER_PAGE = 12
SECTIONS = (
    ("situation", "Ausgangslage"),
    ("aim", "Ziel"),
    ("approach", "Vorgehen"),
    ("partners", "Wer mitgemacht hat"),
    ("resources", "Aufwand"),
    ("results", "Ergebnis"),
    ("success_factors", "Was geholfen hat"),
    ("pitfalls", "Was wir anders machen würden"),
    ("transfer", "So geht es auch anderswo"),
)


class Word(NamedTuple):
    """A word of one of the vocabularies: its key in addresses, and its name."""

    key: str
    name: str


@require_safe
def practice_list(request: HttpRequest) -> HttpResponse:
    visible = GoodPractice.objects.visible_to(request.user).published()
    found = PracticeFilter(request.GET, queryset=visible)
    wanted = request.GET.get("sortierung", "")
    rows = found.in_order(wanted).select_related("organisation", "region").prefetch_related("phases", "topics")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("seite"))
    facets = found.facets()
    chips = [(facet.kind.name, option.key, option.label) for facet in facets for option in facet.chosen]
    if found.words:
        chips.insert(0, ("q", found.words, f"„{found.words}“"))
    context = {
        "filter": found,
        "facets": facets,
        "chips": chips,
        "chosen_count": len(chips),
        "is_filtered": any(request.GET.get(name) for name in ("q", *(kind.name for kind in FACETS))),
        "orders": [(key, label) for key, (label, _) in ORDERS.items()],
        "order": wanted if wanted in ORDERS else ("" if found.words else "neueste"),
        "page": page,
        "may_write": request.user.has_perm("practices.write_practice"),
    }
    template = "practices/practice_list.html"
    # htmx swaps the block with facets and hits; the address and the page without scripts are the same.
    return render(request, f"{template}#hits" if getattr(request, "htmx", None) else template, context)


def words_of(practice: GoodPractice) -> dict[str, list[Word]]:
    """Phases, topics, occupations and countries of one practice, in their order; one query for the four."""
    sources = (
        (Phase.objects.all(), "key", F("position")),
        (Topic.objects.all(), "slug", F("position")),
        (OccupationalField.objects.all(), "name", F("position")),
        (SourceCountry.objects.all(), "iso_code", Value(0)),
    )
    parts = [
        rows.filter(practices=practice)
        .order_by()
        .annotate(
            w_kind=Value(index, IntegerField()),
            w_place=Cast(place, IntegerField()),  # type: ignore[arg-type]
            w_key=Cast(key, CharField()),
            w_name=Cast("name", CharField()),
        )
        .values_list("w_kind", "w_place", "w_key", "w_name")
        for index, (rows, key, place) in enumerate(sources)
    ]
    found = sorted(parts[0].union(*parts[1:], all=True), key=lambda row: (row[0], row[1], search.sort_key(row[3])))
    names = ("phases", "topics", "fields", "countries")
    return {name: [Word(row[2], row[3]) for row in found if row[0] == index] for index, name in enumerate(names)}


def page_context(request: HttpRequest, practice: GoodPractice) -> dict[str, Any]:
    """What the page of one practice shows; its preview is made from the same."""
    images = list(practice.images.all())
    sections = [
        {"name": name, "title": title, "body": html.from_text(getattr(practice, name))}
        for name, title in SECTIONS
        if getattr(practice, name).strip()
    ]
    meeting = practice.source_meeting
    public_meeting = meeting and meeting.visibility == Visibility.PUBLIC and meeting.announced_at
    return {
        "practice": practice,
        "sections": sections,
        "lead_image": images[0] if images else None,
        "more_images": images[1:],
        "files": list(practice.files.all()),
        **words_of(practice),
        "meeting": meeting if public_meeting else None,
        "is_member": access_of(request.user).is_member,
    }


@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    visible = GoodPractice.objects.visible_to(request.user).published()
    found = get_object_or_404(
        visible.select_related("organisation", "region", "source_meeting"),
        slug=slug,
    )
    context = page_context(request, found)
    related = visible.exclude(pk=found.pk).filter(
        pk__in=GoodPractice.objects.filter(topics__slug__in=[word.key for word in context["topics"]]).values("pk")
    )
    context["related"] = list(related.select_related("organisation").order_by("-published_at")[:3])
    return render(request, "practices/practice.html", context)
