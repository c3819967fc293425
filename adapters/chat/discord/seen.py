"""Remembers what was dealt with: Discord sends an interaction again if it is not sure that it arrived."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT_S = 600.0
_MOST = 10_000


class Seen:
    """The ids of the last ten minutes, ten thousand at most. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[int, float] = OrderedDict()

    def is_new(self, key: int) -> bool:
        """Tell whether this is the first time, and remember it."""
        now = self._clock()
        while self._seen and (len(self._seen) >= _MOST or next(iter(self._seen.values())) < now - _KEPT_S):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now
        return True
