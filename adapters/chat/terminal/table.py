"""Table -> aligned columns that fit the width, or, where they cannot, one cell after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import Box
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text as RichText

from adapters.chat.terminal.flow import flowing
from adapters.chat.terminal.style import STYLES
from adapters.monospace.columns import GUTTER, fit, fits, marked, natural_widths, shortened, titled
from adapters.monospace.marks import MARKS
from adapters.monospace.table import STACKED_INDENT
from bot.message import Align

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from bot.message import Row, Table

# Of the eight lines that rich asks for, only the rule above the total is drawn.
_RULE_ABOVE_TOTAL = Box("    \n" * 5 + " ── \n" + "    \n" * 2)


def drawn(table: Table, width: int) -> Iterator[RenderableType]:
    """Yield what rich prints; the cells must be safe to show already."""
    table = marked(table)
    widths = fit(table.columns, natural_widths(table), width)
    if fits(widths, width):
        yield _aligned(table, widths)
    else:
        yield from _stacked(table, tuple(widths), width)


def _aligned(table: Table, widths: dict[int, int]) -> RenderableType:
    grid = RichTable(
        box=_RULE_ABOVE_TOTAL,
        show_edge=False,
        show_header=False,
        show_footer=table.total is not None,
        pad_edge=False,
        padding=(0, GUTTER - 1, 0, 0),
        footer_style="",
    )
    for place, width in widths.items():
        grid.add_column(
            footer=_cell(table.total, place, width) if table.total else "",
            width=width,
            justify="right" if table.columns[place].align is Align.RIGHT else "left",
            no_wrap=True,
        )
    for row in titled(table):
        grid.add_row(*(_cell(row, place, width) for place, width in widths.items()))
    return grid


def _stacked(table: Table, places: tuple[int, ...], width: int) -> Iterator[RenderableType]:
    def lines(row: Row) -> Iterator[RichText]:
        cells = (_cell(row, place) for place in places if row.cells[place].strip())
        return flowing(cells, RichText(" " * GUTTER), width, STACKED_INDENT)

    for row in titled(table):
        yield from lines(row)
    if table.total:
        yield Rule(style="")
        yield from lines(table.total)


def _cell(row: Row, place: int, width: int | None = None) -> RichText:
    # A level colours the first word of its row only: a whole red line is hard to read.
    plain = row.tone in MARKS and place > 0
    text = row.cells[place] if width is None else shortened(row.cells[place], width)
    return RichText(text, style="" if plain else STYLES[row.tone])
