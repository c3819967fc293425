"""Work done after the acknowledgement: by a few threads, from a queue that cannot grow without end."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)


# So many times the calm is waited for, and then the work begins all the same.
_PATIENCE = 8


class Workers:
    """A pool of threads that takes at most `most` jobs at once, waiting ones included.

    A job begins when nothing new was taken for `calm_s`: while many come at once, they are all acknowledged
    before the work on the first makes the interpreter busy.
    """

    def __init__(self, name: str, *, threads: int, most: int, calm_s: float = 0.0) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._room = threading.BoundedSemaphore(most)
        self._calm_s = calm_s
        self._taken_at = 0.0

    def take(self, work: Callable[[], object]) -> bool:
        """Do the work soon; False if there is no room for it. What it raises is logged."""
        if not self._room.acquire(blocking=False):
            return False
        self._taken_at = time.monotonic()
        try:
            self._pool.submit(self._do, work)
        except RuntimeError:  # closed meanwhile
            self._room.release()
            return False
        return True

    def close(self) -> None:
        """Take nothing more, and forget what has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            self._wait_for_calm()
            work()
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs one answer, not the thread
            logged_mistake(error)
        finally:
            self._room.release()

    def _wait_for_calm(self) -> None:
        for _ in range(_PATIENCE):
            left_s = self._taken_at + self._calm_s - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(left_s)


def logged_mistake(error: BaseException) -> None:
    """Log what nobody expected: the kind of error and where, not its words, which may hold a secret."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"
    _LOG.error("A mistake of ours while talking to Slack: %s at %s.", type(error).__name__, place)


class Alarms:
    """Does things later; one thread for all of them."""

    def __init__(self) -> None:
        self._number = itertools.count()
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def set(self, after_s: float, ring: Callable[[], object]) -> None:
        """Call `ring` after so many seconds; it must neither block nor raise."""
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + after_s, next(self._number), ring))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="slack-alarms", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Let nothing ring any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        while (ring := self._next()) is not None:
            ring()

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            while not self._closed:
                due_s = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if due_s is not None and due_s <= 0:
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(due_s)
        return None
