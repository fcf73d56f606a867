"""Tagungsdokumentationen, publications and the portal's own pages."""

from documentation.models.documentation import DocumentationSection, DocumentationVersion, MeetingDocumentation
from documentation.models.page import BarrierReport, Page
from documentation.models.publication import Publication

__all__ = [
    "BarrierReport",
    "DocumentationSection",
    "DocumentationVersion",
    "MeetingDocumentation",
    "Page",
    "Publication",
]
