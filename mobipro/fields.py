"""Form fields that bear what a forged form sends."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet


class ManyOf(forms.ModelMultipleChoiceField):
    """Several records of a list; a number that no database holds is a wrong choice, not an error page.

    Django checks the size of one number it looks up, but not of numbers in a list: SQLite's driver overflows.
    """

    def clean(self, value: Any) -> QuerySet:
        try:
            return super().clean(value)
        except OverflowError:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": "…"}
            ) from None
