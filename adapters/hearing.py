"""Whether a chat platform is heard: what counts is when something last arrived, not how it looks."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.outage import Outage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_LOG = logging.getLogger(__name__)


class Hearing:
    """Knows when a platform was last heard; after `deaf_s` of silence the others are told, once.

    `reason` is what was in the way last, empty if nothing was; the others are told that, too.
    """

    def __init__(
        self,
        platform: str,
        now: Callable[[], datetime],
        tell_others: Callable[[Outage], None],
        deaf_s: float,
    ) -> None:
        self._platform = platform
        self._now = now
        self._tell_others = tell_others
        self._deaf_s = deaf_s
        self._last = time.monotonic(), now()
        self._told: Outage | None = None
        self.reason = ""

    @property
    def silent_s(self) -> float:
        """For how long nothing was heard."""
        return time.monotonic() - self._last[0]

    @property
    def is_deaf(self) -> bool:
        """Whether nothing was heard for longer than is bearable."""
        return self.silent_s > self._deaf_s

    def heard(self) -> None:
        """Note a sign of life."""
        self._last = time.monotonic(), self._now()

    def look(self) -> None:
        """Tell the others if nothing was heard for long, and when something is heard again."""
        if self._told is None and self.is_deaf:
            why = f" ({self.reason})" if self.reason else ""
            _LOG.warning("%s has not been heard for %.0f s%s.", self._platform.title(), self.silent_s, why)
            self._told = Outage(self._platform, self._last[1], reason=self.reason)
            self._tell_others(self._told)
        elif self._told is not None and not self.is_deaf:
            _LOG.warning("%s is heard again.", self._platform.title())
            reason = self.reason or self._told.reason
            self._tell_others(replace(self._told, until=self._now(), reason=reason))
            self._told, self.reason = None, ""
