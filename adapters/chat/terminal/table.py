"""Table -> aligned columns that fit the width, or, where they cannot, one cell after the other."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.box import Box
from rich.cells import cell_len, set_cell_size
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text as RichText

from adapters.chat.terminal.flow import flowing
from adapters.chat.terminal.style import MARKS, STYLES
from bot.message import Align, Row, Table, Tone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rich.console import RenderableType

    from bot.message import Column

GUTTER = 2

_ELASTIC_COMFORT = 24
_ELASTIC_LEAST = 12
_WORDS_LEAST = 20
_STACKED_INDENT = 4

# The beginning of a number or of its unit: half of it would be another number.
_TORN_NUMBER = re.compile(r"(^|\s+)[\d.,]+( [KMGT]?i?)?$")

# Of the eight lines that rich asks for, only the rule above the total is drawn.
_RULE_ABOVE_TOTAL = Box("    \n" * 5 + " ── \n" + "    \n" * 2)


def drawn(table: Table, width: int) -> Iterator[RenderableType]:
    """Yield what rich prints; the cells must be safe to show already."""
    table = _marked(table)
    widths = fit(table.columns, _natural_widths(table), width)
    if sum(widths.values()) + GUTTER * (len(widths) - 1) <= width:
        yield _aligned(table, widths)
    else:
        yield from _stacked(table, tuple(widths), width)


def fit(columns: tuple[Column, ...], natural: tuple[int, ...], width: int) -> dict[int, int]:
    """Choose which columns to show, by their place, and how wide each.

    Elastic columns give way first, then the dispensable ones go, then all words are cut. Numbers (columns
    flush right) are never cut, so the result can be too wide.
    """
    elastic = {place for place, column in enumerate(columns) if column.elastic}
    words = {place for place, column in enumerate(columns) if column.align is Align.LEFT}
    # One overlong name must not cost everybody a column.
    most = max(width // 2, _WORDS_LEAST)
    kept = {
        place: min(cells, most) if place in words - elastic else cells for place, cells in enumerate(natural)
    }
    while _excess(widths := _shrunk(kept, elastic, _ELASTIC_COMFORT, width), width) > 0:
        spare = [place for place in kept if columns[place].dispensable]
        if not spare:
            break
        kept.pop(max(spare, key=lambda place: (columns[place].dispensable, place)))
    return _shrunk(_shrunk(widths, elastic, _ELASTIC_LEAST, width), words, _WORDS_LEAST, width)


def _shrunk(widths: dict[int, int], which: Collection[int], least: int, width: int) -> dict[int, int]:
    """Take what is too much from `which`, the widest first, none going below `least`."""
    shrunk = dict(widths)
    for place in sorted(which & shrunk.keys(), key=lambda place: -widths[place]):
        shrunk[place] -= min(max(_excess(shrunk, width), 0), max(shrunk[place] - least, 0))
    return shrunk


def _excess(widths: dict[int, int], width: int) -> int:
    return sum(widths.values()) + GUTTER * (len(widths) - 1) - width


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
    for row in _titled(table):
        grid.add_row(*(_cell(row, place, width) for place, width in widths.items()))
    return grid


def _stacked(table: Table, places: tuple[int, ...], width: int) -> Iterator[RenderableType]:
    def lines(row: Row) -> Iterator[RichText]:
        cells = (_cell(row, place) for place in places if row.cells[place].strip())
        return flowing(cells, RichText(" " * GUTTER), width, _STACKED_INDENT)

    for row in _titled(table):
        yield from lines(row)
    if table.total:
        yield Rule(style="")
        yield from lines(table.total)


def _natural_widths(table: Table) -> tuple[int, ...]:
    rows = (*_titled(table), *((table.total,) if table.total else ()))
    return tuple(max(cell_len(row.cells[place]) for row in rows) for place in range(len(table.columns)))


def _titled(table: Table) -> tuple[Row, ...]:
    titles = tuple(column.title for column in table.columns)
    return (Row(titles, Tone.FAINT), *table.rows) if any(titles) or not table.rows else table.rows


def _marked(table: Table) -> Table:
    """Put the level's mark in front of each row, where any row has a level."""
    if not any(row.tone in MARKS for row in table.rows):
        return table

    def marked(row: Row) -> Row:
        return replace(row, cells=(f"{MARKS.get(row.tone, ' ')} {row.cells[0]}", *row.cells[1:]))

    first, *others = table.columns
    return Table(
        (replace(first, title=f"  {first.title}" if first.title else ""), *others),
        tuple(map(marked, table.rows)),
        table.total and marked(table.total),
    )


def _cell(row: Row, place: int, width: int | None = None) -> RichText:
    # A level colours the first word of its row only: a whole red line is hard to read.
    plain = row.tone in MARKS and place > 0
    text = row.cells[place] if width is None else shortened(row.cells[place], width)
    return RichText(text, style="" if plain else STYLES[row.tone])


def shortened(text: str, width: int) -> str:
    """Cut text to `width` cells, ending in `…`, and never inside a number."""
    if cell_len(text) <= width:
        return text
    return f"{_TORN_NUMBER.sub('', set_cell_size(text, width - 1)).rstrip()}…"
