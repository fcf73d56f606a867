"""Create the base data row by row, by its key; what exists stays as the coordinators edited it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from documentation.models import Page
from meetings.models import TaskTemplate
from mobipro import html, search
from regions.models import (
    Cohort,
    FederalState,
    OccupationalField,
    Phase,
    ProgrammeSettings,
    Region,
    RegionState,
    ResponsibleBody,
    SourceCountry,
    Topic,
    TrainingOccupation,
)

HERE = Path(__file__).parent
START = date(2016, 2, 1)


def _load(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


@transaction.atomic
def create() -> None:
    """Everything, idempotent."""
    words = _load("vocabulary")
    _places(words)
    _vocabulary(words)
    _programme()
    _pages()
    _tasks()


def _places(words: dict[str, Any]) -> None:
    for iso_code, name, short, capital in words["federal_states"]:
        values = {"name": name, "short_name": short, "capital": capital, "sort_key": search.sort_key(name)}
        FederalState.objects.get_or_create(iso_code=iso_code, defaults=values)
    states = {state.iso_code: state for state in FederalState.objects.all()}
    taken = set(RegionState.objects.current().values_list("federal_state_id", flat=True))
    for number, code, name, slug, iso_codes in words["regions"]:
        region, is_new = Region.objects.get_or_create(
            number=number, defaults={"code": code, "name": name, "slug": slug}
        )
        for iso_code in iso_codes:
            if is_new and states[iso_code].pk not in taken:
                RegionState(region=region, federal_state=states[iso_code], valid_from=START).save()


def _vocabulary(words: dict[str, Any]) -> None:
    for position, (name, occupations) in enumerate(words["fields"].items(), start=1):
        field, _ = OccupationalField.objects.get_or_create(name=name, defaults={"position": position})
        for occupation in occupations:
            note = words["occupation_notes"].get(occupation, "")
            TrainingOccupation.objects.get_or_create(name=occupation, defaults={"field": field, "note": note})
    for iso_code, name in words["countries"].items():
        values = {"name": name, "sort_key": search.sort_key(name), "is_common": iso_code in words["common_countries"]}
        SourceCountry.objects.get_or_create(iso_code=iso_code, defaults=values)
    for year, funding in words["cohorts"].items():
        Cohort.objects.get_or_create(year=int(year), defaults={"funding": funding})
    for position, (key, name) in enumerate(words["phases"], start=1):
        Phase.objects.get_or_create(key=key, defaults={"name": name, "position": position})
    for position, (slug, name) in enumerate(words["topics"], start=1):
        Topic.objects.get_or_create(slug=slug, defaults={"name": name, "position": position})


def _programme() -> None:
    values = _load("programme")
    if not ProgrammeSettings.objects.exists():
        ProgrammeSettings(valid_from=START, **values["settings"]).save()
    for row in values["bodies"]:
        key = {"starts_on": date.fromisoformat(row["starts_on"]), "name": row["name"]}
        ends_on = date.fromisoformat(row["ends_on"]) if row["ends_on"] else None
        ResponsibleBody.objects.get_or_create(**key, defaults={"ends_on": ends_on, "task": row["task"]})


def _pages() -> None:
    for row in _load("pages"):
        if not Page.objects.filter(slug=row["slug"]).exists():
            Page(**{**row, "body": str(html.clean(row["body"]))}).save()


def _tasks() -> None:
    known = set(TaskTemplate.objects.values_list("kind", "key"))
    TaskTemplate.objects.bulk_create(
        TaskTemplate(
            kind=kind, key=key, title=title, offset_days=days, role=role, auto_done_by=milestone, position=position
        )
        for kind, rows in _load("tasks").items()
        for position, (key, title, days, role, milestone) in enumerate(rows, start=1)
        if (kind, key) not in known
    )
