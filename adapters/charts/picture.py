"""A chart as a PNG, by matplotlib: only ever imported by the child process.

Above the available memory with its levels, below what holds it, service upon service; incidents are shaded
through both. The picture has a background of its own, so that it can be read in light and dark themes, and
is twice as large as it is shown, for the screens of phones. Colours are those of Okabe and Ito, which people
with any colour vision can tell apart; words stand beside all of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from adapters.charts.placing import merged, rows
from adapters.charts.sheet import FAINT, HEIGHT, INK, LEFT, RIGHT, SMALL_PT, WIDTH, Sheet, style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from adapters.charts.document import Document, SeriesData, Tick

_UPPER, _LOWER, _ALONE = (402, 584), (82, 366), (82, 584)
_STRIP, _ROW, _ROWS = 600, 25, 2
_MERGED_WITHIN = 40.0
_LONE_WIDTH = 4.0
_BLANK = 16.0
_MOVED = 150.0
_MOST_LINES = 40

_TONES = {
    "good": "#009e73",
    "acceptable": "#0072b2",
    "warning": "#e69f00",
    "critical": "#d55e00",
    "unknown": "#cc79a7",
}
_LAYERS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00")
_OTHERS = "#b4bcc4"


def png(chart: Document) -> bytes:
    """Draw a chart."""
    with style():
        sheet = Sheet()
        sheet.heading(chart["title"], chart["zone"])
        panels = _panels(sheet, chart)
        _incidents(sheet, chart, panels)
        return sheet.png()


def _panels(sheet: Sheet, chart: Document) -> list[Axes]:
    """Draw what was measured, or say that nothing was."""
    layers = chart["layers"]
    upper = _axes(sheet, chart, _UPPER if layers else _ALONE, chart["main_ticks"])
    _levels(upper, chart)
    _main(sheet, upper, chart)
    if not layers:
        return [upper]
    upper.tick_params(labelbottom=False)
    lower = _axes(sheet, chart, _LOWER, chart["layer_ticks"])
    _stack(sheet, lower, chart)
    return [upper, lower]


def _axes(sheet: Sheet, chart: Document, span: tuple[int, int], ticks: Sequence[Tick]) -> Axes:
    axes = sheet.axes(*span)
    moments = chart["moments"] or [0.0]
    axes.set_xlim(moments[0], max(moments[-1], moments[0] + 60))
    axes.set_ylim(0, chart["whole"])
    axes.set_yticks([tick["at"] for tick in ticks], [tick["label"] for tick in ticks])
    times = chart["time_ticks"]
    axes.set_xticks([tick["at"] for tick in times], _level([tick["label"] for tick in times]))
    return axes


def _level(labels: list[str]) -> list[str]:
    """Give all labels two lines where one has, so that their first lines are level."""
    if not any("\n" in label for label in labels):
        return labels
    return [label if "\n" in label else f"{label}\n" for label in labels]


def _levels(axes: Axes, chart: Document) -> None:
    for line in chart["lines"]:
        color = _TONES.get(line["tone"], FAINT)
        axes.axhline(line["value"], color=color, linewidth=1.0, linestyle=(0, (4, 2)), zorder=2)
        if line["tone"] == "critical":
            axes.axhspan(0, line["value"], color=color, alpha=0.12, linewidth=0, zorder=1)


def _main(sheet: Sheet, axes: Axes, chart: Document) -> None:
    main, moments = chart["main"], chart["moments"]
    for begin, end in _runs([value is not None for value in main["values"]]):
        values = _numbers(main["values"][begin:end])
        if end - begin == 1:
            axes.plot(moments[begin:end], values, "o", color=INK, markersize=3, zorder=4, clip_on=False)
        else:
            axes.plot(moments[begin:end], values, color=INK, linewidth=1.4, zorder=4)
    newest = next((value for value in reversed(main["values"]) if value is not None), None)
    labels = [(line["value"], line["label"], _TONES.get(line["tone"], FAINT)) for line in chart["lines"]]
    if newest is None:
        low, high = axes.get_window_extent().intervaly
        sheet.say((LEFT + RIGHT) / 2, (low + high) / 2, "nothing was measured", color=FAINT, side="center")
    else:
        labels.append((newest, _now(main), INK))
    sheet.label(axes, labels)


def _now(series: SeriesData) -> str:
    return f"{series['label']} {series['now']}".strip()


def _stack(sheet: Sheet, axes: Axes, chart: Document) -> None:
    """Draw the layers upon one another; one that was not measured while others were is not there."""
    layers = chart["layers"]
    measured = [
        any(value is not None for value in at) for at in zip(*(s["values"] for s in layers), strict=True)
    ]
    floor = [0.0] * len(measured)
    labels = []
    for place, layer in enumerate(layers):
        color = _LAYERS[place] if place < len(_LAYERS) else _OTHERS
        top = [low + (value or 0.0) for low, value in zip(floor, layer["values"], strict=True)]
        for begin, end in _runs(measured):
            _fill(axes, chart["moments"][begin:end], (floor[begin:end], top[begin:end]), color)
        seen = next((at for at in reversed(range(len(top))) if layer["values"][at]), None)
        if seen is not None:
            labels.append(((floor[seen] + top[seen]) / 2, _now(layer), color))
        floor = top
    sheet.label(axes, labels)


def _fill(axes: Axes, x: list[float], between: tuple[list[float], list[float]], color: str) -> None:
    low, high = between
    if len(x) == 1:
        # A single check has no length, but it was there.
        wide = _LONE_WIDTH * (axes.get_xlim()[1] - axes.get_xlim()[0]) / (RIGHT - LEFT)
        x, low, high = [x[0] - wide, x[0] + wide], low * 2, high * 2
    axes.fill_between(x, low, high, facecolor=color, edgecolor="none", linewidth=0, zorder=2)


def _incidents(sheet: Sheet, chart: Document, panels: Sequence[Axes]) -> None:
    """Shade what was wrong and mark what happened, with words above."""
    begins, ends = panels[0].get_xlim()
    said: list[tuple[float, str, str]] = []
    for span in chart["spans"]:
        if span["ends"] < begins or span["begins"] > ends:
            continue
        color = _TONES.get(span["tone"], FAINT)
        shown = max(span["begins"], begins), min(span["ends"], ends)
        _shade(panels, shown, color)
        said.append((_x(panels[0], shown[0]), span["label"], color))
    marks = [mark for mark in chart["marks"] if begins <= mark["at"] <= ends]
    for mark in marks[-_MOST_LINES:]:
        for axes in panels:
            axes.axvline(mark["at"], color=INK, linewidth=0.7, linestyle=(0, (1, 1.2)), zorder=5)
    points = [(_x(panels[0], mark["at"]), mark["label"]) for mark in marks]
    said += [(x, label, INK) for x, label in merged(points, _MERGED_WITHIN)]
    _strip(sheet, sorted(said))


def _shade(panels: Sequence[Axes], shown: tuple[float, float], color: str) -> None:
    """Shade a time behind what is drawn, whose colours have to stay what they are."""
    for axes in panels:
        axes.axvspan(*shown, facecolor=color, edgecolor="none", alpha=0.22, zorder=1)
        for moment in shown:
            axes.axvline(moment, color=color, linewidth=0.8, zorder=3)


def _strip(sheet: Sheet, said: Sequence[tuple[float, str, str]]) -> None:
    """Write above the axes what happened, as far as there is room; the marks themselves are all there."""
    texts = [sheet.say(0, 0, label, pt=SMALL_PT) for _, label, _ in said]
    widths = [sheet.width(text) + _BLANK + 10 for text in texts]
    begins = [min(x, RIGHT + 200 - width) for (x, _, _), width in zip(said, widths, strict=True)]
    order = sorted(range(len(said)), key=lambda place: begins[place])
    placed = rows([begins[place] for place in order], [widths[place] for place in order], _ROWS, _MOVED)
    for place, found in zip(order, placed, strict=True):
        x, _, color = said[place]
        sheet.sign(x, _STRIP - 12, color, "v")
        if found is None:
            texts[place].remove()
            continue
        row, begin = found
        y = _STRIP + row * _ROW
        texts[place].set_position(((begin + 10) / WIDTH, y / HEIGHT))
        sheet.sign(begin + 2, y, color, "s")


def _x(axes: Axes, moment: float) -> float:
    return float(axes.transData.transform((moment, 0))[0])


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _runs(there: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield where what is there begins and ends, so that nothing is drawn through a gap."""
    begin: int | None = None
    for place, here in enumerate((*there, False)):
        if here and begin is None:
            begin = place
        elif not here and begin is not None:
            yield begin, place
            begin = None
