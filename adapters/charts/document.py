"""A chart as plain data for the child that draws it: numbers, and labels that nothing can hide in."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from adapters.charts import ticks
from bot.domain.units import size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.message import Chart, Series

LAYERS = 6
"""How many layers are shown by themselves; a seventh and all others are drawn as one."""

_MOST_MARKS = 200
_MOST_SPANS = 100
_MOST_LINES = 6
_LABEL_CHARACTERS = 22
_NAME_CHARACTERS = 13
_TITLE_CHARACTERS = 52
# No memory is larger (1 EiB): what is, is none of ours.
_LARGEST = float(1 << 60)
_UPPER_TICKS = 5
_LOWER_TICKS = 6
_APART = 0.12


class SeriesData(TypedDict):
    """Numbers at the chart's moments, None where nothing was measured; `now` says the last of them."""

    label: str
    now: str
    values: list[float | None]


class LineData(TypedDict):
    """A level across the chart."""

    label: str
    value: float
    tone: str


class SpanData(TypedDict):
    """A time set apart."""

    begins: float
    ends: float
    tone: str
    label: str


class Tick(TypedDict):
    """A mark on an axis, or at a moment."""

    at: float
    label: str


class Document(TypedDict):
    """A chart; moments are seconds since 1970 in UTC, sizes are bytes."""

    title: str
    zone: str
    moments: list[float]
    main: SeriesData
    layers: list[SeriesData]
    whole: float
    lines: list[LineData]
    spans: list[SpanData]
    marks: list[Tick]
    time_ticks: list[Tick]
    main_ticks: list[Tick]
    layer_ticks: list[Tick]


def document(chart: Chart) -> Document:
    """Return what the child needs: the largest layers by themselves, ticks, times in seconds."""
    chart = _even(chart)
    first, last = (chart.moments[0], chart.moments[-1]) if chart.moments else (None, None)
    newest = _newest(chart)
    whole = _whole(chart)
    return Document(
        title=plain(chart.title, _TITLE_CHARACTERS),
        zone=_zone(chart.moments),
        moments=[moment.timestamp() for moment in chart.moments],
        main=_series(chart.main, newest, missing="not told"),
        layers=[_series(layer, newest) for layer in _largest(chart.layers)],
        whole=whole,
        lines=[
            LineData(label=plain(line.label), value=line.value, tone=line.tone.value)
            for line in chart.lines[:_MOST_LINES]
            if 0 <= line.value <= whole
        ],
        spans=[
            SpanData(
                begins=span.begins_at.timestamp(),
                ends=span.ends_at.timestamp(),
                tone=span.tone.value,
                label=plain(span.label),
            )
            for span in chart.spans[-_MOST_SPANS:]
        ],
        marks=[
            Tick(at=mark.at.timestamp(), label=plain(mark.label))
            for mark in sorted(chart.marks, key=lambda mark: mark.at)[-_MOST_MARKS:]
        ],
        time_ticks=[] if first is None or last is None else _times(first, last),
        main_ticks=_sizes(whole, _UPPER_TICKS),
        layer_ticks=_sizes(whole, _LOWER_TICKS),
    )


def plain(text: str, most: int = _LABEL_CHARACTERS) -> str:
    """Return the text on one line, without what is invisible or turns the direction, cut where it is long."""
    composed = unicodedata.normalize("NFC", text[: 4 * most])
    shown = "".join(filter(None, map(_shown, composed))).strip()
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    kind = unicodedata.category(character)
    # Format characters turn directions; marks may be stacked over everything else.
    if kind in {"Cf", "Mn", "Me"}:
        return ""
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _even(chart: Chart) -> Chart:
    """Give every series a value, or None, for each moment."""
    count = len(chart.moments)

    def even(series: Series) -> Series:
        return replace(series, values=(*series.values[:count], *[None] * (count - len(series.values))))

    return replace(chart, main=even(chart.main), layers=tuple(map(even, chart.layers)))


def _whole(chart: Chart) -> float:
    """Return how high the axis is: as high as what was measured, where the chart does not say."""
    if 0 < chart.whole <= _LARGEST:
        return chart.whole
    return max((value for value in map(_possible, chart.main.values) if value), default=1.0)


def _series(series: Series, newest: int | None, missing: str = "gone") -> SeriesData:
    values = [_possible(value) for value in series.values]
    now = None if newest is None else values[newest]
    said = missing if now is None else size(round(now))
    return SeriesData(label=plain(series.label, _NAME_CHARACTERS), now=said, values=values)


def _newest(chart: Chart) -> int | None:
    """Return the place of the last moment at which anything was measured."""
    every = (chart.main, *chart.layers)
    return next(
        (at for at in reversed(range(len(chart.moments))) if any(s.values[at] is not None for s in every)),
        None,
    )


def _possible(value: float | None) -> float | None:
    """A number that cannot be is not drawn as if it were one."""
    if value is None or not math.isfinite(value) or abs(value) > _LARGEST:
        return None
    return max(0.0, value)


def _largest(layers: Sequence[Series]) -> list[Series]:
    """Keep the layers that are largest on the whole, in their order; add up the others."""
    if len(layers) <= LAYERS + 1:
        return list(layers)
    by_size = sorted(range(len(layers)), key=lambda place: -_sum(layers[place]))
    kept = sorted(by_size[:LAYERS])
    others = [layers[place] for place in by_size[LAYERS:]]
    columns = zip(*(layer.values for layer in others), strict=True)
    return [
        *(layers[place] for place in kept),
        replace(others[0], label=f"{len(others)} others", values=tuple(map(_together, columns))),
    ]


def _sum(layer: Series) -> float:
    return sum(value for value in map(_possible, layer.values) if value is not None)


def _together(values: tuple[float | None, ...]) -> float | None:
    measured = [value for value in map(_possible, values) if value is not None]
    return sum(measured) if measured else None


def _zone(moments: Sequence[datetime]) -> str:
    """Name the time zone as the clocks there do; both names where they were changed meanwhile."""
    return "/".join(dict.fromkeys(filter(None, (m.tzname() for m in (*moments[:1], *moments[-1:])))))


def _times(first: datetime, last: datetime) -> list[Tick]:
    return [Tick(at=moment.timestamp(), label=label) for moment, label in ticks.times(first, last)]


def _sizes(whole: float, most: int) -> list[Tick]:
    """Mark round sizes, and the whole where it does not touch the last of them."""
    marked = [Tick(at=value, label=label) for value, label in ticks.sizes(whole, most)]
    if whole - marked[-1]["at"] >= _APART * whole:
        marked.append(Tick(at=whole, label=size(round(whole))))
    return marked
