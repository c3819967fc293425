"""A chart where no picture can be shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from rich.cells import cell_len

from adapters.monospace.document import document
from adapters.monospace.sparkline import lines, steps
from bot.message import Chart, Message, Series
from tests.adapters.chat.any_chart import BEGIN, CHARTS, FALLING, MIB, every_minute


def test_a_chart_is_a_line_and_its_figures_in_words() -> None:
    assert lines(FALLING, 36) == (
        "web-1: memory available",
        "▄▄·▂▁▁▂▄",
        "13:02 13:09",
        "available now 410 MiB",
        "least 62 MiB at 13:06",
        "most 412 MiB at 13:02",
        "critical below 10 %: 96 MiB",
        "13:06 OOM kill: gunicorn",
    )


def test_where_there_is_room_figures_stand_beside_one_another() -> None:
    assert "available now 410 MiB · least 62 MiB at 13:06 · most 412 MiB at 13:02" in lines(FALLING, 100)


def test_a_short_drop_is_seen_however_narrow_the_line_is() -> None:
    chart = every_minute(*[900] * 500, 10, *[900] * 499)

    drawn = steps(chart, 20)

    assert len(drawn) == 20
    assert drawn.count("▁") == 1


def test_the_scale_is_the_whole_charts_and_the_lowest_step_is_nothing() -> None:
    assert steps(every_minute(0, 480, 961, 2000), 36) == "▁▄██"


def test_what_was_not_measured_is_a_gap() -> None:
    chart = every_minute(None, None)

    assert steps(chart, 36) == "··"
    assert "available: nothing was measured" in lines(chart, 36)


def test_a_last_value_that_is_old_is_not_called_now() -> None:
    assert any("available at 13:03 380 MiB" in line for line in lines(every_minute(412, 380, None), 36))


def test_the_hour_that_comes_twice_in_autumn_is_drawn_after_the_first() -> None:
    begin = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    moments = tuple((begin + timedelta(minutes=10 * step)).astimezone(berlin) for step in range(8))
    chart = replace(every_minute(0, 100, 200, 300, 400, 500, 600, 700), moments=moments, whole=800.0 * MIB)

    assert steps(chart, 36) == "▁▂▃▄▅▆▇█"


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_a_day_on_which_the_clocks_change_is_a_day(day: datetime) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moments = tuple((day + timedelta(hours=hour)).astimezone(berlin) for hour in (-12, 0, 12))
    chart = replace(every_minute(1, 2, 3), moments=moments)

    assert not any("2026-" in line for line in lines(chart, 36))


def test_more_than_a_day_needs_dates() -> None:
    days = tuple(BEGIN + timedelta(days=day) for day in range(8))
    chart = replace(FALLING, moments=days, marks=())

    assert "2026-03-02 13:02 2026-03-09 13:02" in lines(chart, 36)


def test_a_chart_without_a_moment_says_so() -> None:
    chart = Chart("", (), Series("", ()), (), 0)

    assert lines(chart, 36) == ("nothing was measured",)


def test_the_file_of_a_message_has_its_chart_too() -> None:
    written = document(Message("web-1", (FALLING,)))

    assert "▄▄·▂▁▁▂▄\n" in written
    assert "critical below 10 %: 96 MiB" in written


@settings(max_examples=60, deadline=None)
@given(CHARTS)
def test_any_chart_keeps_within_the_page(chart: Chart) -> None:
    drawn = lines(chart, 36)

    assert drawn
    assert all(0 < cell_len(line) <= 36 for line in drawn)
    assert all(line.isprintable() for line in drawn)
