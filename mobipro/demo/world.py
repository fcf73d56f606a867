"""The whole demo world, in order. Everything happens in the caller's transaction."""

from datetime import date

from mobipro.demo import (
    build_answers,
    build_feedback,
    build_figures,
    build_holidays,
    build_meetings,
    build_network,
    build_polls,
    build_specials,
    build_subscriptions,
    build_tasks,
    build_texts,
    people,
)


def build(*, today: date, scale: int = 1) -> None:
    """Invented network, meetings around `today`, answers, texts. A scale of 20 makes twenty networks and years."""
    now = build_meetings.now_on(today)
    for copy in range(scale):
        build_network.build(today, copy)
    build_holidays.build(today.year)
    logins = people.create_logins()
    build_figures.build(now, logins)
    meetings = build_meetings.build(today, logins, years_back=scale - 1)
    build_specials.build(today, meetings, logins)
    build_answers.build(now, meetings)
    build_feedback.build(today, meetings)
    build_specials.ask_again(meetings)
    build_specials.fill(meetings, now)
    build_specials.let_choose(meetings, now)
    for copy in range(scale):
        build_texts.practices(now, logins, meetings, copy)
    build_texts.documentations(now, meetings)
    build_texts.archive()
    build_subscriptions.build(now)
    build_tasks.build(today, meetings)
    build_polls.build(today, meetings, logins)
