from django.urls import path

from meetings import feeds
from meetings.views import answer, certificates, check_in, feedback, followup, poll, public

app_name = "meetings"

urlpatterns = [
    path("", public.meeting_list, name="meeting_list"),
    path("kalender.ics", feeds.all_meetings, name="feed_all"),
    path("region/<slug:slug>/kalender.ics", feeds.of_region, name="feed_region"),
    path("neuer-link/", answer.new_link, name="new_link"),
    path("antwort/<str:token>/", answer.answer, name="answer"),
    path("antwort/<str:token>/kalender.ics", answer.answer_ics, name="answer_ics"),
    path("feedback/<str:token>/", feedback.feedback, name="feedback"),
    path("antwort/<str:token>/teilnahmebestaetigung.pdf", certificates.own_certificate, name="answer_certificate"),
    path("terminabfrage/<str:token>/", poll.poll, name="poll"),
    path("aufgabe/<str:token>/", followup.action, name="action"),
    path("<slug:slug>/", public.meeting, name="meeting"),
    path("<slug:slug>/kalender.ics", public.ics, name="ics"),
    path("<slug:slug>/check-in/", check_in.page, name="check_in"),
    path("<slug:slug>/check-in/eingaben/", check_in.entries, name="check_in_entries"),
    path("<slug:slug>/check-in/worker.js", check_in.worker, name="check_in_worker"),
    path("<slug:slug>/einladung-anfragen/", public.request_invitation, name="request_invitation"),
]
