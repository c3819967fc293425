"""Quiet hours go by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.domain.quiet import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7), BERLIN)


def local(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (local(2, 21, 59), False),
        (local(2, 22), True),
        (local(3, 6, 59), True),
        (local(3, 7), False),
        (local(3, 12), False),
    ],
)
def test_they_go_across_midnight(at: datetime, holds: bool) -> None:  # noqa: FBT001 - a column of a table
    assert NIGHT.holds(at.astimezone(UTC)) is holds


def test_hours_of_one_day() -> None:
    noon = QuietHours(time(12), time(14), BERLIN)

    assert [noon.holds(local(2, hour)) for hour in (11, 12, 13, 14)] == [False, True, True, False]


def test_equal_ends_are_no_hours_at_all() -> None:
    assert not QuietHours(time(7), time(7), BERLIN).holds(local(2, 7))


def test_they_end_at_the_next_morning() -> None:
    assert NIGHT.end(local(2, 23)) == local(3, 7)
    assert NIGHT.end(local(3, 1)) == local(3, 7)


def test_they_end_at_seven_however_long_the_night_was() -> None:
    assert NIGHT.end(local(28, 23)) == local(29, 7)
    assert NIGHT.end(local(28, 23)).astimezone(UTC) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert NIGHT.end(local(24, 23, month=10)).astimezone(UTC) == datetime(2026, 10, 25, 6, tzinfo=UTC)


def test_an_end_that_comes_twice_is_still_ahead() -> None:
    until_half_past_two = QuietHours(time(22), time(2, 30), BERLIN)
    second_ten_past_two = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert until_half_past_two.holds(second_ten_past_two)
    assert until_half_past_two.end(second_ten_past_two) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
