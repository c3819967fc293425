"""A pause after refused logins, so that asking again does not get an account or an address locked out."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import LoginRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.hosts.ssh.route import Hop

_PATIENCE = 3
_FIRST_PAUSE_S = 60.0
_LONGEST_PAUSE_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Refused:
    times: int
    until_s: float


class Refusals:
    """Counts refused logins per user and address; one for all hosts, because jump hosts are shared.

    After three in a row nothing is tried for a minute, after each further one for twice as long, at most an
    hour. A login that succeeds forgets them. Any thread may use it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._refused: dict[tuple[str, str, int], _Refused] = {}

    def check(self, hop: Hop) -> None:
        """Raise LoginRefused if the pause for this hop is not over."""
        with self._lock:
            refused = self._refused.get(_whom(hop))
            left_s = refused.until_s - self._clock() if refused else 0.0
        if refused is not None and left_s > 0:
            until = datetime.now().astimezone() + timedelta(seconds=left_s)
            raise LoginRefused(
                f"{hop.place} refused the login of {hop.user} {refused.times} times in a row; "
                f"the next try is at {until:%H:%M:%S}, so that nobody gets locked out."
            )

    def refused(self, hop: Hop) -> None:
        """Count a refused login."""
        with self._lock:
            earlier = self._refused.get(_whom(hop))
            times = earlier.times + 1 if earlier else 1
            self._refused[_whom(hop)] = _Refused(times, self._clock() + _pause_s(times))

    def accepted(self, hop: Hop) -> None:
        """Forget what was refused before."""
        with self._lock:
            self._refused.pop(_whom(hop), None)


def _whom(hop: Hop) -> tuple[str, str, int]:
    return hop.user, hop.address, hop.port


def _pause_s(times: int) -> float:
    if times < _PATIENCE:
        return 0.0
    # The exponent is bounded because a float's is.
    return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(times - _PATIENCE, 16))
