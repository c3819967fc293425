"""Who may be to blame: the memory in brief, what changed since all was well, the likeliest services."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.advice import FewerWorkers, advise
from bot.domain.attribution import Kind
from bot.domain.history import swap_in_bytes_per_s
from bot.domain.incident import Suspect
from bot.domain.remedy import NOTHING, remedies
from bot.domain.trend import trend
from bot.domain.units import MIB, column_unit, duration, number, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.attribution import Service
    from bot.domain.breakdown import Line
    from bot.domain.check import Checked
    from bot.domain.history import Sample
    from bot.domain.remedy import Offer, Remedy

_SUSPECTED = (Kind.SERVICE, Kind.OTHER, Kind.USER)
_MOST_SERVICES = 3
_MOST_SUSPECTS = 3
_WORTH_PERCENT = 1
_NOTED_SWAP_IN_BYTES_PER_S = MIB // 10
_LATELY = timedelta(minutes=15)
_FORESEEN_S = 24 * 3600


def picture(checked: Checked) -> tuple[str, ...]:
    """Return the breakdown in brief: `gunicorn 404 MiB (4 workers)`, `daphne 125`, `kernel 102`, …."""
    unit = column_unit(checked.breakdown.total_bytes)
    services = [
        line
        for line in checked.breakdown.lines
        if line.service is not None and line.kind is not Kind.MEMWARDEN
    ]
    lines = (*services[:_MOST_SERVICES], *checked.breakdown.of(Kind.KERNEL, Kind.CACHE, Kind.FREE))
    said = [_part(line, unit, with_unit=index == 0 or unit is None) for index, line in enumerate(lines)]
    return tuple(said)


def _part(line: Line, unit: str | None, *, with_unit: bool) -> str:
    held = size(line.bytes, unit) if with_unit or unit is None else number(line.bytes, unit)
    workers = f" ({line.workers} workers)" if line.workers and line.workers > 1 else ""
    return f"{line.name} {held}{workers}"


def since_good(
    good: Sample | None, before: Sample | None, now: Sample, recent: tuple[Sample, ...]
) -> tuple[str, ...]:
    """Say what changed since all was well: who grew, whether swap is read back, when it will be full."""
    return (*_grown(good, now), *_swapping(before, now), *_filling(good, now, recent))


def _grown(good: Sample | None, now: Sample) -> Iterator[str]:
    if good is None:
        return
    least = now.mem_total_bytes * _WORTH_PERCENT / 100
    grown = sorted(_growth(good, now).items(), key=lambda item: -item[1])
    named = [f"{name} +{size(more)}" for name, more in grown if more >= least][:_MOST_SUSPECTS]
    if named:
        span = duration(max(0.0, (now.taken_at - good.taken_at).total_seconds()))
        yield from (*named[:-1], f"{named[-1]} in {span}")


def _swapping(before: Sample | None, now: Sample) -> Iterator[str]:
    rate = swap_in_bytes_per_s(before, now) if before else None
    if rate is not None and rate >= _NOTED_SWAP_IN_BYTES_PER_S:
        yield f"swap-in {rate / MIB:.1f} MiB/s"


def _filling(good: Sample | None, now: Sample, recent: tuple[Sample, ...]) -> Iterator[str]:
    left = _until_full(good, now, recent)
    if left is not None:
        yield f"at this rate full in about {duration(left.total_seconds())}"


def _growth(good: Sample, now: Sample) -> Mapping[str, int]:
    """Return by how much each service grew; figures of two methods cannot be compared."""
    then = {service.name: service for service in good.services}
    return {
        service.name: service.memory_bytes - (then[service.name].memory_bytes if service.name in then else 0)
        for service in now.services
        if service.name not in then or then[service.name].method == service.method
    }


def _until_full(good: Sample | None, now: Sample, recent: tuple[Sample, ...]) -> timedelta | None:
    """Return how long what is available lasts if it goes on falling as steadily as it did of late."""
    since = now.taken_at - _LATELY if good is None else max(good.taken_at, now.taken_at - _LATELY)
    points = [
        (sample.taken_at.timestamp(), -float(sample.mem_available_bytes))
        for sample in (*recent, now)
        if sample.boot_id == now.boot_id
        and sample.taken_at >= since
        and sample.mem_available_bytes is not None
    ]
    falling = trend(points)
    if falling is None or not falling.is_steady_growth or now.mem_available_bytes is None:
        return None
    left_s = now.mem_available_bytes / falling.per_s
    return timedelta(seconds=left_s) if left_s <= _FORESEEN_S else None


def suspects(
    checked: Checked, good: Sample | None, now: Sample, offered: Offer = NOTHING
) -> tuple[Suspect, ...]:
    """Return the likeliest services: those that grew since all was well, the most first, else the largest.

    `offered` is what can be asked for to be done about them.
    """
    growth = _growth(good, now) if good is not None else {}
    least = now.mem_total_bytes * _WORTH_PERCENT / 100
    best = advise(checked.services, checked.breakdown.total_bytes)
    remedy_of = {remedy.service: remedy for remedy in remedies(checked, offered)}
    candidates = [
        service
        for service in checked.services
        if service.kind in _SUSPECTED
        and (service.memory_bytes >= least or growth.get(service.name, 0) >= least)
    ]

    def blame(service: Service) -> tuple[int, int]:
        grown = growth.get(service.name, 0)
        return (grown if grown >= least else 0, service.memory_bytes)

    candidates.sort(key=blame, reverse=True)
    return tuple(
        _with_remedy(
            Suspect(
                service=service.name,
                memory_bytes=service.memory_bytes,
                grown_bytes=growth.get(service.name),
                advice=_fewer(best)
                if isinstance(best, FewerWorkers) and best.service is service
                else _own(service),
            ),
            remedy_of.get(service.name),
        )
        for service in candidates[:_MOST_SUSPECTS]
    )


def _with_remedy(suspect: Suspect, remedy: Remedy | None) -> Suspect:
    if remedy is None:
        return suspect
    return replace(suspect, remedy_words=remedy.words, remedy_label=remedy.label)


def _fewer(advice: FewerWorkers) -> str:
    about = "about" if advice.exact else "up to about"
    change = f"{advice.workers_now} -> {advice.workers_then} workers"
    return f"{change} would free {about} {size(advice.saving_bytes)}"


def _own(service: Service) -> str:
    return service.known.advice if service.known and not service.known.essential else ""
