"""Moments as a person says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.views.when import exactly, moment, span

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 0, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 3, 1, 23, 15, tzinfo=UTC), "at 00:15"),
        (datetime(2026, 3, 1, 22, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 2, 25, 13, 2, tzinfo=UTC), "Wed 14:02"),
        (datetime(2026, 2, 23, 13, 2, tzinfo=UTC), "23 Feb 14:02"),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), "1 Jan 00:00"),
        (datetime(2025, 3, 2, 13, 2, tzinfo=UTC), "2 Mar 2025 14:02"),
        (datetime(2026, 3, 5, 13, 2, tzinfo=UTC), "5 Mar 14:02"),
    ],
)
def test_a_moment_is_said_by_the_clock_and_the_day_there(at: datetime, shown: str) -> None:
    assert moment(at, NOW) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(minutes=2.4), "2 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=25), "25 h"),
        (timedelta(days=7), "7 d"),
    ],
)
def test_a_length_is_said_in_the_unit_that_tells_it(length: timedelta, shown: str) -> None:
    assert span(length) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(hours=2), "2 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=1, hours=12), "1 d 12 h"),
        (timedelta(seconds=90), "1 min 30 s"),
        (timedelta(0), "0 s"),
    ],
)
def test_what_somebody_asked_for_is_said_exactly(length: timedelta, shown: str) -> None:
    assert exactly(length) == shown
