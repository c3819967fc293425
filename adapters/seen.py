"""What was handled already: a chat platform delivers again when in doubt, sometimes in a new envelope."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT_S = 600.0
_MOST = 20_000


class Seen:
    """Remembers `most` keys for `kept_s`; safe to be used by many threads. `clock` counts seconds."""

    def __init__(
        self, *, kept_s: float = _KEPT_S, most: int = _MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys: TTLCache[str, None] = TTLCache(most, kept_s, clock)
        self._lock = threading.Lock()

    def is_new(self, *keys: str) -> bool:
        """Tell whether none of these keys was seen before, and remember them all; empty ones do not count."""
        with self._lock:
            given = [key for key in keys if key]
            new = [key for key in given if key not in self._keys]
            self._keys.update(dict.fromkeys(new))
            return new == given
