"""A clock that moves only when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 14, 2, 31, tzinfo=UTC)


class FixedClock:
    """`Ports.now`: stands still until `passes` is called."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def passes(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self._now += timedelta(hours=hours, minutes=minutes, seconds=seconds)
