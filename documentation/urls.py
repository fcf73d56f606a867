from django.urls import path

from documentation import feeds, views

app_name = "documentation"

urlpatterns = [
    path("dokumentation/", views.documentation_list, name="documentation_list"),
    path("dokumentation/feed.atom", feeds.DocumentationFeed(), name="feed"),
    path("dokumentation/<slug:slug>/", views.documentation, name="documentation"),
    path("dokumentation/<slug:slug>/fassung-<int:number>/", views.version, name="version"),
    path("dokumentation/<slug:slug>/fassung-<int:number>.pdf", views.pdf, name="pdf"),
    path("veroeffentlichungen/", views.publication_list, name="publication_list"),
    path("veroeffentlichungen/<slug:slug>/", views.publication, name="publication"),
]
