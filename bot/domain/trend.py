"""Whether numbers grow over time: robustly, so that one wrong or odd number changes nothing.

The slope is Theil and Sen's: the median of the slopes of all pairs of points. How steadily it goes tell the
share of pairs that rise, after Kendall, and the slopes of its thirds: neither a step nor growth that ended is
a trend.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import isfinite
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]
"""Seconds, and a value then."""

_MOST_POINTS = 48
_LEAST_POINTS = 4
_RISING_PAIRS = 0.9
# Each third has to have at least this part of the whole slope.
_THIRDS_PART = 0.4


@dataclass(frozen=True, slots=True)
class Trend:
    """How values went: their change per second, the share of pairs that rose, and how much they grew in all.

    `thirds_per_s` is the change per second in each third of the time. `points` says how many values it
    follows from, after those close together were taken as one.
    """

    per_s: float
    rising: float
    thirds_per_s: tuple[float, float, float]
    grown: float
    span_s: float
    points: int

    @property
    def is_steady_growth(self) -> bool:
        """Whether nearly all pairs rise, and no third of the time lags far behind."""
        return (
            self.per_s > 0
            and self.rising >= _RISING_PAIRS
            and all(third >= _THIRDS_PART * self.per_s for third in self.thirds_per_s)
        )


def trend(points: Sequence[Point]) -> Trend | None:
    """Return the trend of points in the order of their time.

    None where there are fewer than four, where one is no number, or where time stands still or goes back.
    """
    if any(not (isfinite(at) and isfinite(value)) for at, value in points):
        return None
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(points)):
        return None
    few = _thinned(points)
    if len(few) < _LEAST_POINTS:
        return None
    pairs = tuple(combinations(few, 2))
    last = len(few) - 1
    first_cut, second_cut = last // 3, last - last // 3
    return Trend(
        per_s=_slope(few),
        rising=sum(value < later for (_, value), (_, later) in pairs) / len(pairs),
        thirds_per_s=(
            _slope(few[: first_cut + 1]),
            _slope(few[first_cut : second_cut + 1]),
            _slope(few[second_cut:]),
        ),
        grown=few[-1][1] - few[0][1],
        span_s=points[-1][0] - points[0][0],
        points=len(few),
    )


def _slope(points: Sequence[Point]) -> float:
    return median((later - value) / (then - at) for (at, value), (then, later) in combinations(points, 2))


def _thinned(points: Sequence[Point]) -> list[Point]:
    """Return the medians of up to 48 equal spans of time: the pairs of many points would be far too many."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    begin, span_s = points[0][0], points[-1][0] - points[0][0]
    spans = dict[int, list[Point]]()
    for point in points:
        nth = int((point[0] - begin) / span_s * _MOST_POINTS)
        spans.setdefault(min(nth, _MOST_POINTS - 1), []).append(point)
    return [(median(at for at, _ in near), median(value for _, value in near)) for near in spans.values()]
