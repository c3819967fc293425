"""Rate limits as Discord tells of them: a bucket per route and major parameter, and one for everything."""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.fake_discord.wire import JsonObject

_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
EVERYTHING = "*"


class RateLimited(Exception):
    """A call that came too soon. Without `via` it looks like a ban by the proxy in front of Discord."""

    def __init__(
        self,
        retry_after_s: float,
        headers: Mapping[str, str] | None = None,
        *,
        everywhere: bool = False,
        via: bool = True,
        planned: bool = False,
    ) -> None:
        super().__init__(retry_after_s)
        self.planned = planned
        self.via = via
        self.body: JsonObject = {
            "message": "You are being rate limited.",
            "retry_after": retry_after_s,
            "global": everywhere,
        }
        self.headers = {
            **(headers or {}),
            "Retry-After": str(math.ceil(retry_after_s)),
            "X-RateLimit-Scope": "global" if everywhere else "user",
        }
        if everywhere:
            self.headers["X-RateLimit-Global"] = "true"


class Buckets:
    """Counts calls in windows that begin with their first call."""

    def __init__(self, sizes: Mapping[str, tuple[int, float]]) -> None:
        self._sizes = sizes
        self._windows: dict[str, tuple[float, int]] = {}
        self._all: deque[float] = deque()

    def passed(self, method: str, route: str, parts: Mapping[str, str], *, counted: bool) -> dict[str, str]:
        """Count a call and return the headers that tell of its bucket. Raises RateLimited."""
        now = time.monotonic()
        if counted:
            self._count_all(now)
        name = f"{method} {route}"
        if name not in self._sizes:
            return {}
        most, window_s = self._sizes[name]
        key = "+".join([name, *(parts[part] for part in _MAJOR if part in parts)])
        began, used = self._windows.get(key, (now, 0))
        if now >= began + window_s:
            began, used = now, 0
        left_s = began + window_s - now
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(0, most - used - 1)),
            "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
            "X-RateLimit-Reset-After": f"{left_s:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        }
        if used >= most:
            raise RateLimited(left_s, headers)
        self._windows[key] = (began, used + 1)
        return headers

    def _count_all(self, now: float) -> None:
        """Count towards the calls that a bot may make in all; interactions' endpoints are exempt."""
        most, window_s = self._sizes.get(EVERYTHING, (0, 0.0))
        while self._all and now - self._all[0] >= window_s:
            self._all.popleft()
        if most and len(self._all) >= most:
            raise RateLimited(window_s - (now - self._all[0]), everywhere=True)
        self._all.append(now)
