"""Bar -> one line of characters that are equally wide in any fixed-width face, and a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from adapters.monospace.flow import filled
from adapters.plain_text import visible
from bot.message import Shade

if TYPE_CHECKING:
    from bot.message import Bar, Segment

NARROW = 60
"""Below so many columns a page is a phone's."""

GAP = 2
"""The cells between two labels of a legend."""

_NARROW_LINES = 2
_MORE = " …"

SHADES = {
    Shade.SOLID: "█",
    Shade.DARK: "▓",
    Shade.MEDIUM: "▒",
    Shade.LIGHT: "░",
    Shade.EMPTY: "·",
}


def lines_of(bar: Bar, width: int) -> tuple[str, ...]:
    """Draw the bar over the whole width, and below it what its parts are.

    On a narrow page the legend has two lines and an ellipsis: the first parts are the ones that matter, and
    the screen is for the figures.
    """
    legend = _legend(bar, width)
    if width < NARROW and len(legend) > _NARROW_LINES:
        first, last, *_ = _legend(bar, width - len(_MORE))
        legend = [first, last + _MORE]
    return (cells(bar.segments, width), *legend)


def _legend(bar: Bar, width: int) -> list[str]:
    return [(" " * GAP).join(line) for line in filled(labels(bar, "utf-8"), cell_len, GAP, width)]


def labels(bar: Bar, encoding: str) -> list[str]:
    """`█ gunicorn 42 %` for each part that has a label."""
    return [
        f"{SHADES[segment.shade]} {visible(segment.label, encoding)}"
        for segment in bar.segments
        if segment.label
    ]


def cells(segments: tuple[Segment, ...], width: int) -> str:
    """Draw the parts in `width` cells; each ends where its running sum does, so the whole is exact."""
    weights = [max(segment.weight, 0) for segment in segments]
    whole = sum(weights) or 1
    ends = [width * sum(weights[: place + 1]) // whole for place in range(len(weights))]
    return "".join(
        SHADES[segment.shade] * (end - start)
        for segment, start, end in zip(segments, [0, *ends], ends, strict=False)
    )
