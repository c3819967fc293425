"""Whether Discord is heard: what counts is the last frame that arrived, not that a connection looks alive.

A connection can be deaf for hours. Discord answers every heartbeat, one about every 41 seconds.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import TYPE_CHECKING

from adapters.chat.discord.options import NAME
from bot.domain.outage import Outage

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.chat import Surroundings

_LOG = logging.getLogger(__name__)

_MOST_LOSSES, _LOSSES_WITHIN_S = 5, 10.0


class Hearing:
    """Knows when Discord was last heard, and tells the other platforms when that is too long ago.

    `trouble` is what ended the last connection.
    """

    def __init__(self, surroundings: Surroundings, deaf_s: float) -> None:
        self._now = surroundings.now
        self._tell_others = surroundings.tell_others
        self._deaf_s = deaf_s
        self._last: tuple[float, datetime] = (time.monotonic(), self._now())
        self._outage: Outage | None = None
        self._losses: deque[float] = deque(maxlen=_MOST_LOSSES)
        self._waiting_since: float | None = time.monotonic()
        self.trouble = ""

    def begins(self) -> None:
        """Note that another connection is being made."""
        self._waiting_since = time.monotonic()
        self._losses.clear()

    def heard(self) -> None:
        """Note that something arrived; a greeting before the session does not count."""
        if self._waiting_since is None:
            self._last = (time.monotonic(), self._now())

    def connected(self) -> None:
        """Note that a session has begun or goes on, and tell it if the others were told of an outage."""
        self._waiting_since = None
        self.trouble = ""
        self.heard()
        if self._outage is not None:
            self._tell_others(Outage(NAME, self._outage.since, self._now(), self._outage.reason))
            self._outage = None

    def disconnected(self) -> None:
        """Note that nothing can arrive until the session goes on."""
        self._waiting_since = time.monotonic()
        self._losses.append(time.monotonic())

    def watch(self) -> bool:
        """Tell the others when nothing was heard for too long; return whether to give this connection up."""
        is_deaf = self._is_deaf()
        if self._waiting_since is None:
            return is_deaf
        # discord.py resumes a session that ends at once again and again without a pause.
        is_unsteady = len(self._losses) == _MOST_LOSSES
        is_unsteady = is_unsteady and time.monotonic() - self._losses[0] < _LOSSES_WITHIN_S
        return is_unsteady or time.monotonic() - self._waiting_since > self._deaf_s

    def _is_deaf(self) -> bool:
        then, since = self._last
        silence_s = time.monotonic() - then
        if silence_s > self._deaf_s and self._outage is None:
            _LOG.warning("nothing was heard from Discord for %.0f s", silence_s)
            self._outage = Outage(NAME, since, reason=self.trouble)
            self._tell_others(self._outage)
        return silence_s > self._deaf_s
