"""Tagungsdokumentationen, publications, the portal's own pages, subscriptions."""

from documentation.models.documentation import DocumentationSection, DocumentationVersion, MeetingDocumentation
from documentation.models.page import BarrierReport, Page
from documentation.models.publication import Publication
from documentation.models.subscription import Subscription

__all__ = [
    "BarrierReport",
    "DocumentationSection",
    "DocumentationVersion",
    "MeetingDocumentation",
    "Page",
    "Publication",
    "Subscription",
]
