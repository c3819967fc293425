"""Lines filled with whole items."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")


def filled(
    items: Iterable[Item], cells: Callable[[Item], int], between: int, width: int, indent: int = 0
) -> Iterator[tuple[Item, ...]]:
    """Group items so that each group is a line of at most `width` cells, unless a single item is wider.

    `cells` measures an item, `between` is what stands between two, and every line but the first is indented.
    """
    line: list[Item] = []
    used = 0
    for item in items:
        needed = cells(item)
        if line and used + between + needed > width:
            yield tuple(line)
            line, used = [], indent
        used += needed + (between if line else 0)
        line.append(item)
    if line:
        yield tuple(line)
