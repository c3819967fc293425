"""How a fleet did over a time: each host in a few numbers, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.course import elapsed
from bot.domain.event import EventKind
from bot.domain.policy import Level, Severity
from bot.domain.trend import trend

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, timedelta

    from bot.domain.event import Event
    from bot.domain.history import Sample
    from bot.domain.host_state import HostState
    from bot.domain.incident import Incident
    from bot.domain.policy import Thresholds
    from bot.domain.route import Destination, Route

LEAK = "leak"
"""The name of the rule that finds services which grow steadily."""

# Of MemTotal: what changed less over the whole time is no trend.
_TREND_PERCENT = 5.0


@dataclass(frozen=True, slots=True)
class HostSummary:
    """One host: how it is now, its worst moment, where it is going, what happened; percents of MemTotal.

    `trend_percent` is by how much the memory available changed over the time, None where there is no trend.
    `error` says why it cannot be read now, empty if it can.
    """

    host: str
    level: Level
    percent_now: float | None
    least_percent: float | None
    least_at: datetime | None
    trend_percent: float | None
    error: str = ""
    leaks: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    kills: int = 0
    reboots: int = 0

    @property
    def happened(self) -> bool:
        """Whether anything happened that people would want to know."""
        return bool(self.incidents or self.leaks or self.kills or self.reboots or self.error)

    @property
    def worth_a_line(self) -> bool:
        """Whether there is something to say of it; that a host is always acceptable is not."""
        falling = self.trend_percent is not None and self.trend_percent < 0
        return self.happened or falling or self.level not in (Level.GOOD, Level.ACCEPTABLE)

    @property
    def grave(self) -> tuple[Incident, ...]:
        """Its incidents that are worth more than a note."""
        return tuple(each for each in self.incidents if each.worst > Severity.NOTICE)

    @property
    def badness(self) -> tuple[int, int, float, str]:
        """For sorting, the worst first: what happened, how it is, how little it had."""
        worst = max((incident.worst for incident in self.incidents), default=0)
        least = 100.0 if self.least_percent is None else self.least_percent
        return -int(worst), -self.level.severity, least, self.host


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Something that was to be said and never was: when we stopped trying, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All hosts, the worst first, with what concerns no single one of them.

    `fleet` are incidents of several hosts at once. `given_up` was to be said here and never was.
    """

    since: datetime
    until: datetime
    hosts: tuple[HostSummary, ...]
    fleet: tuple[Incident, ...] = ()
    given_up: tuple[Unsaid, ...] = ()

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """All incidents worth more than a note, by number; of a storm the storm alone."""
        fleet = (each for each in self.fleet if each.worst > Severity.NOTICE)
        found = (*fleet, *(each for host in self.hosts for each in host.grave))
        return tuple(sorted((each for each in found if each.parent is None), key=lambda each: each.id))

    @property
    def held(self) -> tuple[Incident, ...]:
        """Those that nobody was told of, because they were over before that: mostly in quiet hours."""
        unsaid = (each for each in self.incidents if each.told_at is None and each.destinations)
        return tuple(each for each in unsaid if not each.silenced and not each.is_open)

    @property
    def silenced(self) -> tuple[Incident, ...]:
        """Those that nobody wanted to hear of."""
        return tuple(each for each in self.incidents if each.silenced)


def host_summary(
    host: str,
    samples: Sequence[Sample],
    *,
    until: datetime,
    fresh: timedelta,
    thresholds: Thresholds,
    state: HostState | None,
    incidents: Iterable[Incident],
    events: Collection[Event],
) -> HostSummary:
    """Sum up one host from what was kept of the time; `samples` are oldest first.

    A sample that is older than `fresh` does not tell how the host is now.
    """
    shares = [
        (sample.taken_at, 100 * sample.mem_available_bytes / sample.mem_total_bytes)
        for sample in samples
        if sample.mem_available_bytes is not None and sample.mem_total_bytes > 0
    ]
    least = min(shares, key=lambda share: share[1], default=None)
    now = shares[-1][1] if shares and elapsed(shares[-1][0], until) <= fresh else None
    error = state.error if state else ""
    return HostSummary(
        host=host,
        level=Level.UNKNOWN if error or now is None else thresholds.level(now),
        percent_now=None if error else now,
        least_percent=least[1] if least else None,
        least_at=least[0] if least else None,
        trend_percent=_trend(shares),
        error=error,
        leaks=tuple(
            signal.sentence
            for signal in (state.signals if state else ())
            if signal.rule == LEAK and signal.severity
        ),
        incidents=tuple(incidents),
        kills=sum(event.kind is EventKind.OOM_KILL for event in events),
        reboots=sum(event.kind is EventKind.REBOOT for event in events),
    )


def _trend(shares: Sequence[tuple[datetime, float]]) -> float | None:
    """Return the change of what goes one way all the time: neither the course of a day nor a step does."""
    for sign in (1.0, -1.0):
        found = trend([(at.timestamp(), sign * share) for at, share in shares])
        if found is None or not found.is_steady_growth:
            continue
        changed = found.per_s * found.span_s
        return sign * changed if changed >= _TREND_PERCENT else None
    return None


def told_at(
    routes: Iterable[Route],
    destination: Destination,
    hosts: Iterable[tuple[str, tuple[str, ...]]],
    severity: Severity = Severity.CRITICAL,
) -> set[str]:
    """Return the names of the hosts of which something of this severity is said at a destination.

    `hosts` are names with their tags.
    """
    here = [route for route in routes if destination in route.to]
    return {
        name for name, tags in hosts if any(route.takes(name, tags, route.rules, severity) for route in here)
    }
