"""Whether Discord is heard, and whether its sessions hold.

A connection can be deaf for hours. Discord answers every heartbeat, one about every 41 seconds.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from adapters.chat.discord.options import NAME
from adapters.hearing import Hearing

if TYPE_CHECKING:
    from adapters.chat import Surroundings

_MOST_LOSSES, _LOSSES_WITHIN_S = 5, 10.0


class SessionHearing(Hearing):
    """Hearing that knows of sessions: only in one of them something can be heard.

    `reason` is what ended the last connection.
    """

    def __init__(self, surroundings: Surroundings, deaf_s: float) -> None:
        super().__init__(NAME, surroundings.now, surroundings.tell_others, deaf_s)
        self._losses: deque[float] = deque(maxlen=_MOST_LOSSES)
        self._waiting_since: float | None = time.monotonic()

    def begins(self) -> None:
        """Note that another connection is being made."""
        self._waiting_since = time.monotonic()
        self._losses.clear()

    def heard(self) -> None:
        """Note that something arrived; a greeting before the session does not count."""
        if self._waiting_since is None:
            super().heard()

    def connected(self) -> None:
        """Note that a session has begun or goes on, and tell it if the others were told of an outage."""
        self._waiting_since = None
        self.heard()
        self.look()
        self.reason = ""

    def disconnected(self) -> None:
        """Note that nothing can arrive until the session goes on."""
        self._waiting_since = time.monotonic()
        self._losses.append(time.monotonic())

    def watch(self) -> bool:
        """Tell the others when nothing was heard for too long; return whether to give this connection up."""
        self.look()
        if self._waiting_since is None:
            return self.is_deaf
        # discord.py resumes a session that ends at once again and again without a pause.
        is_unsteady = len(self._losses) == _MOST_LOSSES
        is_unsteady = is_unsteady and time.monotonic() - self._losses[0] < _LOSSES_WITHIN_S
        return is_unsteady or time.monotonic() - self._waiting_since > self._deaf_s
