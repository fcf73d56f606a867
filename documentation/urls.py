from django.urls import path

from documentation import feeds, subscription_views, views

app_name = "documentation"

urlpatterns = [
    path("dokumentation/", views.documentation_list, name="documentation_list"),
    path("dokumentation/feed.atom", feeds.DocumentationFeed(), name="feed"),
    path("dokumentation/<slug:slug>/", views.documentation, name="documentation"),
    path("dokumentation/<slug:slug>/fassung-<int:number>/", views.version, name="version"),
    path("dokumentation/<slug:slug>/fassung-<int:number>.pdf", views.pdf, name="pdf"),
    path("veroeffentlichungen/", views.publication_list, name="publication_list"),
    path("veroeffentlichungen/<slug:slug>/", views.publication, name="publication"),
    path("abo/", subscription_views.subscribe, name="subscribe"),
    path("abo/bestaetigen/<str:token>/", subscription_views.confirm, name="subscription_confirm"),
    path("abo/einstellungen/<str:token>/", subscription_views.manage, name="subscription"),
    path("abo/beenden/<str:token>/", subscription_views.unsubscribe, name="unsubscribe"),
]
