"""A pause after refused logins, so that asking again does not get an account or an address locked out."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import HostUnreachable, LoginRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.hosts.deadline import Deadline
    from adapters.hosts.ssh.route import Hop

_Account = tuple[str, str, int]

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
    hour. A login that succeeds forgets them. Until one has, logins take turns, so that no more are refused
    at the same time than one after the other. Any thread may use it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._refused: dict[_Account, _Refused] = {}
        self._let_in: set[_Account] = set()
        self._turns: dict[_Account, threading.Lock] = {}

    @contextmanager
    def turn(self, hop: Hop, deadline: Deadline) -> Iterator[None]:
        """Wait until a login at this hop may be tried, and let the next one wait meanwhile.

        Raises LoginRefused if there is a pause by then, HostUnreachable if the turn does not come in time.
        """
        with self._lock:
            turn = self._turns.setdefault(_whom(hop), threading.Lock())
        if not turn.acquire(timeout=deadline.left_s):
            raise HostUnreachable(
                f"{hop.place} did not finish an earlier login of {hop.user} within {deadline.allowed_s:g} s."
            )
        with ExitStack() as held:
            held.callback(turn.release)
            self.check(hop)
            with self._lock:
                alone = _whom(hop) not in self._let_in
            if not alone:
                held.close()
            yield

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
            self._let_in.discard(_whom(hop))
            self._refused[_whom(hop)] = _Refused(times, self._clock() + _pause_s(times))

    def accepted(self, hop: Hop) -> None:
        """Forget what was refused before."""
        with self._lock:
            self._refused.pop(_whom(hop), None)
            self._let_in.add(_whom(hop))


def _whom(hop: Hop) -> _Account:
    return hop.user, hop.address, hop.port


def _pause_s(times: int) -> float:
    if times < _PATIENCE:
        return 0.0
    # The exponent is bounded because a float's is.
    return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(times - _PATIENCE, 16))
