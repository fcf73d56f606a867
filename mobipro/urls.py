"""The table of contents of the site: German addresses, English names."""

from django.contrib import admin
from django.urls import include, path

from meetings.views.certificates import check as check_certificate
from mobipro import views
from mobipro.views import operations  # noqa: F401 - registers its page with the admin site
from regions import urls as region_urls

# Region pages show meetings, so their views stand above the apps; their names stay "regions:…".
region_pages = [
    path("regionen/", views.region_list, name="region_list"),
    path("regionen/<slug:slug>/", views.region, name="region"),
    *region_urls.urlpatterns,
]

urlpatterns = [
    path("", views.home, name="home"),
    path("projekt/", views.project, name="project"),
    path("zahlen/", views.figures, name="figures"),
    path("zahlen/tabelle.xlsx", views.figures_file, name="figures_file"),
    path("suche/", views.search_page, name="search"),
    path("seite/<slug:slug>/", views.page, name="page"),
    path("barriere-melden/", views.report_barrier, name="report_barrier"),
    path("teilnahme-pruefen/", check_certificate, name="check_certificate"),
    path("mein-netzwerk/", views.member_home, name="member_home"),
    path("partner/", views.funder_home, name="funder_home"),
    path("partner/zahlen.xlsx", views.funder_file, name="funder_file"),
    path("konto/", include("regions.account_urls")),
    path("konto/", include("allauth.urls")),
    path("", include((region_pages, region_urls.app_name))),
    path("treffen/", include("meetings.urls")),
    path("gute-praxis/", include("practices.urls")),
    path("", include("documentation.urls")),
    path("admin/", admin.site.urls),
    path("logo/<slug:name>/", views.logo, name="logo"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
]

handler400 = "mobipro.views.bad_request"
handler403 = "mobipro.views.forbidden"
handler404 = "mobipro.views.not_found"
handler500 = "mobipro.views.server_error"
