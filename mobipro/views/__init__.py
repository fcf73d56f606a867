"""Pages that mix apps, and what every site needs; one room for each kind of page."""

from mobipro.views.errors import bad_request, csrf_failure, forbidden, not_found, server_error
from mobipro.views.figures import figures, figures_file
from mobipro.views.members import funder_file, funder_home, member_home
from mobipro.views.pages import page, project, report_barrier, search_page
from mobipro.views.regions import region, region_list
from mobipro.views.site import healthz, logo, readyz, robots, sitemap
from mobipro.views.start import home

__all__ = [
    "bad_request",
    "csrf_failure",
    "figures",
    "figures_file",
    "forbidden",
    "funder_file",
    "funder_home",
    "healthz",
    "home",
    "logo",
    "member_home",
    "not_found",
    "page",
    "project",
    "readyz",
    "region",
    "region_list",
    "report_barrier",
    "robots",
    "search_page",
    "server_error",
    "sitemap",
]
