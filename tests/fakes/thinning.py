"""What is left of a host's samples by thinning and by reading in brief, said as plainly as can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.history import Retention, Sample

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIVE_MINUTES = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def thinned(samples: tuple[Sample, ...], now: datetime, keep: Retention) -> tuple[Sample, ...]:
    """Return what is left; a day (UTC) is treated as a whole, once all of it is old enough."""
    worst: dict[object, Sample] = {}
    for number, sample in enumerate(samples):
        end = (_bucket(sample, _DAY) + 1) * _DAY + _EPOCH
        if end <= now - keep.hourly:
            continue
        if end <= now - keep.five_minutes:
            bucket: object = (_HOUR, _bucket(sample, _HOUR))
        elif end <= now - keep.full:
            bucket = (_FIVE_MINUTES, _bucket(sample, _FIVE_MINUTES))
        else:
            bucket = number
        worst[bucket] = min(worst.get(bucket, sample), sample, key=_available)
    return tuple(sorted(worst.values(), key=lambda sample: sample.taken_at))


def brief(samples: tuple[Sample, ...], since: datetime, every: timedelta) -> tuple[Sample, ...]:
    """Return all samples; with services the first, the last, and the first of the worst of each span."""
    least: dict[int, Sample] = {}
    for sample in samples:
        span = (sample.taken_at.astimezone(UTC) - since.astimezone(UTC)) // every
        least[span] = min(least.get(span, sample), sample, key=_available)
    kept = {id(sample) for sample in (*least.values(), *samples[:1], *samples[-1:])}
    return tuple(sample if id(sample) in kept else replace(sample, services=()) for sample in samples)


def _available(sample: Sample) -> float:
    # Unknown is not little: it is chosen only where all are unknown.
    return float("inf") if sample.mem_available_bytes is None else sample.mem_available_bytes


def _bucket(sample: Sample, width: timedelta) -> int:
    return (sample.taken_at - _EPOCH) // width
