"""Incidents: one for each host and cause, from triggered to resolved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.policy import Severity
    from bot.domain.route import Destination


class State(StrEnum):
    """Where an incident is."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Turn(StrEnum):
    """What happened to an incident."""

    OPENED = "opened"
    WORSE = "worse"
    BETTER = "better"
    NEWS = "news"
    ACKNOWLEDGED = "acknowledged"
    REPEATED = "repeated"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that is broken within an incident, and since when."""

    rule: str
    subject: str
    severity: Severity
    sentence: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an incident's story: what happened, when, said how; `by` is who did it, or empty."""

    turn: Turn
    at: datetime
    sentence: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A service that may be to blame: its memory, its growth since the last good check, what can be done."""

    service: str
    memory_bytes: int
    grown_bytes: int | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is or was wrong with a host.

    `host` is empty for an incident of the fleet: a storm, whose `cause` is `storm <rule>`, or our own
    blindness, whose cause is BLIND. `parent` is the number of the storm it is part of; then only the storm is
    announced. `severity` is what it is now (at the end: what it was last), `worst` the worst it has been.
    `breaches` are the rules that are broken now. `picture` is the breakdown in brief, `since_good` what
    changed since the last good check, `suspects` the likeliest, worst first: all as of `seen_at`.
    `destinations` are where it is announced, settled when it opens; `silenced` tells that nobody was told.
    `told_at` is when people were last told something new, `escalated_at` when it was escalated.
    """

    id: int
    host: str
    cause: str
    state: State
    severity: Severity
    worst: Severity
    opened_at: datetime
    changed_at: datetime
    seen_at: datetime
    breaches: tuple[Breach, ...] = ()
    story: tuple[Change, ...] = ()
    picture: tuple[str, ...] = ()
    since_good: tuple[str, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    destinations: tuple[Destination, ...] = ()
    told_at: datetime | None = None
    escalated_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    resolved_at: datetime | None = None
    parent: int | None = None
    silenced: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state is not State.RESOLVED

    @property
    def card(self) -> str:
        """The name of its card in the outbox."""
        return f"incident {self.id}"


BLIND = "blind"
"""The cause of the incident that no host at all can be reached: it is more likely our own network."""
