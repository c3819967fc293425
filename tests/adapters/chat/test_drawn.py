"""The charts of a message as pictures: as many as can be shown, and without much delay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.message import Message, Text
from tests.adapters.chat.any_chart import every_minute
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from bot.message import Chart

CHARTS = tuple(every_minute(number) for number in range(6))


def named(chart: Chart) -> bytes:
    return f"{chart.main.values[0]}".encode()


def test_a_chart_is_drawn_once_and_only_so_many_of_them(tmp_path: Path) -> None:
    around = replace(surroundings(tmp_path), draw=named)

    drawn = around.drawn(Message("", (CHARTS[0], Text("between"), *CHARTS)))

    assert dict(drawn) == {chart: named(chart) for chart in CHARTS[:4]}


def test_what_cannot_be_drawn_is_left_out(tmp_path: Path) -> None:
    around = replace(surroundings(tmp_path), draw=lambda chart: None if chart is CHARTS[0] else named(chart))

    assert list(around.drawn(Message("", CHARTS[:2]))) == [CHARTS[1]]
