"""`Ports.each` without threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.ports import Item, Result


def sequential_each(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """One after the other; like the real one, what one raises is raised after the others have ended."""
    results: list[Result] = []
    raised: Exception | None = None
    for item in items:
        try:
            results.append(work(item))
        except Exception as error:  # noqa: BLE001 - raised below, after the others, as the port demands
            raised = raised or error
    if raised:
        raise raised
    return results
