"""The coordinators' work area: Django's admin with the portal's words, rights, protection and look.

Apps register their ModelAdmins as usual (`@admin.register(Model)`), deriving from `PortalAdmin` and the inline
classes here, their boxes of the overview with `register_box`, further entries of the sidebar with `register_link`
and pages without a model with `register_page`.
"""

from mobipro.admin.base import PortalAdmin
from mobipro.admin.filters import FilledFilter, RecordFilter
from mobipro.admin.inlines import PortalStackedInline, PortalTabularInline
from mobipro.admin.registry import Badge, Box, Row, register_box, register_link, register_page
from mobipro.admin.site import CoordinationSite

__all__ = [
    "Badge",
    "Box",
    "CoordinationSite",
    "FilledFilter",
    "PortalAdmin",
    "PortalStackedInline",
    "PortalTabularInline",
    "RecordFilter",
    "Row",
    "register_box",
    "register_link",
    "register_page",
]
