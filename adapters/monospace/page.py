"""Blocks -> what of them fits into one chat message: paragraphs and fixed-width lines, never cut silently."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adapters.monospace import bar, sparkline, table
from adapters.monospace.document import code_line
from adapters.plain_text import visible
from bot.message import Bar, Chart, Code, Table, Text, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.message import Block

_MOST_PARTS = 40
_LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; a faint one is of minor weight."""

    text: str
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """Lines to be shown in a fixed-width face."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(self.lines)


Part = Prose | Fixed

_THE_REST = Prose("… the rest of this answer is in the file.", faint=True)
_NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits: columns of fixed-width text, the length of one part, the cost of all parts together."""

    width: int
    longest: int
    room: int
    cost: Callable[[Part], int]


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown, and what is not: the columns that no table had room for, the ends of `shortened` cells.

    `whole` tells whether it is everything else.
    """

    parts: tuple[Part, ...] = ()
    left_out: tuple[str, ...] = ()
    shortened: bool = False
    whole: bool = True

    @property
    def has_every_cell(self) -> bool:
        """Whether a wider page would show nothing more."""
        return not self.left_out and not self.shortened


@dataclass(frozen=True, slots=True)
class _Lines:
    """Fixed-width lines that may be shortened to the first of its items, each of one or several lines."""

    items: tuple[tuple[str, ...], ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    named: str = "lines"
    whole: bool = True
    left_out: tuple[str, ...] = ()
    shortened: bool = False

    def first(self, count: int) -> Fixed:
        shown = (line for item in self.items[:count] for line in item)
        return Fixed((*self.above, *shown, *self.below))


def paged(blocks: Iterable[Block], limits: Limits) -> Page:
    """Draw the blocks in order as far as there is room.

    Of what is too long the beginning is shown, and a paragraph after it says that the file has the rest.
    """
    page = Page()
    room = limits.room - limits.cost(_THE_REST)
    for block in blocks:
        drawing = _drawing(block, limits.width)
        given = _shortened(drawing, replace(limits, room=room))
        cost = sum(map(limits.cost, given.parts))
        if cost > room or len(page.parts) + len(given.parts) >= _MOST_PARTS:
            return replace(page, parts=(*page.parts, _THE_REST), whole=False)
        room -= cost
        page = Page(
            _together(page.parts, given.parts, limits.longest),
            (*page.left_out, *given.left_out),
            page.shortened or given.shortened,
            page.whole and given.whole,
        )
    return page


def only_in_the_file(*pages: Page) -> Prose | None:
    """Say what pages that cannot be wider do not show; None if they show every cell."""
    titles = dict.fromkeys(title.strip() for page in pages for title in page.left_out)
    missing = [f"“{title}”" if title else "a column without a title" for title in titles]
    if any(page.shortened for page in pages):
        missing.append("the whole of what ends in “…”")
    if not missing:
        return None
    return Prose(cut_to(_NOTE_LENGTH, f"Only in the file: {', '.join(missing)}."), faint=True)


def _together(before: tuple[Part, ...], after: tuple[Part, ...], longest: int) -> tuple[Part, ...]:
    """Set fixed-width parts that follow one another in one frame, as a bar and its table, if they fit."""
    match before, after:
        case (*first, Fixed(above)), (Fixed(below), *others):
            both = Fixed((*above, "", *below))
            if length(both.text) <= longest:
                return (*first, both, *others)
    return (*before, *after)


def length(text: str) -> int:
    """Return how long the text is as chats count: in units of UTF-16, so that an emoji is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return the text or, ending in `…`, as much of its beginning as fits."""
    if fits(text):
        return text
    count = bisect_right(range(1, len(text) + 1), 0, key=lambda end: not fits(f"{text[:end]}…"))
    return f"{text[:count].rstrip()}…"


def cut_to(most: int, text: str) -> str:
    """Return the text or its beginning, at most so long."""
    return cut(text, lambda shown: length(shown) <= most)


def _drawing(block: Block, width: int) -> Prose | _Lines:
    match block:
        case Text():
            return Prose(visible(block.text), block.tone is Tone.FAINT)
        case Code():
            lines = tuple(map(code_line, block.lines))
            shown = tuple(cut_to(_LONGEST_LINE, line) for line in lines)
            return _Lines(tuple((line,) for line in shown), whole=shown == lines)
        case Bar():
            drawn_bar, *legend = bar.lines_of(block, width)
            return _Lines(tuple((line,) for line in legend), (drawn_bar,))
        case Table():
            drawn = table.drawn(block, width)
            return _Lines(
                drawn.rows,
                drawn.titles,
                drawn.total,
                named="rows",
                left_out=drawn.left_out,
                shortened=drawn.shortened,
            )
        case Chart():
            return _Lines(tuple((line,) for line in sparkline.lines(block, width)))


def _shortened(drawing: Prose | _Lines, limits: Limits) -> Page:
    """Show as much as fits of one block."""

    def fits(part: Part, *others: Part) -> bool:
        return length(part.text) <= limits.longest and sum(map(limits.cost, (part, *others))) <= limits.room

    if isinstance(drawing, Prose):
        return _shortened_prose(drawing, fits)
    page = _shortened_lines(drawing, fits)
    return replace(page, left_out=drawing.left_out, shortened=drawing.shortened)


def _shortened_prose(prose: Prose, fits: Callable[[Part], bool]) -> Page:
    if not prose.text.strip():
        return Page()
    text = cut(prose.text, lambda text: fits(replace(prose, text=text)))
    return Page((replace(prose, text=text),), whole=text == prose.text)


def _shortened_lines(drawing: _Lines, fits: Callable[..., bool]) -> Page:
    everything = drawing.first(len(drawing.items))
    if not everything.text.strip():
        return Page()
    if fits(everything):
        return Page((everything,), whole=drawing.whole)

    def too_much(count: int) -> bool:
        return not fits(drawing.first(count), _more(drawing, count))

    count = bisect_right(range(1, len(drawing.items) + 1), 0, key=too_much)
    parts = (drawing.first(count),) if count else ()
    return Page((*parts, _more(drawing, count)), whole=False)


def _more(drawing: _Lines, shown: int) -> Prose:
    missing = len(drawing.items) - shown
    if not missing:
        return _THE_REST
    name = drawing.named if missing != 1 else drawing.named.removesuffix("s")
    return Prose(f"… and {missing:,} more {name}: the whole answer is in the file.", faint=True)
