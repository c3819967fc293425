"""Chart -> one line of characters that rises and falls, and its figures in words."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from adapters.monospace.flow import filled
from adapters.plain_text import visible
from bot.domain.units import size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.message import Chart

GAP = "·"
"""Where nothing was measured."""

_STEPS = "▁▂▃▄▅▆▇█"
_BETWEEN = " · "
_MOST_MARKS = 4
_DAY_S = 24 * 3600.0


def lines(chart: Chart, width: int) -> tuple[str, ...]:
    """Draw the line that counts in at most `width` cells and say what else the chart has, in words.

    Each character is the lowest value of its part of the time, on the scale of the whole chart, so that a
    short drop is seen. The stacked layers are left out.
    """
    title = visible(chart.title).strip()
    return tuple(
        line
        for line in (
            *_flowing([title] if title else [], width),
            *_drawn(chart, width),
            *_flowing(_figures(chart), width),
            *_flowing(_levels(chart), width),
            *_marks(chart, width),
        )
        if line
    )


def described(chart: Chart) -> str:
    """Say in one line what the chart shows, for those who cannot see it as a picture."""
    return visible(chart.text).strip() or visible(chart.title).strip() or "A chart."


def steps(chart: Chart, width: int) -> str:
    """Draw the line alone, each part of the time as high as its lowest value."""
    lowest = _lowest(chart.moments, chart.main.values, min(width, len(chart.moments)))
    return "".join(GAP if value is None else _step(value, chart.whole) for value in lowest)


def _drawn(chart: Chart, width: int) -> Iterator[str]:
    drawn = steps(chart, width)
    if not drawn:
        return
    yield drawn
    first, last = chart.moments[0], chart.moments[-1]
    begin, end = _time(first, chart), _time(last, chart)
    room = max(len(drawn), len(begin) + len(end) + 1)
    if len(chart.moments) == 1:
        yield end
    elif room <= width:
        yield f"{begin}{end:>{room - len(begin)}}"
    else:
        yield from _flowing([f"{begin} to", end], width)


def _figures(chart: Chart) -> list[str]:
    """`available now 96 MiB · least 62 MiB at 13:58 · most 412 MiB at 13:05`."""
    label = visible(chart.main.label).strip()
    known = [
        (value, moment)
        for moment, value in zip(chart.moments, chart.main.values, strict=False)
        if value is not None and isfinite(value)
    ]
    if not known:
        return [f"{label}: nothing was measured".removeprefix(": ")]
    last, last_at = known[-1]
    least, least_at = min(known, key=lambda each: each[0])
    most, most_at = max(known, key=lambda each: each[0])
    when = "now" if last_at == chart.moments[-1] else f"at {_time(last_at, chart)}"
    return [
        f"{label} {when} {size(round(last))}".strip(),
        f"least {size(round(least))} at {_time(least_at, chart)}",
        f"most {size(round(most))} at {_time(most_at, chart)}",
    ]


def _levels(chart: Chart) -> list[str]:
    """`critical below 10 %: 96 MiB` for each level that is drawn across."""
    return [
        f"{visible(each.label)}: {size(round(each.value))}" for each in chart.lines if isfinite(each.value)
    ]


def _marks(chart: Chart, width: int) -> Iterator[str]:
    """Name what happened, the latest last; of many only the latest."""
    shown = sorted(chart.marks, key=lambda mark: mark.at)[-_MOST_MARKS:]
    if more := len(chart.marks) - len(shown):
        yield f"… and {more} before"
    for mark in shown:
        yield from _flowing([f"{_time(mark.at, chart)} {visible(mark.label)}"], width)


def _lowest(
    moments: Sequence[datetime], values: Sequence[float | None], count: int
) -> Sequence[float | None]:
    """Return the lowest value of each of `count` equally long parts of the time, None where there is none."""
    lowest: list[float | None] = [None] * count
    if not count:
        return lowest
    # The hour that comes twice in autumn would go backwards on the clock.
    begin = moments[0].timestamp()
    whole_s = (moments[-1].timestamp() - begin) or 1.0
    for moment, value in zip(moments, values, strict=False):
        place = min(int((moment.timestamp() - begin) / whole_s * count), count - 1)
        so_far = lowest[place]
        if value is not None and isfinite(value) and (so_far is None or value < so_far):
            lowest[place] = value
    return lowest


def _step(value: float, whole: float) -> str:
    part = min(max(value / whole, 0.0), 1.0) if whole > 0 else 0.0
    return _STEPS[min(int(part * len(_STEPS)), len(_STEPS) - 1)]


def _time(moment: datetime, chart: Chart) -> str:
    """Write the time of day, and the date too where the chart is of more than a day."""
    if not chart.moments:
        return f"{moment:%Y-%m-%d %H:%M}"
    first, last = chart.moments[0], chart.moments[-1]
    written = moment.astimezone(last.tzinfo)
    is_a_day = last.timestamp() - first.timestamp() <= _DAY_S
    return f"{written:%H:%M}" if is_a_day else f"{written:%Y-%m-%d %H:%M}"


def _flowing(items: Sequence[str], width: int) -> Iterator[str]:
    """Fill lines with the items, broken between words where one is too wide."""
    for group in filled(items, cell_len, len(_BETWEEN), width):
        line = _BETWEEN.join(group)
        yield from [line] if cell_len(line) <= width else _broken(line, width)


def _broken(line: str, width: int) -> Iterator[str]:
    for group in filled(line.split(" "), cell_len, 1, width):
        joined = " ".join(group)
        yield joined if cell_len(joined) <= width else set_cell_size(joined, width - 1).rstrip() + "…"
