"""The coordinators' pages for documentations, publications and the portal's own pages."""

from documentation.admin import documentation, page, publication, subscription

__all__ = ["documentation", "page", "publication", "subscription"]
