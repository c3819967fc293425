"""Where the axes are marked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.charts.ticks import sizes, times
from bot.domain.units import GIB, MIB

BERLIN = ZoneInfo("Europe/Berlin")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type, misc] # year, month, day, hour


def labels(first: datetime, last: datetime) -> list[str]:
    return [label for _, label in times(first, last)]


def test_a_day_is_marked_at_round_hours_and_names_each_day_once() -> None:
    assert labels(local(2026, 3, 1, 15), local(2026, 3, 2, 15)) == [
        "15:00\nSun 1 Mar", "18:00", "21:00", "00:00\nMon 2 Mar", "03:00", "06:00", "09:00", "12:00", "15:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "shown", "hours"),
    [
        (28, ["00:00\nSun 29 Mar", "03:00"], 2),
        (24, ["00:00\nSun 25 Oct", "03:00"], 4),
    ],
)
def test_where_clocks_change_marks_stay_round_and_are_nearer_or_further_apart(
    day: int, shown: list[str], hours: int
) -> None:
    month = 3 if day == 28 else 10

    marked = times(local(2026, month, day, 12), local(2026, month, day + 1, 12))
    midnight = next(place for place, (_, label) in enumerate(marked) if label == shown[0])

    assert [label for _, label in marked[midnight : midnight + 2]] == shown
    assert marked[midnight + 1][0].timestamp() - marked[midnight][0].timestamp() == hours * 3600


def test_a_leap_day_has_its_mark() -> None:
    assert "Tue\n29 Feb" in labels(local(2028, 2, 25, 12), local(2028, 3, 3, 12))


def test_thirty_days_are_marked_by_the_day_of_the_month() -> None:
    assert labels(local(2026, 2, 1), local(2026, 3, 2, 14)) == [
        "1 Feb", "6 Feb", "11 Feb", "16 Feb", "21 Feb", "26 Feb", "1 Mar",
    ]  # fmt: skip


def test_two_years_are_marked_by_months() -> None:
    shown = labels(local(2024, 3, 2), local(2026, 3, 2))

    assert shown[:2] == ["Apr\n2024", "Jul\n2024"]
    assert len(shown) <= 9


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"])
@pytest.mark.parametrize("hours", [0, 0.001, 0.3, 1, 7, 24, 71, 73, 168, 720, 2160, 8784, 20000, 900000])
def test_any_time_in_any_zone_has_some_marks_in_order(zone: str, hours: float) -> None:
    last = datetime(2126, 10, 4, 3, 3, tzinfo=UTC)
    first = last - timedelta(hours=hours)

    moments = [at for at, _ in times(first.astimezone(ZoneInfo(zone)), last.astimezone(ZoneInfo(zone)))]

    assert 1 <= len(moments) <= 14
    assert moments == sorted(moments)
    assert all(first <= at <= last for at in moments)


@pytest.mark.parametrize("whole", [1, 1000, 5 * MIB, 961 * MIB, GIB, 3.8 * GIB, 64 * GIB, 2.0**60])
def test_sizes_are_round_and_fit(whole: float) -> None:
    marked = sizes(whole, 5)

    assert marked[0] == (0, "0")
    assert len(marked) <= 5
    assert all(0 <= value <= whole for value, _ in marked)


def test_sizes_are_said_in_the_unit_that_fits() -> None:
    assert [label for _, label in sizes(961 * MIB, 5)] == ["0", "256 MiB", "512 MiB", "768 MiB"]
    assert [label for _, label in sizes(3.8 * GIB, 5)] == ["0", "1 GiB", "2 GiB", "3 GiB"]
