"""Forms of the personal page beside the answer: the workshop of each block, photos. They validate only."""

from collections.abc import Iterable
from typing import Any

from django import forms

from meetings.models import Registration
from meetings.workshops import Block, Workshop
from regions.forms import ReceiptFormMixin


class WorkshopSelect(forms.RadioSelect):
    """Radios of which the full ones cannot be chosen; whoever has a place in one keeps it."""

    full: frozenset[int] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.full and not option["selected"]:
            option["attrs"]["disabled"] = True
        return option


def workshop_fields(blocks: Iterable[Block], registration: Registration | None = None) -> dict[str, forms.Field]:
    """One field a block, by name; none is needed for the answer."""
    fields: dict[str, forms.Field] = {}
    for block in blocks:
        mine = block.chosen_by(registration)
        widget = WorkshopSelect()
        widget.full = frozenset(row.item.pk for row in block.workshops if row.left == 0 and row.item.pk != mine)
        when = f" um {block.starts_at:%H:%M} Uhr" if block.starts_at else ""
        fields[block.field] = forms.TypedChoiceField(
            label=f"Ihre Arbeitsgruppe{when}",
            choices=[(row.item.pk, _label(row, is_mine=row.item.pk == mine)) for row in block.workshops],
            coerce=int,
            empty_value=None,
            required=False,
            initial=mine,
            widget=widget,
            error_messages={"invalid_choice": "Diese Arbeitsgruppe gibt es nicht mehr. Wählen Sie eine andere."},
        )
    return fields


def _label(row: Workshop, *, is_mine: bool) -> str:
    if row.left is None or (is_mine and not row.left):
        return row.item.title
    left = "kein Platz mehr" if row.left == 0 else "noch 1 Platz" if row.left == 1 else f"noch {row.left} Plätze"
    return f"{row.item.title} ({left})"


class WorkshopForm(ReceiptFormMixin):
    """The choice alone, for whoever has a seat; changeable until the meeting begins."""

    mark_optional = False

    def __init__(self, data: Any = None, *, blocks: Iterable[Block], registration: Registration | None = None) -> None:
        super().__init__(data, prefix="gruppe")
        self.blocks = list(blocks)
        self.fields.update(workshop_fields(self.blocks, registration))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for block in self.blocks:
            if not data.get(block.field) and block.field not in self.errors:
                self.add_error(block.field, "Wählen Sie eine Arbeitsgruppe aus.")
        return data

    @property
    def chosen(self) -> list[int]:
        return [self.cleaned_data[block.field] for block in self.blocks]


class PhotoForm(ReceiptFormMixin):
    """One button says yes, one takes it back; nothing is preselected."""

    fotos = forms.ChoiceField(
        choices=[("ja", "ja"), ("nein", "nein")],
        error_messages={
            "required": "Wählen Sie, ob Fotos Sie zeigen dürfen.",
            "invalid_choice": "Wählen Sie, ob Fotos Sie zeigen dürfen.",
        },
    )
