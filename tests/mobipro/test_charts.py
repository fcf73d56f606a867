"""Charts: valid, named, without anything the Content-Security-Policy forbids."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest

from mobipro import charts
from mobipro.charts import Break, Lane, Mark

REGIONS = [
    "Nord",
    "Niedersachsen & Bremen",
    "Berlin und Brandenburg",
    "NRW",
    "Hessen",
    "Sachsen",
    "Baden-Württemberg",
    "Bayern",
]
LANES = [Lane(name, number) for number, name in enumerate(REGIONS, 1)]
NODES = list(enumerate(REGIONS, 1))
SVG = "{http://www.w3.org/2000/svg}"
MARKS = [
    Mark(1, dt.date(2027, 3, 9), "documented", "Treffen <Nord>", "/treffen/1/"),
    Mark(8, dt.date(2027, 10, 1), "idea", "Treffen Bayern", "/treffen/2/"),
    Mark(None, dt.date(2027, 5, 19), "invited", "Bundesweit", "/treffen/3/"),
]


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314 - our own


def year(**options):
    return charts.network_year(
        2027,
        LANES,
        MARKS,
        dt.date(2027, 6, 1),
        [Break(dt.date(2027, 7, 1), dt.date(2027, 8, 9), "Ferien", 1)],
        **options,
    )


@pytest.mark.parametrize(
    "svg",
    [
        year(),
        year(linked=True),
        charts.network_year(2027, LANES, []),
        charts.ring(NODES, [(1, 2), (3, 99)], gold=2, label="Ring"),
        charts.ring([], gold=1),
        charts.cover_svg(NODES, {1, 2}, [(1, 2)], label="Umschlag"),
        charts.bar_chart([("<Spanien>", 1234), ("Polen", None), ("Italien", 0)], "Zahlen", "Personen"),
        charts.bar_chart([], "Zahlen", ""),
    ],
)
def test_svg_is_well_formed_and_uses_attributes_only(svg):
    root = parsed(svg)
    assert root.tag == f"{SVG}svg"
    for element in root.iter():
        assert element.tag not in {f"{SVG}style", f"{SVG}script"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on") or name == "id"]
    assert not re.search(r"\d\.\d{3}", svg)


def test_year_is_an_image_that_says_what_it_shows():
    root = parsed(year())
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Das Netzwerkjahr 2027: 3 Treffen"
    assert root.findtext(f"{SVG}desc") == (
        "9. März 2027, Nord: dokumentiert; 19. Mai 2027, bundesweit: Einladung läuft; 1. Okt. 2027, Bayern: geplant."
    )


def test_linked_year_is_hidden_from_assistive_technology_and_the_keyboard():
    root = parsed(year(linked=True))
    assert root.get("aria-hidden") == "true"
    links = list(root.iter(f"{SVG}a"))
    assert {link.get("href") for link in links} == {"/treffen/1/", "/treffen/2/", "/treffen/3/"}
    assert all(link.get("tabindex") == "-1" for link in links)


def test_year_shows_today_only_in_its_own_year():
    assert "heute" in year()
    assert "heute" not in charts.network_year(2027, LANES, MARKS, dt.date(2026, 6, 1))


def test_marks_of_other_years_and_unknown_lanes_are_left_out():
    marks = [Mark(1, dt.date(2026, 3, 1), "held", "alt"), Mark(77, dt.date(2027, 3, 1), "held", "fremd")]
    svg = charts.network_year(2027, LANES, marks)
    assert "alt (" not in svg
    assert "fremd (" not in svg


def test_signs_of_different_states_differ_in_shape():
    drawn = {word: charts.sign(shape, 0, 0) for shape, word in charts.STATES.values()}
    assert len(set(drawn.values())) == len(drawn) == 9


@pytest.mark.parametrize("day", [dt.date(2027, 1, 1), dt.date(2027, 12, 31), dt.date(2028, 2, 29)])
def test_first_last_and_leap_day_stand_inside_the_year(day):
    place = charts._place(day.year, day)
    assert charts._LEFT < place < charts._LEFT + 12 * charts._MONTH


def test_holidays_are_shaded_in_their_own_lane_and_named_in_the_legend():
    breaks = [
        charts.Break(dt.date(2027, 7, 1), dt.date(2027, 8, 10), "Schulferien", 1),
        charts.Break(dt.date(2026, 7, 1), dt.date(2026, 8, 10), "Schulferien", 1),
        charts.Break(dt.date(2027, 7, 1), dt.date(2027, 8, 10), "Schulferien", 77),
    ]
    svg = charts.network_year(2027, LANES, MARKS, None, breaks)
    shading = parsed(svg).find(f"{SVG}path[@class='break']")
    assert shading.get("d").count("M") == 1
    assert ">Schulferien<" in svg
    assert "Schulferien" not in charts.network_year(2027, LANES, MARKS)


def test_pairs_that_meet_often_are_joined_by_a_wider_line():
    def width(lines):
        return float(parsed(charts.ring(NODES, lines, label="Netz")).find(f"{SVG}line").get("stroke-width"))

    assert width([(1, 8)] * 3) > width([(1, 8)])
    assert "Nord mit Bayern (3-mal)" in charts.ring(NODES, [(1, 8)] * 3, label="Netz")


def test_long_region_names_break_after_their_hyphen():
    svg = charts.ring([(1, "Nord"), (2, "Niedersachsen-Bremen"), (3, "Bayern")], label="Netz")
    assert ">Niedersachsen-</text>" in svg
    assert ">Bremen</text>" in svg


def test_ring_tells_who_is_joined_and_who_is_next():
    root = parsed(charts.ring(NODES, [(1, 8)], gold=8, label="Das Netzwerk"))
    spoken = root.findtext(f"{SVG}desc")
    assert "Verbunden: Nord mit Bayern." in spoken
    assert "Hervorgehoben: Bayern." in spoken


def test_ring_without_label_is_decoration():
    root = parsed(charts.ring(NODES, named=False))
    assert root.get("aria-hidden") == "true"
    assert root.find(f"{SVG}title") is None


def test_cover_marks_its_region_in_gold():
    assert charts.cover_svg(NODES, 3).count("#F4B400") == 3
    assert "#F4B400" not in charts.cover_svg(NODES, None)


def test_bar_chart_writes_figures_and_withholds_small_ones():
    svg = charts.bar_chart([("Spanien", 1234), ("Polen", None)], "Teilnehmende", "Personen")
    assert "1\u202f234" in svg
    assert "Polen: unter 5 Personen" in svg
