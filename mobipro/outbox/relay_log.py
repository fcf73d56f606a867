"""Reading a relay's log (Postfix format): did it accept the mail with this Message-ID?

Postfix writes "postfix/cleanup[…]: QUEUEID: message-id=<…>" as soon as it has read that header, also of a mail that
is then broken off. Accepted it is only when the queue manager takes it: "postfix/qmgr[…]: QUEUEID: from=<…> …
(queue active)", or when a delivery "status=" of the same queue id is logged.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

_LINE = re.compile(r"postfix[\w./-]*/([\w-]+)\[\d+\]: ([0-9A-Za-z]{5,20}): (.*)")
_STATUS = re.compile(r"\bstatus=(\w+)")
_MESSAGE_ID = re.compile(r"message-id=(<[^>]*>)")
_MAX_WORDS: Final = 1000


class Verdict(Enum):
    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    ABSENT = "absent"  # the relay never took it: safe to send again


@dataclass(frozen=True)
class Finding:
    verdict: Verdict
    words: str  # the line of the log that says so


@dataclass
class _Trace:
    accepted: str = ""
    status: str = ""
    bounced: bool = False


def look_up(path: str, message_ids: Collection[str]) -> dict[str, Finding] | None:
    """What the log and its rotated predecessor (".1") say about each Message-ID; None when it cannot be read."""
    queue_ids: dict[str, dict[str, str]] = {}  # Message-ID → queue id → line
    traces: dict[str, _Trace] = {}
    has_manager = False
    try:
        for line in _lines(path):
            parsed = _LINE.search(line)
            if parsed is None:
                continue
            daemon, queue_id, rest = parsed.groups()
            if daemon == "cleanup":
                found = _MESSAGE_ID.search(rest)
                if found and found[1] in message_ids:
                    queue_ids.setdefault(found[1], {})[queue_id] = line
                    traces[queue_id] = _Trace()  # queue ids are used again in time
                continue
            has_manager = has_manager or daemon == "qmgr"
            if queue_id in traces:
                _note(traces[queue_id], daemon, rest, line)
    except OSError:
        return None
    return {one: _finding(queue_ids.get(one, {}), traces, has_manager=has_manager) for one in message_ids}


def _lines(path: str) -> Iterator[str]:
    older = Path(f"{path}.1")
    for name in ([older] if older.exists() else []) + [Path(path)]:
        with open(name, encoding="utf-8", errors="replace") as file:
            yield from (line.rstrip() for line in file if "postfix" in line)


def _note(trace: _Trace, daemon: str, rest: str, line: str) -> None:
    status = _STATUS.search(rest)
    if status:
        trace.status = line
        trace.bounced = status[1] in {"bounced", "expired"}
    elif daemon == "qmgr" and "from=" in rest:
        trace.accepted = line


def _finding(queue_ids: dict[str, str], traces: dict[str, _Trace], *, has_manager: bool) -> Finding:
    for queue_id, first_line in queue_ids.items():
        trace = traces[queue_id]
        words = trace.status or trace.accepted
        if not words and not has_manager:
            words = first_line  # a shortened log: it names only what was accepted
        if words:
            return Finding(Verdict.BOUNCED if trace.bounced else Verdict.ACCEPTED, words[-_MAX_WORDS:])
    return Finding(Verdict.ABSENT, "")
