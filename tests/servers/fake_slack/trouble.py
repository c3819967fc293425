"""Trouble that a test asks for: rate limits, failing calls, lost answers."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from dataclasses import dataclass

from tests.servers.fake_slack.refusal import Refused

# How well clocks and timers agree.
_INACCURACY_S = 0.05


@dataclass(frozen=True)
class _Limit:
    until: float
    retry_after_s: int
    under_way_s: float


@dataclass(frozen=True)
class _Told:
    """From when on the app must have heard that it shall wait, and until when."""

    since: float
    until: float


class Trouble:
    """What goes wrong, by method (`response_url` counts as one)."""

    def __init__(self) -> None:
        self._limits: dict[str, _Limit] = {}
        self._told: dict[str, _Told] = {}
        self._failures: dict[str, deque[tuple[str, int]]] = defaultdict(deque)
        self._lost: dict[str, int] = defaultdict(int)
        self._garbled: dict[str, int] = defaultdict(int)
        self._lost_calls: dict[str, int] = defaultdict(int)

    def limit(self, method: str, for_s: float, retry_after_s: int, under_way_s: float) -> None:
        self._limits[method] = _Limit(time.monotonic() + for_s, retry_after_s, under_way_s)

    def lift(self, method: str) -> None:
        self._limits.pop(method, None)

    def fail(self, method: str, error: str, times: int, status: int) -> None:
        self._failures[method].extend([(error, status)] * times)

    def lose_answer(self, method: str, times: int) -> None:
        self._lost[method] += times

    def lose_call(self, method: str, times: int) -> None:
        self._lost_calls[method] += times

    def garble(self, method: str, times: int) -> None:
        self._garbled[method] += times

    def wait_s(self, method: str) -> int | None:
        """Return what Retry-After says, or None where the method is not limited now."""
        limit = self._limits.get(method)
        now = time.monotonic()
        if limit is None or now >= limit.until:
            return None
        told = self._told.get(method)
        since = told.since if told and now < told.until else now + limit.under_way_s
        self._told[method] = _Told(since, now + limit.retry_after_s)
        return limit.retry_after_s

    def is_too_early(self, method: str) -> bool:
        """Whether the app was told to wait for longer, and must have heard it by now."""
        told = self._told.get(method)
        return told is not None and told.since < time.monotonic() < told.until - _INACCURACY_S

    def check(self, method: str) -> None:
        """Raise Refused if this call is to fail."""
        if self._failures[method]:
            error, status = self._failures[method].popleft()
            raise Refused(error, status=status)

    def garbles(self, method: str) -> bool:
        """Whether something on the way answers in Slack's place, with a page for people."""
        if not self._garbled[method]:
            return False
        self._garbled[method] -= 1
        return True

    def loses_call(self, method: str) -> bool:
        """Whether the connection is to break before this call is carried out."""
        if not self._lost_calls[method]:
            return False
        self._lost_calls[method] -= 1
        return True

    def loses_answer(self, method: str) -> bool:
        """Whether the connection is to break after this call was carried out."""
        if not self._lost[method]:
            return False
        self._lost[method] -= 1
        return True
