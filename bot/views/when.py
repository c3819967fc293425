"""Moments and times as a person says them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_WEEK = timedelta(days=6)
_HOUR_S = 3600
_DAY_S = 86_400
_UNITS = ((_DAY_S, "d"), (_HOUR_S, "h"), (60, "min"), (1, "s"))


def moment(at: datetime, now: datetime) -> str:
    """`at 14:02`, `yesterday 14:02`, `Mon 14:02`, `2 Mar 14:02`: as clocks in the zone of `now` showed it."""
    shown = at.astimezone(now.tzinfo)
    days = (now.date() - shown.date()).days
    if days == 0:
        return f"at {shown:%H:%M}"
    if days == 1:
        return f"yesterday {shown:%H:%M}"
    if 0 < days <= _WEEK.days:
        return f"{shown:%a %H:%M}"
    year = "" if shown.year == now.year else f" {shown.year}"
    return f"{shown.day} {shown:%b}{year} {shown:%H:%M}"


def span(length: timedelta) -> str:
    """`24 h`, `7 d`, `26 h`: a time in the unit that tells it exactly enough."""
    seconds = length.total_seconds()
    if seconds >= 2 * _DAY_S:
        return f"{seconds / _DAY_S:.0f} d"
    return f"{seconds / _HOUR_S:.0f} h" if seconds >= _HOUR_S else f"{seconds / 60:.0f} min"


def exactly(length: timedelta) -> str:
    """`1 h 30 min`, `2 h`: a time that somebody asked for, to the second."""
    left, parts = round(length.total_seconds()), []
    for seconds, unit in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"
