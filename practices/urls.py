from django.urls import path

from practices.feeds import PracticeFeed
from practices.views import author, public, uploads

app_name = "practices"

urlpatterns = [
    path("", public.practice_list, name="practice_list"),
    path("feed.atom", PracticeFeed(), name="feed"),
    path("meine/", author.own_list, name="own_list"),
    path("neu/", author.create, name="create"),
    path("<int:pk>/", author.hub, name="hub"),
    path("<int:pk>/schritt/<int:step>/", author.edit, name="edit"),
    path("<int:pk>/vorschau/", author.preview, name="preview"),
    path("<int:pk>/absenden/", author.submit, name="submit"),
    path("<int:pk>/loeschen/", author.discard, name="discard"),
    path("<int:pk>/bild/", uploads.add_image, name="add_image"),
    path("<int:pk>/datei/", uploads.add_file, name="add_file"),
    path("bild/<int:pk>/", uploads.image, name="image"),
    path("bild/<int:pk>/entfernen/", uploads.remove_image, name="remove_image"),
    path("datei/<int:pk>/", uploads.file, name="file"),
    path("datei/<int:pk>/entfernen/", uploads.remove_file, name="remove_file"),
    path("<slug:slug>/", public.practice, name="practice"),
]
