from django.urls import path

from regions import views

urlpatterns = [
    path("einladung/<str:token>/", views.account_invitation, name="account_invitation"),
]
