"""A Terminabfrage for tests: three quiet days, three people, and their answers."""

from datetime import datetime, timedelta

from django.utils import timezone

from meetings import polls

QUIET = [(2031, 3, 12), (2031, 3, 19), (2031, 3, 26)]


def span(day):
    return datetime(*day, 10), datetime(*day, 16)  # noqa: DTZ001 - on the clock in Berlin, as a form gives it


def days_from_now(number):
    return (timezone.localtime() + timedelta(days=number)).replace(hour=23, minute=59, tzinfo=None)


def start(meeting, people, by, days=QUIET, **values):
    values = {"closes_at": days_from_now(10), **values}
    return polls.start(meeting=meeting, spans=[span(day) for day in days], contacts=people, by=by, **values)


def voter(poll, name="erste"):
    return poll.voters.get(email=f"{name}@example.org")


def vote(poll, name, *answers, **values):
    options = list(poll.options.all())
    given = {option.pk: answer for option, answer in zip(options, answers, strict=False)}
    return polls.vote(voter=voter(poll, name), answers=given, **values)
