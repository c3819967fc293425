"""How a host did over a time: many checks reduced to as many points as a picture can show.

Each point is one whole check, the worst of its part of the time: the one with the least memory available, or
where one service is looked at, the one in which that held most. So no picture looks better than it was, and
what stands at one moment was measured at one moment. A part without a check is a gap and stays one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import pairwise
from math import inf
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bot.domain.event import Event
    from bot.domain.history import Retention, Sample
    from bot.domain.incident import Incident
    from bot.domain.policy import Thresholds

PERIODS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
"""The times one can ask for, by the words for them."""

MOST_POINTS = 600
_USUAL_AT_MOST = timedelta(minutes=10)
_THINNED_ONCE = timedelta(minutes=5)
_THINNED_TWICE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Point:
    """One part of the time: the worst check in it, or None; `at` is when that was, or the part's middle."""

    at: datetime
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class Course:
    """How a host did from `since` until `until`.

    `points` are evenly spaced; `samples` says how many checks they stand for. `least`, `most` and `latest`
    are by the memory that was available, or that `service` held where one is named.
    """

    host: str
    since: datetime
    until: datetime
    thresholds: Thresholds
    points: tuple[Point, ...]
    samples: int
    least: Sample | None
    most: Sample | None
    latest: Sample | None
    median_bytes: int | None
    growths: tuple[Growth, ...]
    incidents: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()
    service: str = ""

    @property
    def span(self) -> timedelta:
        """How long the time is."""
        return elapsed(self.since, self.until)


@dataclass(frozen=True, slots=True)
class Growth:
    """What a service held when it was first and last seen, and at most, in bytes."""

    service: str
    first_bytes: int
    last_bytes: int
    most_bytes: int

    @property
    def grown_bytes(self) -> int:
        """By how much it grew."""
        return self.last_bytes - self.first_bytes


def elapsed(begin: datetime, end: datetime) -> timedelta:
    """Return how long a time is; two times of one zone would be compared by what clocks show."""
    return end.astimezone(UTC) - begin.astimezone(UTC)


def course(
    samples: Sequence[Sample],
    since: datetime,
    until: datetime,
    *,
    host: str,
    thresholds: Thresholds,
    step: timedelta,
    service: str = "",
) -> Course:
    """Reduce a host's samples, oldest first, to a point for each `step` of the time."""
    value = held_by(service) if service else available
    known = [sample for sample in samples if value(sample) is not None]
    values = [number for sample in known if (number := value(sample)) is not None]
    badness = _most if service else _least
    return Course(
        host=host,
        since=since,
        until=until,
        thresholds=thresholds,
        points=_points(samples, since, until, step, lambda sample: badness(value(sample))),
        samples=len(samples),
        least=min(known, key=lambda sample: value(sample) or 0, default=None),
        most=max(known, key=lambda sample: value(sample) or 0, default=None),
        latest=known[-1] if known else None,
        median_bytes=round(median(values)) if values else None,
        growths=growths(samples),
        service=service,
    )


def least_step(span: timedelta, every: timedelta, keep: Retention, *, points: int = MOST_POINTS) -> timedelta:
    """Return how long a point of a picture of `span` is at least, by how far apart checks are kept."""
    between = every
    if span > keep.full:
        between = max(between, _THINNED_ONCE)
    if span > keep.five_minutes:
        between = max(between, _THINNED_TWICE)
    return max(span / points, 2 * between)


def step_of(samples: Sequence[Sample], least: timedelta) -> timedelta:
    """Return how long a point is, from `least` on: so long that each normally has a check in it.

    That depends on how far apart checks really were, up to a point: what somebody looked at now and then
    stays single points.
    """
    gaps = [(later.taken_at - sample.taken_at) for sample, later in pairwise(samples)]
    usual = min(sorted(gaps)[len(gaps) // 2], _USUAL_AT_MOST) if gaps else timedelta()
    return max(least, 2 * usual)


def available(sample: Sample) -> int | None:
    """Return the memory that was available."""
    return sample.mem_available_bytes


def held_by(service: str) -> Callable[[Sample], int | None]:
    """Return what tells how much a service held; None where it did not run."""

    def held(sample: Sample) -> int | None:
        return next((each.memory_bytes for each in sample.services if each.name == service), None)

    return held


def _least(value: int | None) -> float:
    return inf if value is None else value


def _most(value: int | None) -> float:
    return inf if value is None else -value


def _points(
    samples: Iterable[Sample],
    since: datetime,
    until: datetime,
    step: timedelta,
    badness: Callable[[Sample], float],
) -> tuple[Point, ...]:
    worst: dict[int, Sample] = {}
    for sample in samples:
        place = elapsed(since, sample.taken_at) // step
        if place not in worst or badness(sample) < badness(worst[place]):
            worst[place] = sample
    count = -(-elapsed(since, until) // step)
    middles = (since.astimezone(UTC) + step * place + step / 2 for place in range(count))
    return tuple(
        Point(worst[place].taken_at.astimezone(since.tzinfo), worst[place])
        if place in worst
        else Point(middle.astimezone(since.tzinfo), None)
        for place, middle in enumerate(middles)
    )


def growths(samples: Iterable[Sample]) -> tuple[Growth, ...]:
    """Return how each service grew, the largest first."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    most: dict[str, int] = {}
    for sample in samples:
        for each in sample.services:
            name, held = each.name, each.memory_bytes
            first.setdefault(name, held)
            last[name] = held
            if held > most.get(name, -1):
                most[name] = held
    found = (Growth(name, first[name], last[name], most.get(name, 0)) for name in first)
    return tuple(sorted(found, key=lambda each: (-each.most_bytes, each.service)))
