"""What the child process is told of a chart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.charts.document import document, plain
from bot.domain.units import MIB
from bot.message import Mark
from tests.adapters.charts.charts import BERLIN, HOSTILE, NOW, chart, series


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_short_on_one_line_and_hides_nothing(label: str) -> None:
    shown = plain(label)

    assert len(shown) <= 22
    assert shown.isprintable()
    assert "\u202e" not in shown


def test_a_plain_label_stays_as_it_is() -> None:
    assert plain("gunicorn_a $HOME ^2") == "gunicorn_a $HOME ^2"


def test_the_six_largest_layers_are_shown_and_all_others_together() -> None:
    layers = [series(f"s{n}", [n + 1.0, None, n + 1.0]) for n in range(10)]

    told = document(chart(main=[1.0] * 3, layers=layers))["layers"]

    assert [layer["label"] for layer in told] == ["s4", "s5", "s6", "s7", "s8", "s9", "4 others"]
    assert told[-1]["values"] == [10 * MIB, None, 10 * MIB]


def test_each_series_says_how_it_is_now_and_what_is_gone() -> None:
    layers = [series("gunicorn", [404.0, 404.0]), series("daphne", [125.0, None])]

    told = document(chart(main=[96.0, 100.0], layers=layers))

    assert told["main"]["now"] == "100 MiB"
    assert [layer["now"] for layer in told["layers"]] == ["404 MiB", "gone"]


def test_nothing_left_is_not_the_same_as_not_told() -> None:
    layers = [series("gunicorn", [404.0])]

    assert document(chart(main=[0.0], layers=layers))["main"]["now"] == "0 MiB"
    assert document(chart(main=[None], layers=layers))["main"]["now"] == "not told"


@pytest.mark.parametrize("whole", [0.0, -1.0, float("nan"), float("inf")])
def test_an_axis_whose_height_is_not_said_reaches_what_was_measured(whole: float) -> None:
    assert document(replace(chart(main=[300.0, 200.0]), whole=whole))["whole"] == 300 * MIB


def test_numbers_that_cannot_be_are_not_told() -> None:
    nan, inf = float("nan"), float("inf")

    told = document(chart(main=[nan, inf, -5.0, 1.0, None], layers=[]))

    assert told["main"]["values"] == [None, None, 0.0, MIB, None]
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_of_too_many_marks_the_newest_are_told() -> None:
    marks = tuple(Mark(NOW - timedelta(minutes=n), f"m{n}") for n in range(1000))

    told = document(chart(marks=marks))["marks"]

    assert (len(told), told[-1]["label"]) == (200, "m0")


def test_the_zone_is_named_as_clocks_there_do() -> None:
    whole = chart(2, layers=[])
    sunday = datetime(2026, 3, 29, 12, tzinfo=UTC).astimezone(BERLIN)

    assert document(whole)["zone"] == "CET"
    assert document(replace(whole, moments=(whole.moments[0], sunday)))["zone"] == "CET/CEST"
