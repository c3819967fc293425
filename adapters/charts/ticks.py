"""Where an axis is marked: times as the people there read them, sizes in round binary numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

_MIB = 1 << 20
_GIB = 1 << 30

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S
_YEAR_S = 366 * _DAY_S

# All offsets from UTC are whole quarters of an hour.
_QUARTER = timedelta(minutes=15)
# A day of 25 hours still has one every three hours.
_MOST_TICKS = 9
_MINUTES = (15, 30, 60, 120, 180, 360, 720)
_DAYS = (1, 2, 5, 10)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
# A month's last tick would touch the next one's first.
_LAST_DAY = 27


def times(first: datetime, last: datetime) -> tuple[tuple[datetime, str], ...]:
    """Return moments to mark between two, with what to write there; in the zone of `first`.

    Hours are those on the clocks there, so on the days when these change two marks are further apart, or
    nearer, than the others. Midnight is written as the day it begins.
    """
    zone = first.tzinfo or UTC
    length_s = last.timestamp() - first.timestamp()
    if length_s <= _MINUTES[0] * 60:
        return tuple((moment, f"{moment:%H:%M}") for moment in dict.fromkeys((first, last)))
    if length_s <= 3 * _DAY_S:
        return _hours(first, last, zone)
    return _days(first, last, zone) if length_s <= _YEAR_S / 4 else _months(first, last, zone)


def _hours(first: datetime, last: datetime, zone: tzinfo) -> tuple[tuple[datetime, str], ...]:
    minutes = (last.timestamp() - first.timestamp()) / 60
    every = next((each for each in _MINUTES if minutes / each <= _MOST_TICKS), _MINUTES[-1])
    moments = [at for at in _quarters(first, last, zone) if (at.hour * 60 + at.minute) % every == 0]
    days = {at.date(): at for at in reversed(moments)}
    return tuple((at, _hour(at, begins=days[at.date()] == at)) for at in moments)


def _hour(at: datetime, *, begins: bool) -> str:
    return f"{at:%H:%M}\n{_day(at)}" if begins else f"{at:%H:%M}"


def _days(first: datetime, last: datetime, zone: tzinfo) -> tuple[tuple[datetime, str], ...]:
    midnights = list(_midnights(first, last, zone))
    every = next((each for each in _DAYS if len(midnights) / each <= _MOST_TICKS), _DAYS[-1])
    if every == 1:
        return tuple((at, f"{at:%a}\n{at.day} {at:%b}") for at in midnights)
    days = range(1, _LAST_DAY, every)
    return tuple((at, f"{at.day} {at:%b}") for at in midnights if at.day in days)


def _months(first: datetime, last: datetime, zone: tzinfo) -> tuple[tuple[datetime, str], ...]:
    begins = [at for at in _midnights(first, last, zone) if at.day == 1]
    every = next((each for each in _MONTHS if len(begins) / each <= _MOST_TICKS), _MONTHS[-1])
    return tuple((at, f"{at:%b}\n{at.year}") for at in begins if (at.year * 12 + at.month - 1) % every == 0)


def _quarters(first: datetime, last: datetime, zone: tzinfo) -> Iterator[datetime]:
    at = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while at <= last:
        if at >= first:
            yield at.astimezone(zone)
        at += _QUARTER


def _midnights(first: datetime, last: datetime, zone: tzinfo) -> Iterator[datetime]:
    day = first.date()
    while True:
        at = datetime(day.year, day.month, day.day, tzinfo=zone)
        if at > last:
            return
        if at >= first:
            yield at
        day += timedelta(days=1)


def _day(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b}"


def sizes(whole_bytes: float, most: int) -> tuple[tuple[float, str], ...]:
    """Return at most `most` round sizes from 0 up to `whole_bytes`, with what to write there."""
    unit, name = (_GIB, "GiB") if whole_bytes >= _GIB else (_MIB, "MiB")
    step = next(each for each in _steps(unit) if whole_bytes / each < most)
    count = int(whole_bytes // step)
    return tuple((n * step, f"{n * step / unit:g} {name}" if n else "0") for n in range(count + 1))


def _steps(unit: int) -> Iterator[float]:
    """Halves and doubles in powers of two, as memory comes: 128, 256 or 512 MiB, 1, 2 or 4 GiB."""
    step = unit / 1024 if unit == _MIB else unit / 4
    while True:
        yield step
        step *= 2
