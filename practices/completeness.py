"""What a practice still lacks: for its author's task list, before it is submitted, and before it is published."""

from collections.abc import Iterable
from dataclasses import dataclass

from practices.models import GoodPractice

STEPS = {
    1: "Das Beispiel",
    2: "Ausgangslage und Vorgehen",
    3: "Ergebnisse und Erfahrungen",
    4: "Bilder, Dateien, Kontakt",
    5: "Prüfen und absenden",
}
# Which step holds a field; the order is that of the form and of every list of texts.
STEP_OF = {
    "title": 1, "teaser": 1, "organisation": 1, "project": 1, "place": 1, "kind": 1, "phases": 1, "topics": 1,
    "occupational_fields": 1, "source_countries": 1, "target_group": 1,
    "situation": 2, "aim": 2, "approach": 2, "partners": 2, "resources": 2,
    "results": 3, "key_figure": 3, "success_factors": 3, "pitfalls": 3, "transfer": 3, "quote": 3,
    "contact_note": 4,
}  # fmt: skip
RELATIONS = ("phases", "topics", "occupational_fields", "source_countries")
TEXTS = tuple(name for name in STEP_OF if name not in {*RELATIONS, "organisation", "project", "kind"})

# To submit (walks.md): these and the consent.
NEEDED_TO_SUBMIT = {
    "title": "Geben Sie dem Beispiel einen Titel.",
    "teaser": "Schreiben Sie einen Kurztext: Was wurde gemacht, mit welchem Ergebnis?",
    "project": "Wählen Sie das Projekt aus, zu dem das Beispiel gehört.",
    "phases": "Wählen Sie mindestens eine Projektphase aus.",
    "approach": "Beschreiben Sie das Vorgehen.",
    "results": "Beschreiben Sie das Ergebnis.",
}
# Before it is published, so that others can do it too (domain.md 3.3).
NEEDED_TO_PUBLISH = {
    "topics": "Wählen Sie mindestens ein Thema aus, damit andere das Beispiel finden.",
    "target_group": "Nennen Sie die Zielgruppe.",
    "situation": "Beschreiben Sie die Ausgangslage: Welches Problem war zu lösen?",
    "aim": "Nennen Sie das Ziel.",
    "pitfalls": "Schreiben Sie, was Sie anders machen würden: Daraus lernen andere am meisten.",
}


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: the field, its step, and what to do."""

    field: str
    label: str
    text: str

    @property
    def step(self) -> int:
        return STEP_OF[self.field]


@dataclass(frozen=True)
class Step:
    """One line of the task list; `state` for the step list, `kind` and `label` for the badge."""

    number: int
    title: str
    url: str
    state: str
    kind: str
    label: str


def label_of(field: str) -> str:
    """The German name of a field."""
    return str(GoodPractice._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def is_filled(practice: GoodPractice, field: str) -> bool:
    """Whether the field says something; relations are read prefetched where they are."""
    if field in RELATIONS:
        return bool(getattr(practice, field).all())
    value = getattr(practice, f"{field}_id" if field in {"project", "organisation"} else field)
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _too_long(practice: GoodPractice) -> Iterable[Gap]:
    for field in TEXTS:
        limit = GoodPractice._meta.get_field(field).max_length  # type: ignore[union-attr]
        over = len(getattr(practice, field)) - (limit or 0)
        if limit and over > 0:
            yield Gap(field, label_of(field), f"Kürzen Sie den Text um {over} Zeichen.")


def _empty(practice: GoodPractice, needed: dict[str, str]) -> Iterable[Gap]:
    return (Gap(field, label_of(field), text) for field, text in needed.items() if not is_filled(practice, field))


def missing_to_submit(practice: GoodPractice) -> list[Gap]:
    """What keeps the practice from being submitted, in the order of the form. The consent is asked on sending."""
    return sorted([*_empty(practice, NEEDED_TO_SUBMIT), *_too_long(practice)], key=_place)


def missing_to_publish(practice: GoodPractice) -> list[Gap]:
    """What keeps an approved practice from being published."""
    return sorted([*missing_to_submit(practice), *_empty(practice, NEEDED_TO_PUBLISH)], key=_place)


def _place(gap: Gap) -> int:
    return list(STEP_OF).index(gap.field)


def steps(practice: GoodPractice, url_of: dict[int, str], current: int = 0) -> list[Step]:
    """The five steps with their state: done, something missing, or nothing written yet."""
    gaps = missing_to_submit(practice)
    rows = []
    for number, title in STEPS.items():
        state, kind, label = _state(practice, number, gaps)
        rows.append(Step(number, title, url_of[number], "current" if number == current else state, kind, label))
    return rows


def _state(practice: GoodPractice, number: int, gaps: list[Gap]) -> tuple[str, str, str]:
    fields = [field for field, step in STEP_OF.items() if step == number]
    if number == 5:
        return ("open", "info", "Noch offen") if gaps else ("open", "info", "Bereit zum Absenden")
    own = [gap for gap in gaps if gap.step == number]
    started = any(is_filled(practice, field) for field in fields)
    if own:
        return ("error", "warning", "Angaben fehlen") if started else ("open", "info", "Noch offen")
    if number == 4 and not started and not practice.images.all():
        return "open", "info", "Freiwillig"
    return "done", "success", "Fertig"
