"""The same work for many, several at a time."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.ports import Item, Result

_AT_ONCE = 64
_LISTEN_S = 0.5


def each(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Call `work` for each item, up to 64 at a time, and return the results in order.

    What one raises is raised after the others have ended. The threads are daemons, so Ctrl-C ends the
    program at once instead of after the slowest host's timeout.
    """
    todo: SimpleQueue[tuple[int, Item]] = SimpleQueue()
    for numbered in enumerate(items):
        todo.put(numbered)
    results: dict[int, Result] = {}
    raised: dict[int, BaseException] = {}

    def labour() -> None:
        while True:
            try:
                position, item = todo.get_nowait()
            except Empty:
                return
            try:
                results[position] = work(item)
            except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
                raised[position] = error

    count = todo.qsize()
    threads = [threading.Thread(target=labour, daemon=True) for _ in range(min(_AT_ONCE, count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        # A signal that comes just before the wait begins wakes nobody: Python's handler runs when the main
        # thread goes on by itself.
        while thread.is_alive():
            thread.join(_LISTEN_S)
    for position in sorted(raised):
        raise raised[position]
    return [results[position] for position in range(count)]
