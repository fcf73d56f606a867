"""The hourly task of the network: silent projects are reminded, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobipro.outbox.models import OutboxMessage
from regions import figure_requests, tasks
from regions.models import ContactAssignment, FigureRequest
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_silent_project_is_reminded_once(kaya):
    project = factories.make_project("Nordlicht", code="NORD")
    contact = factories.make_contact("haupt@example.org", project.lead)
    ContactAssignment(contact=contact, project=project, function="project_lead", is_primary=True).save()
    today = timezone.localdate()
    days = {"as_of": today, "due_on": today + timedelta(days=30)}
    figure_requests.ask(project_ids=[project.pk], year=today.year, half=1, by=kaya, **days)
    tasks.clock()
    assert OutboxMessage.objects.count() == 1
    FigureRequest.objects.update(asked_at=timezone.now() - timedelta(days=14))
    tasks.clock()
    tasks.clock()
    assert OutboxMessage.objects.count() == 2
