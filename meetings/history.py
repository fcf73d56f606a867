"""Saving with the person and the reason that the history keeps."""

from typing import Any

from django.db import models


def save(record: models.Model, *, by: Any, reason: str) -> None:
    """`record.save()`; the history row says who and why."""
    record._history_user = by if getattr(by, "pk", None) else None  # type: ignore[attr-defined]
    record._change_reason = reason[:500]  # type: ignore[attr-defined]
    record.save()
