"""What the author's forms accept, and what they say."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from practices import drafts
from practices.forms import STEP_FORMS, CreateForm, ExampleForm, FileForm, ImageForm, SubmitForm, organisations_of
from regions.models import ContactAssignment, Phase
from tests.factories import make_contact, make_project, make_traeger
from tests.practices.conftest import form_id, make_practice, picture


def approach(practice, **data):
    return STEP_FORMS[2]({"seen": practice.revision, **data}, practice=practice, user=practice.author)


@pytest.mark.parametrize(("length", "error"), [(4000, ""), (4001, "um 1 Zeichen zu lang (erlaubt: 4.000)")])
def test_limit_counts_characters_and_says_how_many_are_too_many(draft, length, error):
    form = approach(draft, approach="ß" * length)
    assert error in str(form.errors.get("approach", ""))


def test_line_end_of_a_browser_counts_once_and_blanks_around_do_not(draft):
    form = approach(draft, approach="  eins\r\nzwei  ")
    assert form.is_valid()
    assert form.cleaned_data["approach"] == "eins\nzwei"


def test_overlong_text_of_a_draft_is_kept_and_an_overlong_line_is_not(draft):
    long = approach(draft, approach="x" * 4100)
    assert not long.is_valid()
    assert long.savable()["approach"] == "x" * 4100
    line = ExampleForm({"title": "x" * 101, "seen": draft.revision}, practice=draft, user=draft.author)
    assert not line.is_valid()
    assert "title" not in line.savable()


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b"])
def test_control_characters_are_refused_in_german(draft, text):
    assert "Steuerzeichen nach „a“" in str(approach(draft, approach=text).errors["approach"])


@pytest.mark.parametrize("seen", ["", "x", "-5", "9" * 30])
def test_forged_revision_is_no_crash(draft, seen):
    form = STEP_FORMS[2]({"seen": seen, "approach": "x"}, practice=draft, user=draft.author)
    form.is_valid()
    assert isinstance(form.loaded_revision, int)


def test_other_person_s_text_stands_beside_one_s_own(draft):
    form = approach(draft, approach="Meins", aim="")
    draft.approach, draft.aim = "Das der anderen", ""
    form.is_valid()
    form.show_other(draft, ["approach", "aim"])
    assert "„Das der anderen“" in str(form.errors["approach"])
    assert "„leer“" in str(form.errors["aim"])
    assert form["approach"].value() == "Meins"


def test_long_text_of_the_other_stands_whole_beside_the_field_and_short_in_the_error(draft):
    form = approach(draft, approach="Meins")
    draft.approach = "Wort " * 200 + "Ende <b>"
    form.is_valid()
    form.show_other(draft, ["approach"])
    assert len(str(form.errors["approach"][0])) < 350
    assert "Ende &lt;b&gt;" in form.fields["approach"].help_text


def test_choices_of_another_are_named(draft):
    form = ExampleForm({"title": "x", "seen": "1"}, practice=draft, user=draft.author)
    form.is_valid()
    form.show_other(draft, ["phases", "kind"])
    assert Phase.objects.get(key="training_1").name in str(form.errors["phases"])
    assert draft.get_kind_display() in str(form.errors["kind"])


def test_project_of_another_house_cannot_be_chosen(draft):
    other = make_project("Andere", "BY", lead=make_traeger("Anderer Träger", "Anderer"))
    form = ExampleForm({"title": "x", "project": other.pk, "seen": "1"}, practice=draft, user=draft.author)
    assert "gehört nicht zu Ihrem Träger" in str(form.errors["project"])


def test_only_project_is_preset(gross):
    practice = make_practice(gross)
    practice.project = None
    form = ExampleForm(practice=practice, user=gross)
    assert form["project"].value() == gross.roles.get().organisation.projects.get().pk


def test_of_several_projects_the_one_in_which_the_author_works_is_preset(gross):
    organisation = gross.roles.get().organisation
    assert drafts.preset_project(organisation=organisation, by=gross) == organisation.projects.get()
    second = make_project("Handwerk ohne Grenzen", lead=organisation)
    assert drafts.preset_project(organisation=organisation, by=gross) is None
    contact = make_contact("gross@example.org", organisation, user=gross)
    ContactAssignment(contact=contact, project=second, function="support_worker").save()
    assert drafts.preset_project(organisation=organisation, by=gross) == second


def test_author_writes_for_the_own_house_and_nobody_else(gross, bavarian, lindner):
    assert list(organisations_of(gross)) == [gross.roles.get().organisation]
    assert not organisations_of(lindner).exists()
    assert gross.roles.get().organisation not in organisations_of(bavarian)


def test_create_form_names_its_error_and_needs_no_traeger_where_there_is_one(gross):
    form = CreateForm({"title": "", "form_id": form_id()}, user=gross)
    assert str(form.errors["title"].as_text()).startswith("* Geben Sie dem Beispiel einen Titel.")
    assert "organisation" not in form.fields


def test_picture_needs_file_description_credit_and_consent():
    form = ImageForm({"form_id": form_id()}, {})
    assert set(form.errors) == {"file", "alt", "credit", "consent"}
    assert "zwingend" not in str(form.errors)


def test_text_file_named_as_a_picture_is_refused():
    upload = SimpleUploadedFile("foto.jpg", b"kein Bild", "image/jpeg")
    data = {"alt": "x", "credit": "x", "consent": "on", "form_id": form_id()}
    assert "file" in ImageForm(data, {"file": upload}).errors
    assert ImageForm(data, {"file": SimpleUploadedFile("foto.jpg", picture())}).is_valid()


def test_empty_and_missing_pdf_say_what_to_do():
    empty = FileForm({"title": "Liste", "form_id": form_id()}, {"file": SimpleUploadedFile("a.pdf", b"")})
    assert "Diese Datei ist leer" in str(empty.errors["file"])
    assert "Wählen Sie eine PDF-Datei aus" in str(FileForm({"title": "Liste"}, {}).errors["file"])


def test_sending_asks_for_the_consent():
    assert "Bestätigen Sie Ihr Einverständnis" in str(SubmitForm({"form_id": form_id()}).errors["consent"])


def test_question_is_added_to_the_hint_and_escaped(draft):
    form = approach(draft)
    form.show_remarks([{"field": "approach", "text": "<b>Wie?</b>"}, {"field": "", "text": "Schön."}])
    assert "Rückfrage der Koordination: &lt;b&gt;Wie?&lt;/b&gt;" in form.fields["approach"].help_text
    assert "Schön" not in "".join(field.help_text for field in form.fields.values())
