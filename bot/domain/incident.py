"""Incidents: one for each host and cause, from triggered to resolved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.policy import Severity
    from bot.domain.route import Destination
    from bot.domain.signal import Signal


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
class News:
    """What has happened within an incident; `again` if the like is known of it."""

    sentence: str
    again: bool


@dataclass(frozen=True, slots=True)
class Suspect:
    """A service that may be to blame: its memory, its growth since the last good check, what can be done.

    `remedy_words` ask for what can be done, `remedy_label` names it on a button; both are empty where there
    is no such thing, or nobody who may approve it.
    """

    service: str
    memory_bytes: int
    grown_bytes: int | None = None
    advice: str = ""
    remedy_words: str = ""
    remedy_label: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is or was wrong with a host.

    `host` is empty for an incident of the fleet: a storm, whose `cause` is `storm <rule>`, or our own
    blindness, whose cause is BLIND. `parent` is the number of the storm it is part of; then only the storm is
    announced. `severity` is what it is now (at the end: what it was last), `worst` the worst it has been.
    `breaches` are the rules that are broken now. `picture` is the breakdown in brief, `since_good` what
    changed since the last good check, `suspects` the likeliest, worst first: all as of `seen_at`.
    `destinations` are where it is announced, settled when it opens; `silenced` tells that nobody was told,
    of it or of how bad it is now.
    `told_at` is when people were last told something new, `called_at` when they were last told that it began
    or got worse, `escalated_at` when it was escalated.
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
    called_at: datetime | None = None

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


_REFRESH = timedelta(minutes=5)
_NEWS_APART = timedelta(minutes=5)
_RELAPSE = timedelta(minutes=30)
_LONGEST_STORY = 40
_ALARMS = (Turn.OPENED, Turn.REOPENED, Turn.WORSE)


def breaches_of(signals: Iterable[Signal], cause: str) -> tuple[Breach, ...]:
    """Return what is broken of one cause, the worst first, then what has been so for longest."""
    broken = [
        Breach(signal.rule, signal.subject, signal.severity, signal.sentence, signal.since)
        for signal in signals
        if signal.cause == cause and signal.severity is not None
    ]
    return tuple(sorted(broken, key=lambda breach: (-breach.severity, breach.since, breach.rule)))


def opened(number: int, host: str, cause: str, breaches: tuple[Breach, ...], at: datetime) -> Incident:
    """Return a new incident of at least one breach, and in its story that it began."""
    worst = breaches[0]
    return Incident(
        id=number,
        host=host,
        cause=cause,
        state=State.TRIGGERED,
        severity=worst.severity,
        worst=worst.severity,
        opened_at=at,
        changed_at=at,
        seen_at=at,
        breaches=breaches,
        story=(Change(Turn.OPENED, at, worst.sentence),),
    )


def reopened(incident: Incident, breaches: tuple[Breach, ...], at: datetime) -> Incident:
    """Return an incident that had been over, as it is now that the same is wrong again."""
    worst = breaches[0]
    again = replace(
        incident,
        state=State.TRIGGERED,
        severity=worst.severity,
        worst=max(incident.worst, worst.severity),
        breaches=breaches,
        seen_at=at,
        resolved_at=None,
        acknowledged_at=None,
        acknowledged_by="",
        escalated_at=None,
    )
    return told(again, Change(Turn.REOPENED, at, worst.sentence))


def followed(
    incident: Incident,
    breaches: tuple[Breach, ...],
    news: tuple[News, ...],
    at: datetime,
    seen_at: datetime,
) -> Incident:
    """Return an open incident as it is after a check that found at least one breach.

    `seen_at` is when the host was last seen: figures are renewed with every change, and every few minutes
    otherwise. What happened is the last of the story, if the story has grown.
    """
    worst = breaches[0]
    change = _change(incident, worst, news, at)
    is_same = change is None and _broken(breaches) == _broken(incident.breaches)
    if is_same and seen_at - incident.seen_at < _REFRESH:
        return incident
    now = replace(
        incident,
        severity=worst.severity,
        worst=max(incident.worst, worst.severity),
        breaches=breaches,
        seen_at=seen_at,
    )
    if change is None:
        return now
    return worsened(now, change) if change.turn is Turn.WORSE else told(now, change)


def worsened(incident: Incident, change: Change) -> Incident:
    """Return an incident that got worse: whoever acknowledged it did not acknowledge this."""
    if incident.state is State.ACKNOWLEDGED:
        incident = replace(
            incident, state=State.TRIGGERED, acknowledged_at=None, acknowledged_by="", escalated_at=None
        )
    return told(incident, change)


def _change(incident: Incident, worst: Breach, news: tuple[News, ...], at: datetime) -> Change | None:
    """Say what is new. What was told a short time ago is not told again: the card shows it all the same."""
    recently = any(_is_recent(incident, turn, at, _NEWS_APART) for turn in (Turn.NEWS, *_ALARMS))
    happened = tuple(dict.fromkeys(each.sentence for each in news if not (each.again and recently)))
    if worst.severity > incident.severity:
        relapse = worst.severity <= incident.worst and _is_recent(incident, Turn.BETTER, at, _RELAPSE)
        if happened or not relapse:
            return Change(Turn.WORSE, at, "; ".join(dict.fromkeys((*happened, worst.sentence))))
        return None
    if happened:
        return Change(Turn.NEWS, at, "; ".join(happened))
    return Change(Turn.BETTER, at, worst.sentence) if worst.severity < incident.severity else None


def _is_recent(incident: Incident, turn: Turn, at: datetime, within: timedelta) -> bool:
    """Tell whether this happened a short time ago, and since the incident last began."""
    for change in reversed(incident.story):
        if change.turn is turn:
            return at - change.at < within
        if change.turn in (Turn.OPENED, Turn.REOPENED):
            return False
    return False


def _broken(breaches: Iterable[Breach]) -> set[tuple[str, str, Severity]]:
    return {(breach.rule, breach.subject, breach.severity) for breach in breaches}


def resolved(incident: Incident, sentence: str, at: datetime) -> Incident:
    """Return an incident that is over."""
    over = replace(incident, state=State.RESOLVED, resolved_at=at, breaches=())
    return told(over, Change(Turn.RESOLVED, at, sentence))


def told(incident: Incident, change: Change) -> Incident:
    """Return the incident with one more change in its story; a long one loses its middle."""
    story = incident.story
    if len(story) >= _LONGEST_STORY:
        story = (story[0], *story[-_LONGEST_STORY + 2 :])
    return replace(incident, story=(*story, change), changed_at=change.at)


def news_since(before: Incident, now: Incident) -> tuple[Change, ...]:
    """Return by what the story has grown."""
    return tuple(change for change in now.story if change not in before.story)


def unsaid(incident: Incident) -> tuple[Change, ...]:
    """Return the latest alarm since people were told something, if it has not got better since."""
    for change in reversed(incident.story):
        if change.turn is Turn.BETTER or (incident.told_at and change.at <= incident.told_at):
            break
        if change.turn in _ALARMS:
            return (change,)
    return ()


def alarmed_at(incident: Incident) -> datetime:
    """Return when it last began, or last got worse."""
    return max((c.at for c in incident.story if c.turn in _ALARMS), default=incident.opened_at)
