"""A chat that remembers what it was to say, for tests of what says it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.message import Announcement
    from bot.ports import Answer

PATIENCE_S = 15.0


class Listening:
    """A `Chat`. `fails` are raised one after the other, before anything is said."""

    def __init__(self, *fails: Exception) -> None:
        self.announced: list[Announcement] = []
        self.fails = list(fails)
        self._lock = threading.Lock()

    def serve(self, answer: Answer) -> None:
        raise AssertionError(answer)

    def announce(self, announcement: Announcement) -> str:
        with self._lock:
            if self.fails:
                raise self.fails.pop(0)
            self.announced.append(announcement)
            return announcement.edits or f"ts{len(self.announced)}"

    def close(self) -> None:
        raise AssertionError

    @property
    def headlines(self) -> list[str]:
        return [announcement.message.headline for announcement in self.announced]


def until(fulfilled: Callable[[], object]) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + PATIENCE_S
    while not fulfilled():
        assert time.monotonic() < give_up
        time.sleep(0.005)
