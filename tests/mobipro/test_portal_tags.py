from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from mobipro import germany
from mobipro.templatetags import portal

MORNING = datetime(2027, 6, 4, 8, 0, tzinfo=UTC)  # 10 o'clock in Berlin
AFTERNOON = datetime(2027, 6, 4, 14, 0, tzinfo=UTC)
CUT = (
    ("DE-SH", "DE-HH", "DE-MV"),
    ("DE-NI", "DE-HB"),
    ("DE-BE", "DE-BB"),
    ("DE-NW",),
    ("DE-HE", "DE-RP", "DE-SL"),
    ("DE-SN", "DE-ST", "DE-TH"),
    ("DE-BW",),
    ("DE-BY",),
)


class SampleForm(forms.Form):
    title = forms.CharField(label="Titel", help_text="Höchstens 100 Zeichen.", max_length=100)
    note = forms.CharField(label="Notiz", required=False, widget=forms.TextInput(attrs={"placeholder": "Notiz"}))
    phase = forms.ChoiceField(
        label="Phase", choices=[("a", "Praktikum"), ("b", "Ausbildung")], widget=forms.RadioSelect
    )
    countries = forms.MultipleChoiceField(
        label="Länder", choices=[("es", "Spanien")], widget=forms.CheckboxSelectMultiple, required=False
    )
    agreed = forms.BooleanField(label="Einverstanden")
    secret = forms.CharField(widget=forms.HiddenInput)


def rendered(source, **context):
    return Template("{% load portal %}" + source).render(Context(context))


def test_day_is_written_with_weekday_and_month():
    assert portal.day(date(2027, 6, 4)) == "Fr, 4. Juni 2027"


def test_day_of_a_late_evening_is_the_day_in_berlin():
    assert portal.day(datetime(2027, 6, 3, 23, 30, tzinfo=UTC)) == "Fr, 4. Juni 2027"


def test_day_time_names_full_hours_without_minutes():
    assert portal.day_time(MORNING, AFTERNOON) == "Fr, 4. Juni 2027, 10–16 Uhr"


def test_day_time_names_minutes_where_there_are_any():
    assert portal.day_time(MORNING.replace(minute=30), AFTERNOON) == "Fr, 4. Juni 2027, 10:30–16 Uhr"


def test_day_time_without_an_end():
    assert portal.day_time(MORNING) == "Fr, 4. Juni 2027, 10 Uhr"


def test_day_time_over_two_days_names_both():
    end = datetime(2027, 6, 5, 10, 15, tzinfo=UTC)
    assert portal.day_time(MORNING, end) == "Fr, 4. Juni 2027, 10 Uhr, bis Sa, 5. Juni 2027, 12:15 Uhr"


def test_stamp_is_a_date_and_a_clock_time():
    assert portal.stamp(datetime(2026, 11, 22, 11, 41, tzinfo=UTC)) == "22.11.2026, 12:41 Uhr"


@pytest.mark.parametrize("written", [portal.day, portal.day_short, portal.day_time, portal.hours, portal.stamp])
def test_a_missing_date_is_an_empty_text(written):
    assert written(None) == ""


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 Byte"), (999, "999 Byte"), (651_000, "651 kB"), (1_200_000, "1,2 MB"), (999_700, "1,0 MB"), (None, "")],
)
def test_file_sizes_are_german(size, text):
    assert portal.filesize_de(size) == text


def test_months_by_number_and_by_day():
    assert (portal.month_name(3), portal.month_short(9), portal.month_short(MORNING)) == ("März", "Sept.", "Juni")


def test_a_field_has_label_hint_and_control_tied_together():
    html = SampleForm()["title"].as_field_group()
    assert '<label class="kern-label" for="id_title">Titel</label>' in html
    assert 'id="id_title_helptext"' in html
    assert 'aria-describedby="id_title_helptext"' in html
    assert "– optional" not in html


def test_an_optional_field_says_so_and_loses_its_placeholder():
    html = SampleForm()["note"].as_field_group()
    assert "– optional" in html
    assert "placeholder" not in html


def test_a_form_can_leave_out_the_optional_marks():
    form = SampleForm()
    form.mark_optional = False
    assert "– optional" not in form["note"].as_field_group()


def test_an_error_stands_at_its_field_and_is_read_with_it():
    html = SampleForm({})["title"].as_field_group()
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert "kern-form-input__input--error" in html


