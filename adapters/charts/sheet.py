"""The sheet that a chart is drawn on: its size, its type, words and labels at places in pixels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.lines import Line2D
from PIL import Image

from adapters.charts.placing import spread

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.text import Text

WIDTH, HEIGHT, DPI = 1100, 680, 200
LEFT, RIGHT = 112, 812
LARGE_PT, NORMAL_PT, SMALL_PT = 9.2, 7.4, 6.8
PAPER, INK, FAINT, GRID = "#fbfbf9", "#1b2026", "#5c6670", "#dfe3e6"

_FONT = "DejaVu Sans"
_LABELS_X = 866
_LABEL_HEIGHT = 27.0
_EDGE = 28
_COLOURS = 128


def style() -> AbstractContextManager[None]:
    """Have all text drawn in our type, as it stands: `$` and `_` in a label are characters, not formulas."""
    return mpl.rc_context({"font.family": _FONT, "font.size": NORMAL_PT, "text.parse_math": False})


class Sheet:
    """A figure on which words are put at pixels, counted from the lower left."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(self.figure)
        self._known = frozenset(get_font(findfont(_FONT)).get_charmap())

    def axes(self, low: float, high: float) -> Axes:
        """Return axes between two heights."""
        axes = self.figure.add_axes(
            (LEFT / WIDTH, low / HEIGHT, (RIGHT - LEFT) / WIDTH, (high - low) / HEIGHT), facecolor="#ffffff"
        )
        axes.tick_params(labelsize=SMALL_PT, colors=FAINT, length=3, width=0.5, pad=3)
        axes.grid(color=GRID, linewidth=0.5)
        axes.set_axisbelow(True)
        for side in axes.spines.values():
            side.set(color=GRID, linewidth=0.6)
        return axes

    def say(
        self, x: float, y: float, words: str, *, pt: float = NORMAL_PT, color: str = INK, side: str = "left"
    ) -> Text:
        """Write words, `y` being their middle; `side` is where they begin, or `center`."""
        return self.figure.text(
            x / WIDTH,
            y / HEIGHT,
            self.drawable(words),
            fontsize=pt,
            color=color,
            va="center",
            ha=side,
        )

    def width(self, text: Text) -> float:
        """Return how wide words are."""
        return text.get_window_extent().width

    def line(self, xs: Sequence[float], ys: Sequence[float], color: str) -> None:
        """Draw a line over everything."""
        across, up = [x / WIDTH for x in xs], [y / HEIGHT for y in ys]
        self.figure.add_artist(Line2D(across, up, color=color, linewidth=0.9))

    def sign(self, x: float, y: float, color: str, shape: Literal["s", "v"]) -> None:
        """Draw a square or a triangle that points down."""
        self.figure.add_artist(Line2D([x / WIDTH], [y / HEIGHT], color=color, marker=shape, markersize=2.8))

    def label(self, axes: Axes, points: Sequence[tuple[float, str, str]]) -> None:
        """Write beside the axes what stands there at these heights: value, words, colour.

        Labels that would lie upon one another move apart; a line shows what each belongs to. What is higher
        than the axes, as services are whose shared memory is counted for each, is labelled at their top.
        """
        _, low, _, high = axes.get_window_extent().extents
        heights = [min(high, float(axes.transData.transform((0, value))[1])) for value, _, _ in points]
        places = spread(heights, _LABEL_HEIGHT, low, max(high, low + _LABEL_HEIGHT))
        for height, place, (_, words, color) in zip(heights, places, points, strict=True):
            ends = (RIGHT + 4, RIGHT + 14, _LABELS_X - 22, _LABELS_X - 10)
            self.line(ends, (height, height, place, place), color)
            self.sign(_LABELS_X - 10, place, color, "s")
            self._fit(self.say(_LABELS_X, place, words))

    def _fit(self, text: Text) -> None:
        """Make words smaller that would reach over the edge."""
        room = WIDTH - _LABELS_X - 10
        text.set_fontsize(NORMAL_PT * min(1.0, room / max(1.0, self.width(text))))

    def heading(self, words: str, aside: str) -> None:
        """Write the title, and something small opposite to it."""
        self.say(_EDGE, HEIGHT - 28, words, pt=LARGE_PT).set_fontweight("bold")
        self.say(WIDTH - _EDGE, HEIGHT - 28, aside, pt=SMALL_PT, color=FAINT, side="right")

    def png(self) -> bytes:
        """Return the sheet as it looks now. So few colours are drawn that a palette halves it for nothing."""
        raw, drawn = io.BytesIO(), io.BytesIO()
        self.figure.savefig(raw, format="rgba")
        image = Image.frombytes("RGBA", (WIDTH, HEIGHT), raw.getvalue()).convert("RGB")
        image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            drawn, format="png", optimize=True
        )
        return drawn.getvalue()

    def drawable(self, words: str) -> str:
        """Replace what the font has no sign for."""
        return "".join(c if ord(c) in self._known else "\N{REPLACEMENT CHARACTER}" for c in words)
