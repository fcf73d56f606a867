"""What several records share: dates and revision, search columns, the receipt of a form."""

import uuid
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction

from mobipro import search


class Dated(models.Model):
    """A record that knows its age and how often it was saved.

    `revision` counts saves; an editor's form carries the number it was loaded with, so that
    the second of two editors is told instead of overwriting the first.
    """

    created_at = models.DateTimeField("angelegt am", auto_now_add=True, editable=False)
    updated_at = models.DateTimeField("geändert am", auto_now=True, editable=False)
    revision = models.PositiveIntegerField("Bearbeitungsstand", default=0, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.revision += 1
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "revision", "updated_at"}
        super().save(*args, **kwargs)


class Searchable(models.Model):
    """Stored columns for search and German sorting (DIN 5007), refreshed on every save."""

    sort_key = models.CharField(max_length=200, editable=False, db_index=True, default="")
    search_title = models.TextField(editable=False, default="")
    search_text = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refresh_search()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "sort_key", "search_title", "search_text"}
        super().save(*args, **kwargs)

    def title_for_search(self) -> str:
        """The words that count most; also the sort order."""
        raise NotImplementedError

    def text_for_search(self) -> str:
        """Everything else a visitor may find the record by. Public words only."""
        return ""

    def refresh_search(self) -> None:
        title = self.title_for_search()
        self.sort_key = search.sort_key(title)[:200]
        self.search_title = search.index_text(title)
        self.search_text = search.index_text(self.text_for_search())


class AlreadyReceived(Exception):
    """This form arrived before. `result` tells where its effect is; empty when another kind of form had this id."""

    def __init__(self, receipt: "FormReceipt", result: str = ""):
        super().__init__("Dieses Formular wurde bereits gesendet.")
        self.receipt = receipt
        self.result = result


class FormReceipt(models.Model):
    """One row for each form that had an effect: the same form posted twice has it once.

    The row is written in the transaction of the job; the unique `form_id` decides between
    twenty simultaneous posts of one form.
    """

    form_id = models.UUIDField("Formularkennung", unique=True)
    purpose = models.CharField("Zweck", max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Person"
    )
    result = models.CharField("Ergebnis", max_length=500, blank=True)
    created_at = models.DateTimeField("eingegangen am", auto_now_add=True)

    class Meta:
        verbose_name = "Formulareingang"
        verbose_name_plural = "Formulareingänge"

    def __str__(self) -> str:
        return f"{self.purpose} {self.form_id}"

    @staticmethod
    def new_id() -> str:
        """A fresh value for a form's hidden field `form_id`."""
        return str(uuid.uuid4())

    @classmethod
    def take(cls, form_id: "str | uuid.UUID", *, purpose: str, user: Any = None, result: str = "") -> "FormReceipt":
        """Record that this form has its effect now; call inside the job's transaction.

        Raises AlreadyReceived when the same `form_id` had its effect before, and
        ValueError when it is no UUID.
        """
        key = form_id if isinstance(form_id, uuid.UUID) else uuid.UUID(str(form_id))
        try:
            with transaction.atomic():
                return cls.objects.create(
                    form_id=key, purpose=purpose, user=user if getattr(user, "pk", None) else None, result=result
                )
        except IntegrityError:
            earlier = cls.objects.get(form_id=key)
            raise AlreadyReceived(earlier, earlier.result if earlier.purpose == purpose else "") from None
