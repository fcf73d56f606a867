"""The proposer of a year's dates: facts in, a date for each meeting out, with its reasons. Pure, no database.

`facts` says what it is given, `rules` what must and what should hold, `solve` finds the dates, `explain` says why,
`hosts` whose turn it is to host. docs/decisions/0022 tells how it works; meetings/proposing.py is the job around it.
"""

from meetings.proposal.explain import Outcome, Proposed, propose
from meetings.proposal.facts import Allowed, Blocked, Kind, Lane, Problem, Settings, Slot, Veto
from meetings.proposal.hosts import Host, Turn, turns

__all__ = [
    "Allowed",
    "Blocked",
    "Host",
    "Kind",
    "Lane",
    "Outcome",
    "Problem",
    "Proposed",
    "Settings",
    "Slot",
    "Turn",
    "Veto",
    "propose",
    "turns",
]
