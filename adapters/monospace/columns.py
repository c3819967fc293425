"""Which columns of a table are shown, and how wide."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from adapters.monospace.marks import MARKS
from adapters.plain_text import visible
from bot.message import Align, Row, Table, Tone

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.message import Column

GUTTER = 2

_ELASTIC_COMFORT = 24
_ELASTIC_WORTH = 16
_ELASTIC_LEAST = 12
_WORDS_LEAST = 20
# What is wanted much less is no substitute.
_MOST_PASSED_OVER = 1

# What is left of a unit that was cut off its number.
_TORN_UNIT = re.compile(r"(?<=\d) [KMGT]i?$")


def fit(columns: tuple[Column, ...], natural: tuple[int, ...], width: int) -> dict[int, int]:
    """Choose which columns to show, by their place, and how wide each.

    Elastic columns give way first, then the dispensable ones go, then all words are cut. Numbers (columns
    flush right) are never cut, so the result can be too wide.
    """
    elastic = {place for place, column in enumerate(columns) if column.elastic}
    words = {place for place, column in enumerate(columns) if column.align is Align.LEFT}
    # One overlong name must not cost everybody a column.
    most = max(width // 2, _WORDS_LEAST)
    wanted = {
        place: min(cells, most) if place in words - elastic else cells for place, cells in enumerate(natural)
    }
    kept = _affordable(columns, wanted, width)
    if not elastic & kept.keys():
        kept = _refilled(columns, kept, wanted, width)
    # On a telephone even half the screen is less.
    least = min(_WORDS_LEAST, width // 2)
    for which, narrowest in ((elastic, _ELASTIC_COMFORT), (elastic, _ELASTIC_LEAST), (words, least)):
        kept = _shrunk(kept, which, narrowest, width)
    return kept


def _affordable(columns: tuple[Column, ...], wanted: dict[int, int], width: int) -> dict[int, int]:
    """Let dispensable columns go until the elastic ones have room; the last of them may itself be cramped."""
    elastic = {place for place in wanted if columns[place].elastic}
    kept = dict(wanted)
    while spare := [place for place in kept if columns[place].dispensable]:
        least = _ELASTIC_WORTH if len(spare) == 1 and elastic.issuperset(spare) else _ELASTIC_COMFORT
        if fits(_shrunk(kept, elastic, least, width), width):
            break
        kept.pop(max(spare, key=lambda place: (columns[place].dispensable, place)))
    return kept


def fits(widths: dict[int, int], width: int) -> bool:
    """Tell whether columns of these widths stand beside one another."""
    return _excess(widths, width) <= 0


def _refilled(
    columns: tuple[Column, ...], kept: dict[int, int], wanted: dict[int, int], width: int
) -> dict[int, int]:
    """Give the room that a wide column left to the best of the others that had gone before it."""
    widths = dict(kept)
    gone = sorted(wanted.keys() - kept.keys(), key=lambda place: (columns[place].dispensable, place))
    without_room = 0
    for place in (place for place in gone if not columns[place].elastic):
        if fits(more := widths | {place: wanted[place]}, width):
            widths = more
        else:
            without_room += 1
        if without_room > _MOST_PASSED_OVER:
            break
    return dict(sorted(widths.items()))


def _shrunk(widths: dict[int, int], which: Collection[int], least: int, width: int) -> dict[int, int]:
    """Take what is too much from `which`, the widest first, none going below `least`."""
    shrunk = dict(widths)
    for place in sorted(which & shrunk.keys(), key=lambda place: -widths[place]):
        shrunk[place] -= min(max(_excess(shrunk, width), 0), max(shrunk[place] - least, 0))
    return shrunk


def _excess(widths: dict[int, int], width: int) -> int:
    return sum(widths.values()) + GUTTER * (len(widths) - 1) - width


def shortened(text: str, width: int) -> str:
    """Cut text to `width` cells, ending in `…`, and never inside a number."""
    if cell_len(text) <= width:
        return text
    return f"{_without_torn_number(set_cell_size(text, width - 1).rstrip()).rstrip()}…"


def _without_torn_number(text: str) -> str:
    """Leave out a number at the end with its sign, its bracket and the number it is compared with.

    Half of it would be another number, and so would it be without its unit.
    """
    number = _TORN_UNIT.sub("", text)
    before = number
    while before and not before[-1].isalpha() and not before[-1].isspace():
        before = before[:-1]
    return before if any(character.isdigit() for character in number[len(before) :]) else text


def natural_widths(table: Table) -> tuple[int, ...]:
    """Return how many cells each column would need."""
    rows = (*titled(table), *((table.total,) if table.total else ()))
    return tuple(max(cell_len(row.cells[place]) for row in rows) for place in range(len(table.columns)))


def titled(table: Table) -> tuple[Row, ...]:
    """Return the rows, below one of the titles where there are any."""
    titles = tuple(column.title for column in table.columns)
    return (Row(titles, Tone.FAINT), *table.rows) if any(titles) or not table.rows else table.rows


def marked(table: Table) -> Table:
    """Put the level's mark in front of each row, where any row has a level."""
    if not any(row.tone in MARKS for row in table.rows):
        return table

    def with_mark(row: Row) -> Row:
        return replace(row, cells=(f"{MARKS.get(row.tone, ' ')} {row.cells[0]}", *row.cells[1:]))

    first, *others = table.columns
    return Table(
        (replace(first, title=f"  {first.title}" if first.title else ""), *others),
        tuple(map(with_mark, table.rows)),
        table.total and with_mark(table.total),
    )


def safe(table: Table, encoding: str) -> Table:
    """Make every text in the table safe to draw."""

    def row(given: Row) -> Row:
        return replace(given, cells=tuple(visible(cell, encoding) for cell in given.cells))

    return Table(
        tuple(replace(column, title=visible(column.title, encoding)) for column in table.columns),
        tuple(map(row, table.rows)),
        table.total and row(table.total),
    )
