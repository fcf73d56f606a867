from django.urls import path

from regions import figure_views, views

app_name = "regions"

# The pages of a region show meetings: they are mixed in mobipro/urls.py under the same name.
urlpatterns = [
    path("traeger/", views.organisation_list, name="organisation_list"),
    path("traeger/<slug:slug>/", views.organisation, name="organisation"),
    path("zahlen-melden/<str:token>/", figure_views.report_figures, name="report_figures"),
]
