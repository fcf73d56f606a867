"""Wiring of the portal and its tools; no business rule lives here."""

from mobipro.celery import app as celery_app

__all__ = ["celery_app"]
