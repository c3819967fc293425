"""Whether numbers grow over time."""

from __future__ import annotations

from math import inf, nan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.trend import Point, trend
from tests.bot.domain.any_snapshot import FEW

VALUES = st.floats(-1e15, 1e15)


def line(per_s: float, count: int = 20, *, every_s: float = 60, noise: float = 0) -> list[Point]:
    dice = Random(3)  # noqa: S311 - the same dice every time, for a test
    return [(i * every_s, 1000 + per_s * i * every_s + dice.gauss(0, noise)) for i in range(count)]


def test_a_line_is_its_slope() -> None:
    found = trend(line(2))

    assert found is not None
    assert (found.per_s, found.rising, found.grown, found.span_s) == (2, 1, 2280, 1140)
    assert found.thirds_per_s == (2, 2, 2)
    assert found.is_steady_growth


def test_a_few_wrong_values_change_hardly_anything() -> None:
    points = line(2, 40, noise=20)
    points[7], points[21] = (points[7][0], 1e12), (points[21][0], 0)

    found = trend(points)

    assert found is not None
    assert found.per_s == pytest.approx(2, rel=0.05)


def test_many_points_are_taken_together() -> None:
    found = trend(line(2, 5000, every_s=10, noise=50))

    assert found is not None
    assert found.points == 48
    assert found.per_s == pytest.approx(2, rel=0.01)
    assert found.is_steady_growth


def test_points_that_come_faster_for_a_while_count_no_more() -> None:
    points = [*line(2, 60), *[(3600.0 + i, 8200.0) for i in range(3000)], *[(6600.0, 8200.0)]]

    found = trend(points)

    assert found is not None
    assert not found.is_steady_growth
    assert found.points < 49


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([5, 5, 5, 5, 5, 5, 5, 5], id="flat"),
        pytest.param([8, 7, 6, 5, 4, 3, 2, 1], id="falling"),
        pytest.param([1, 1, 1, 1, 9, 9, 9, 9], id="a step"),
        pytest.param([1, 2, 3, 1000, 1001, 1002, 1003, 1004], id="a step amid little growth"),
        pytest.param([1, 3, 5, 7, 9, 9, 9, 9], id="growth that ended"),
        pytest.param([1, 5, 2, 6, 3, 7, 4, 8], id="a saw"),
    ],
)
def test_what_is_not_steady_is_no_growth(values: list[float]) -> None:
    found = trend([(60.0 * i, value) for i, value in enumerate(values)])

    assert found is not None
    assert not found.is_steady_growth


@pytest.mark.parametrize(
    "points",
    [
        [],
        line(1, 3),
        [*line(1), (9999.0, nan)],
        [*line(1), (inf, 1.0)],
        [*line(1), (1140.0, 5.0)],
        line(1)[::-1],
    ],
)
def test_what_cannot_be_is_no_trend(points: list[Point]) -> None:
    assert trend(points) is None


@FEW
@given(st.lists(VALUES, min_size=4, max_size=70))
def test_growth_upside_down_is_a_fall(values: list[float]) -> None:
    up = trend([(float(i), value) for i, value in enumerate(values)])
    down = trend([(float(i), -value) for i, value in enumerate(values)])

    assert up is not None
    assert down is not None
    assert down.per_s == pytest.approx(-up.per_s)
    assert not (up.is_steady_growth and down.is_steady_growth)
    assert 0 <= up.rising <= 1
