"""Five fields of cron, as crontab(5) has them: minute, hour, day of the month, month, day of the week.

cronsim reads them and finds what clocks show; what moment that is in a zone is told here. Its own way with
zones is Debian's: what the clocks leave out comes at the end of the gap, and in autumn `*` comes twice.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NewType

from cronsim import CronSim, CronSimError

Cron = NewType("Cron", str)
"""Five fields that `parse` found right."""

_WRONG = (
    "the minute is no number from 0 to 59",
    "the hour is no number from 0 to 23",
    "the day of the month is no number from 1 to 31",
    "the month is no number from 1 to 12, or jan to dec",
    "the day of the week is no number from 0 to 7, or sun to sat",
)
_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - what a clock shows
# No change of the clocks is longer: nothing wanted is missed that begins so far off what they show now.
_CHANGE = timedelta(days=1)


def parse(text: str) -> Cron:
    """Read five fields of cron. Raises ValueError with a sentence for a person."""
    words = text.casefold().split()
    if len(words) != len(_WRONG):
        raise ValueError('expected five fields of cron such as "0 8 * * *", or an empty text for never')
    # `fri-sun`: Sunday is also the day after Saturday.
    words[-1] = words[-1].replace("-sun", "-7")
    for place, (word, wrong) in enumerate(zip(words, _WRONG, strict=True)):
        if not _is_right(" ".join((*"*" * place, word, *"*" * (len(words) - place - 1)))):
            raise ValueError(f'{wrong}, nor a list, range or step of them such as "1-5", "1,15" or "*/2"')
    fields = " ".join(words)
    if not _is_right(fields):
        raise ValueError("that day of the month never comes in that month")
    return Cron(fields)


def next_after(cron: Cron, moment: datetime, zone: tzinfo) -> datetime | None:
    """Return the first moment (UTC) after this one at which clocks in a zone show what is wanted.

    A time that the clocks leave out in spring comes as long after the gap as it would have been after its
    begin; of one that they show twice in autumn the first counts. None if it is 50 years away.
    """
    shown = moment.astimezone(zone).replace(tzinfo=None)
    return next((at for at in _moments(CronSim(cron, shown - _CHANGE), zone) if at > moment), None)


def last_before(cron: Cron, moment: datetime, zone: tzinfo) -> datetime | None:
    """Return the last moment (UTC), up to this one, at which clocks in a zone showed what is wanted."""
    shown = moment.astimezone(zone).replace(tzinfo=None)
    back = CronSim(cron, shown + _CHANGE, reverse=True)
    return next((at for at in _moments(back, zone) if at <= moment), None)


def _moments(shown: Iterator[datetime], zone: tzinfo) -> Iterator[datetime]:
    return (at.replace(tzinfo=zone).astimezone(UTC) for at in shown)


def _is_right(fields: str) -> bool:
    try:
        CronSim(fields, _ANY_DAY)
    except (CronSimError, ValueError):  # the latter for a number of thousands of digits
        return False
    return True
