"""Table -> lines: aligned columns within a width or, where they cannot be, one cell after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import cell_len

from adapters.monospace.bar import NARROW
from adapters.monospace.columns import (
    GUTTER,
    fit,
    fits,
    marked,
    natural_widths,
    safe,
    shortened,
    titled,
)
from adapters.monospace.flow import filled
from bot.message import Align, Table

if TYPE_CHECKING:
    from bot.message import Row

STACKED_INDENT = 4
RULE = "─"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A table's lines: those of the titles, of each row, of the total.

    `left_out` are the columns that had no room, `shortened` tells whether a cell is cut.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    shortened: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines in order."""
        return (*self.titles, *(line for row in self.rows for line in row), *self.total)


def drawn(table: Table, width: int) -> Drawing:
    """Draw the table; a column that says nothing is no loss, others that had no room are named by title.

    On a narrow page words that may not be left out are not cut either: then every row has several lines.
    """
    table = marked(safe(_telling(table), "utf-8"))
    natural = natural_widths(table)
    widths = fit(table.columns, natural, width)
    aligned = fits(widths, width) and not (
        width < NARROW
        and any(
            table.columns[place].elastic and not table.columns[place].dispensable and cells < natural[place]
            for place, cells in widths.items()
        )
    )

    def lines(row: Row) -> tuple[str, ...]:
        return (_aligned(table, row, widths),) if aligned else _stacked(row, tuple(widths), width)

    rows = tuple(map(lines, titled(table)))
    untitled = len(rows) == len(table.rows)
    return Drawing(
        titles=rows[0] if not untitled and (aligned or not table.rows) else (),
        rows=rows if untitled else rows[1:],
        total=(_rule(rows, width), *lines(table.total)) if table.total else (),
        left_out=tuple(column.title for place, column in enumerate(table.columns) if place not in widths),
        shortened=aligned and any(cells < natural[place] for place, cells in widths.items()),
    )


def _telling(table: Table) -> Table:
    """Leave out dispensable columns without a word in them."""
    rows = (*table.rows, *((table.total,) if table.total else ()))
    places = [
        place
        for place, column in enumerate(table.columns)
        if not column.dispensable or not rows or any(row.cells[place].strip() for row in rows)
    ]

    def row(given: Row) -> Row:
        return replace(given, cells=tuple(given.cells[place] for place in places))

    return Table(
        tuple(table.columns[place] for place in places),
        tuple(map(row, table.rows)) if places else (),
        table.total and row(table.total) if places else None,
    )


def _aligned(table: Table, row: Row, widths: dict[int, int]) -> str:
    def cell(place: int, width: int) -> str:
        text = shortened(row.cells[place], width)
        blank = " " * (width - cell_len(text))
        return blank + text if table.columns[place].align is Align.RIGHT else text + blank

    return (" " * GUTTER).join(cell(place, width) for place, width in widths.items()).rstrip()


def _stacked(row: Row, places: tuple[int, ...], width: int) -> tuple[str, ...]:
    cells = [row.cells[place] for place in places if row.cells[place].strip()]
    between, margin = " " * GUTTER, " " * STACKED_INDENT
    first, *more = map(between.join, filled(cells or [""], cell_len, GUTTER, width, STACKED_INDENT))
    rest = (wrap(line, width - STACKED_INDENT, break_on_hyphens=False) for line in more)
    return (first, *(margin + line for lines in rest for line in lines))


def _rule(rows: tuple[tuple[str, ...], ...], width: int) -> str:
    return RULE * min(max((cell_len(line) for row in rows for line in row), default=0), width)
