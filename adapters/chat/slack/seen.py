"""What was handled already: Slack delivers again when in doubt, sometimes in a new envelope."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

_KEPT_S = 600.0
_MOST = 20_000


class Seen:
    """Remembers keys for ten minutes; safe to be used by many threads."""

    def __init__(self, *, kept_s: float = _KEPT_S, most: int = _MOST) -> None:
        self._kept_s = kept_s
        self._most = most
        self._at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, *keys: str) -> bool:
        """Tell whether none of these keys was seen before, and remember them all; empty ones do not count."""
        now = time.monotonic()
        with self._lock:
            self._forget(now)
            given = [key for key in keys if key]
            known = any(key in self._at for key in given)
            for key in given:
                self._at.setdefault(key, now)
            return not known

    def _forget(self, now: float) -> None:
        while self._at:
            key, at = next(iter(self._at.items()))
            if len(self._at) <= self._most and now - at <= self._kept_s:
                return
            del self._at[key]
