"""Time limits that hold: a moment to be done by, and a watchdog for calls that know no timeout."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from adapters.background import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, and the allowance in seconds it was made from."""

    at_s: float
    allowed_s: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the moment `seconds` from now."""
        return cls(time.monotonic() + seconds, seconds)

    def at_most(self, seconds: float) -> Deadline:
        """Return this moment, or the one `seconds` from now if that is earlier."""
        seconds = min(seconds, self.left_s)
        return Deadline(time.monotonic() + seconds, round(seconds, 1))

    @property
    def left_s(self) -> float:
        """Seconds until then, never below zero."""
        return max(0.0, self.at_s - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the moment has come."""
        return time.monotonic() >= self.at_s


@contextmanager
def watchdog(deadline: Deadline, abort: Callable[[], object]) -> Iterator[None]:
    """Call `abort` from another thread if the block is still running at the deadline.

    For calls that block without a timeout of their own; `abort` must make them end.
    """
    timer = threading.Timer(deadline.left_s, abort)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def within(deadline: Deadline, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns, or raise what it raises; TimeoutError if that takes longer.

    For calls that nothing can end: one that is late goes on in a thread of its own, unheard.
    """
    return start(ask).result(timeout=deadline.left_s)
