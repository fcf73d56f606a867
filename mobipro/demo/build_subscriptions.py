"""Readers of "Neu im Netzwerk": enough to see in the work area what numbers look like. All addresses are invented."""

from datetime import datetime, timedelta

from documentation.models import Subscription
from regions.models import Region, Topic

#: Codes of regions, slugs of topics, and which kinds are left out.
READERS = (
    ((), (), ()),
    (("NORD",), (), ()),
    (("NORD", "NIHB"), ("berufsschule",), ()),
    (("BY",), ("sprachfoerderung", "pruefungen"), ()),
    (("BY",), (), ("practices",)),
    (("MD",), ("wohnen-und-ankommen",), ()),
    ((), ("ausbildungsabbrueche",), ("meetings",)),
    (("NRW",), (), ("documentations", "meetings")),
)


def build(now: datetime) -> None:
    """Eight who confirmed in the last weeks, and one who has not yet."""
    for number, (regions, topics, without) in enumerate(READERS, start=1):
        confirmed_at = now - timedelta(days=3 * number)
        row = Subscription(
            email=f"leserin-{number}@example.org",
            requested_at=confirmed_at - timedelta(minutes=7),
            confirmed_at=confirmed_at,
            last_sent_through=now,  # the first weekly mail is the next Monday's
            **dict.fromkeys(without, False),
        )
        row.save()
        row.regions.set(Region.objects.filter(code__in=regions))
        row.topics.set(Topic.objects.filter(slug__in=topics))
    Subscription(email="noch-offen@example.org", requested_at=now).save()
