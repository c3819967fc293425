"""A service that grows steadily since it was started, as one that never gives memory back does."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from bot.domain.attribution import Kind
from bot.domain.check import Checked
from bot.domain.rule import Reading, Rule, Settings, beyond, half, plain, service_cause, standing, well
from bot.domain.trend import trend
from bot.domain.units import MIB, duration, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.attribution import Service
    from bot.domain.rule import Observation
    from bot.domain.signal import Signal
    from bot.domain.trend import Point, Trend

Sizes = defaultdict[tuple[str, str], list[tuple[datetime, int]]]
"""What each service held, and when; by its name and the method by which that was found."""

_NAME = "leak"
_EVERY_S = 600
_LONG_EVERY_S = 6 * 3600
_DAY_S = 86_400
# A day holds both its busy and its quiet hours.
_WINDOW = timedelta(days=1)
_LONG_WINDOW = timedelta(days=3)
_START_UP_S = 60
_LEAST_S = 6 * 3600
_LEAST_POINTS = 24
_LEAST_GROWN_BYTES = 50 * MIB
_LEAST_GROWN_PART = 0.2
_NOT_JUDGED = (Kind.MEMWARDEN, Kind.USER)


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge each service once in ten minutes, because the history is slow to read.

    A service leaks if it grew for at least six hours, by 20 % and 50 MiB, in nearly every pair of samples and
    in every third of the time: caches that fill end their growth, jobs give their memory back. Mostly that is
    looked for within a day; within three days, for slow leaks, once in six hours and where one is known.
    """
    checked = observation.outcome
    if not isinstance(checked, Checked) or not _is_due(observation, _EVERY_S):
        return
    before = standing(observation, _NAME)
    window = _LONG_WINDOW if before or _is_due(observation, _LONG_EVERY_S) else _WINDOW
    sizes = _sizes(observation, window)
    judged = [service for service in checked.services if service.kind not in _NOT_JUDGED]
    for service in judged:
        began = _started_at(checked, service)
        points = _points(sizes.get((service.name, service.method), ()), began)
        yield from _reading(service, points, began, before.get(service.name), settings)
    for subject in before.keys() - {service.name for service in judged}:
        yield well(f"{plain(subject)} has ended", before[subject].cause, subject)


def _is_due(observation: Observation, every_s: int) -> bool:
    """Tell whether this is the first check of a span of time; each host's spans begin at another moment."""
    if observation.state is None:
        return False
    offset_s = crc32(observation.host.encode()) % every_s
    now_s, before_s = observation.at.timestamp(), observation.state.checked_at.timestamp()
    return (now_s + offset_s) // every_s != (before_s + offset_s) // every_s


def _sizes(observation: Observation, window: timedelta) -> Sizes:
    """Return what each service held; sizes found by different methods cannot be compared."""
    found = Sizes(list)
    for sample in observation.history(window):
        if sample.taken_at <= observation.at:
            for each in sample.services:
                found[each.name, each.method].append((sample.taken_at, each.memory_bytes))
    return found


def _started_at(checked: Checked, service: Service) -> datetime:
    """Return when the oldest of a service's processes began."""
    identity, seen_at = checked.snapshot.identity, checked.snapshot.taken_at
    oldest = min(process.started_ticks for process in service.processes)
    age_s = identity.uptime_s - oldest / identity.ticks_per_s
    return seen_at - timedelta(seconds=min(max(0.0, age_s), _LONG_WINDOW.total_seconds()))


def _points(sizes: Sequence[tuple[datetime, int]], began: datetime) -> list[Point]:
    """Return what a service held since it had started up."""
    return [
        (seconds, float(held))
        for at, held in sizes
        if (seconds := (at - began).total_seconds()) > _START_UP_S
    ]


def _reading(
    service: Service, points: list[Point], began: datetime, told: Signal | None, settings: Settings
) -> Iterator[Reading]:
    name, cause = plain(service.name), service_cause(service.name)
    if told is not None and began > told.since:
        yield well(f"{name} was started again", cause, service.name)
        return
    if len(points) < _LEAST_POINTS or points[-1][0] - points[0][0] < _LEAST_S:
        return
    found = trend(points) if _varies(points) else None
    if found is None or found.points < _LEAST_POINTS or not _leaks(found, service):
        yield well(f"{name} does not grow steadily", cause, service.name)
        return
    per_day = found.per_s * _DAY_S
    reached, kept = beyond(per_day / MIB, settings, half)
    sentence = (
        f"{name} grew steadily by {size(int(found.grown))} in {duration(found.span_s)}"
        f" ({size(int(per_day))} per day) and holds {size(service.memory_bytes)}"
    )
    yield Reading(reached, kept, sentence, cause, service.name, at_once=True)


def _varies(points: list[Point]) -> bool:
    """Tell whether it is worth looking closer, which takes far longer than this."""
    held = [value for _, value in points]
    return min(held) >= 0 and max(held) - min(held) >= _LEAST_GROWN_BYTES


def _leaks(found: Trend, service: Service) -> bool:
    before = service.memory_bytes - found.grown
    return found.is_steady_growth and found.grown >= max(_LEAST_GROWN_BYTES, _LEAST_GROWN_PART * before)


RULE = Rule(
    name=_NAME,
    help="A service grows steadily since its start, as one that leaks memory does.",
    unit="MiB per day",
    # Six hours of growth are held already; three judgements without it end it.
    defaults=Settings(warning=50, hold_s=0, critical_hold_s=0, clear_hold_s=1200),
    judge=judge,
)
