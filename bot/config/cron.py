"""Five fields of cron, as crontab(5) has them: minute, hour, day of the month, month, day of the week."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# 29 February is missing in 2100: eight years may pass between two.
_FARTHEST_DAYS = 8 * 366
_ITEM = re.compile(r"(?P<first>\*|\w{1,3})(?:-(?P<last>\w{1,3}))?(?:/(?P<step>[0-9]{1,2}))?", re.ASCII)
_SUNDAY_TOO = 7
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class _Field:
    """What one of the fields may hold; the first of `names` means the lowest value."""

    title: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, _SUNDAY_TOO, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """When something is to be done, as the numbers that each field allows, ascending.

    `weekdays` count from 0 for Sunday. Where both `days` and `weekdays` leave something out, a day counts
    that is in one of them, as crontab(5) has it: then `either` is true.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either: bool

    def has(self, day: date) -> bool:
        """Tell whether something is to be done on this day."""
        in_month, in_week = day.day in self.days, day.isoweekday() % _SUNDAY_TOO in self.weekdays
        return day.month in self.months and (in_month or in_week if self.either else in_month and in_week)


def next_after(cron: Cron, moment: datetime, zone: tzinfo) -> datetime | None:
    """Return the first moment (UTC) after this one at which clocks in a zone show what is wanted.

    A time that the clocks leave out in spring comes as long after the gap as it would have been after its
    begin; of one that they show twice in autumn the first counts. None if it is years away.
    """
    begin = moment.astimezone(zone).date()
    for number in range(-1, _FARTHEST_DAYS):
        day = begin + timedelta(days=number)
        later = [at for at in _moments(cron, day, zone) if at > moment] if cron.has(day) else ()
        if later:
            return min(later)
    return None


def last_before(cron: Cron, moment: datetime, zone: tzinfo) -> datetime | None:
    """Return the last moment (UTC), up to this one, at which clocks in a zone showed what is wanted."""
    begin = moment.astimezone(zone).date()
    for number in range(-1, _FARTHEST_DAYS):
        day = begin - timedelta(days=number)
        earlier = [at for at in _moments(cron, day, zone) if at <= moment] if cron.has(day) else ()
        if earlier:
            return max(earlier)
    return None


def _moments(cron: Cron, day: date, zone: tzinfo) -> Iterator[datetime]:
    for hour in cron.hours:
        for minute in cron.minutes:
            yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def parse(text: str) -> Cron:
    """Read five fields of cron. Raises ValueError with a sentence for a person."""
    words = text.split()
    if len(words) != len(_FIELDS):
        raise ValueError('expected five fields of cron such as "0 8 * * *", or an empty text for never')
    minutes, hours, days, months, weekdays = (
        tuple(sorted(set(_values(word.casefold(), field))))
        for word, field in zip(words, _FIELDS, strict=True)
    )
    if not any(days[0] <= _LONGEST[month - 1] for month in months):
        raise ValueError("that day of the month never comes in that month")
    return Cron(
        minutes,
        hours,
        days,
        months,
        tuple(sorted({day % _SUNDAY_TOO for day in weekdays})),
        either=not words[2].startswith("*") and not words[4].startswith("*"),
    )


def _values(word: str, field: _Field) -> Iterator[int]:
    for item in word.split(","):
        found = _ITEM.fullmatch(item)
        if found is None:
            raise _wrong(field)
        step = 1 if found["step"] is None else int(found["step"])
        first, last = _ends(found, field)
        if not field.lowest <= first <= last <= field.highest or step < 1:
            raise _wrong(field)
        yield from range(first, last + 1, step)


def _ends(found: re.Match[str], field: _Field) -> tuple[int, int]:
    if found["first"] == "*":
        if found["last"] is not None:
            raise _wrong(field)
        return field.lowest, min(field.highest, _SUNDAY_TOO - 1) if field.names is _DAYS else field.highest
    first = _number(found["first"], field)
    if found["last"] is not None:
        last = _number(found["last"], field)
        # `fri-sun`: Sunday is also the day after Saturday.
        return first, _SUNDAY_TOO if field.names is _DAYS and last == 0 < first else last
    return first, first if found["step"] is None else field.highest


def _number(word: str, field: _Field) -> int:
    if word.isdecimal():
        return int(word)
    if word in field.names:
        return field.lowest + field.names.index(word)
    raise _wrong(field)


def _wrong(field: _Field) -> ValueError:
    names = f", or {field.names[0]} to {field.names[-1]}" if field.names else ""
    return ValueError(
        f"the {field.title} is no number from {field.lowest} to {field.highest}{names}, nor a list, range"
        ' or step of them such as "1-5", "1,15" or "*/2"'
    )