def test_radios_stand_in_a_fieldset_with_a_legend():
    html = SampleForm()["phase"].as_field_group()
    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count("kern-form-check__radio") == 2
    assert '<label class="kern-label" for="id_phase_0">Praktikum</label>' in html


def test_a_whole_form_uses_the_same_fields():
    html = SampleForm().as_div()
    assert html.count("kern-label") >= 7
    assert 'type="hidden"' in html


def test_error_summary_counts_and_links_to_the_controls():
    html = rendered("{% error_summary form %}", form=SampleForm({"note": "x", "secret": "y"}))
    assert "Bitte prüfen Sie 3 Angaben" in html
    for target in ("#id_title", "#id_phase_0", "#id_agreed"):
        assert f'href="{target}"' in html


def test_error_summary_of_one_error_is_in_the_singular():
    form = SampleForm({"title": "x", "phase": "a", "secret": "y"})
    assert "Bitte prüfen Sie eine Angabe" in rendered("{% error_summary form %}", form=form)


def test_error_summary_takes_formsets_and_nothing():
    formset = forms.formset_factory(SampleForm)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-title": "x", "form-0-secret": "y"}
    )
    errors = portal.form_errors([formset, SampleForm(), None])
    assert [error["target"] for error in errors] == ["id_form-0-phase_0", "id_form-0-agreed"]


def test_error_summary_draws_nothing_without_errors():
    assert "<section" not in rendered("{% error_summary form %}", form=SampleForm())


def test_a_badge_has_words_and_an_icon():
    html = rendered('{% include "components/badge.html" with kind="strange" label="geplant" %}')
    assert "geplant" in html
    assert "kern-icon--info" in html


def test_pagination_keeps_the_filters():
    request = RequestFactory().get("/", {"thema": "sprache", "seite": "2"})
    page = Paginator(range(100), 10).get_page(2)
    html = render_to_string("components/pagination.html", {"page": page}, request=request)
    assert 'href="?thema=sprache&amp;seite=3"' in html
    assert 'aria-current="page"' in html


def test_pagination_of_one_page_draws_nothing():
    page = Paginator(range(3), 10).get_page(1)
    assert "<nav" not in rendered('{% include "components/pagination.html" %}', page=page)


def test_a_filter_chip_removes_only_its_value_and_the_page():
    request = RequestFactory().get("/", {"thema": ["a", "b"], "land": "es", "seite": "3"})
    assert portal.without({"request": request}, "thema", "a") == "?thema=b&land=es"
    assert portal.without({"request": request}, "land") == "?thema=a&thema=b"


def test_every_region_of_the_map_has_its_outline_and_a_number_inside():
    shapes = germany.shapes(CUT)
    assert len(shapes) == 8
    for codes, shape in zip(CUT, shapes, strict=True):
        assert len(shape.paths) == len(codes)
        assert shape.outline.startswith("M")
        assert bool(shape.inner) == (len(codes) > 1)
        assert 0 < shape.x < germany.WIDTH
        assert 0 < shape.y < germany.HEIGHT


def test_neighbours_on_the_map_never_share_a_tint():
    nord, niedersachsen, brandenburg, nrw, mitte, ost, bw, bayern = (shape.tint for shape in germany.shapes(CUT))
    touching = [(nord, niedersachsen), (nord, brandenburg), (niedersachsen, nrw), (niedersachsen, mitte)]
    touching += [(niedersachsen, ost), (brandenburg, ost), (nrw, mitte), (mitte, ost), (mitte, bw), (bw, bayern)]
    assert all(first != second for first, second in touching)


def test_another_cut_of_the_regions_draws_too():
    shapes = germany.shapes((tuple(germany.PATHS), ()))
    assert shapes[0].outline
    assert shapes[1].paths == ()


def test_the_map_links_each_region_for_the_mouse_only():
    regions = [
        SimpleNamespace(
            number=number, name=f"Region {number}", iso_codes=list(codes), get_absolute_url=lambda n=number: f"/r/{n}/"
        )
        for number, codes in enumerate(CUT, 1)
    ]
    html = rendered("{% germany_map regions current %}", regions=regions, current=regions[2])
    assert html.count('tabindex="-1"') == 8
    assert 'href="/r/8/"' in html
    assert "r3 r--here" in html
    assert germany.SOURCE in html
