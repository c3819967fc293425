"""What was approved is done: one thing at a time on each host, on several hosts at the same time."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.flows.execute import claim, execute, find_out, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.ports import Ports

_LOG = logging.getLogger(__name__)

# What another process approved is found without being woken.
_LOOK_S = 2.0
_FIND_OUT_S = 15.0


class Executing:
    """Executes while `begin` and `close` last; only the process that watches may begin.

    `ports` tells what holds at the moment. What an earlier process left under way is found out first: until
    that is known, nothing else is done on its host. That is asked again every `find_out_s`.
    """

    def __init__(self, ports: Callable[[], Ports], *, find_out_s: float = _FIND_OUT_S) -> None:
        self._ports = ports
        self._find_out_s = find_out_s
        self._changed = threading.Condition()
        self._woken = False
        self._closed = threading.Event()
        self._at_work: dict[int, threading.Thread] = {}
        self._dispatcher: threading.Thread | None = None
        self._has_recovered = False
        self._complained = False

    def begin(self) -> None:
        """Begin to execute."""
        with self._changed:
            if not self._closed.is_set():
                self._dispatcher = threading.Thread(target=self._dispatch, name="executing", daemon=True)
                self._dispatcher.start()

    def wake(self) -> None:
        """Look at once whether there is something to do; may be called at any time."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self, within_s: float = 0.7) -> None:
        """Begin nothing more, and wait for what is under way, but not longer than this.

        What does not end in time is found out by whoever watches next.
        """
        self._closed.set()
        self.wake()
        until = time.monotonic() + within_s
        with self._changed:
            threads = [*self._at_work.values(), *((self._dispatcher,) if self._dispatcher else ())]
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _dispatch(self) -> None:
        while not self._closed.is_set():
            try:
                self._start_what_is_due()
                self._complained = False
            except StoreError as error:
                self._complain(error)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not end all executions
                _LOG.error("a mistake of ours in executing", exc_info=error)
            with self._changed:
                self._changed.wait_for(lambda: self._woken, _LOOK_S)
                self._woken = False

    def _start_what_is_due(self) -> None:
        ports = self._ports()
        if ports.store is None:
            return
        if not self._has_recovered:
            # Before anything is claimed: what runs now is what an earlier process left.
            for number in running(ports):
                self._start(number, find_out)
            self._has_recovered = True
        for number in claim(ports):
            self._start(number, self._execute)

    def _execute(self, ports: Ports, number: int) -> None:
        """Execute, but begin no step once this is closed: somebody else may watch by then."""
        execute(ports, number, lambda: not self._closed.is_set())

    def _start(self, number: int, work: Callable[[Ports, int], None]) -> None:
        with self._changed:
            if number in self._at_work or self._closed.is_set():
                return
            thread = threading.Thread(
                target=self._labour, args=(number, work), name=f"plan {number}", daemon=True
            )
            self._at_work[number] = thread
            thread.start()

    def _labour(self, number: int, work: Callable[[Ports, int], None]) -> None:
        """Do it; while it is not known what came of it, find that out, again and again."""
        try:
            while not self._closed.is_set() and not self._is_over(number, work):
                work = find_out
                self._closed.wait(self._find_out_s)
        finally:
            with self._changed:
                del self._at_work[number]
            self.wake()

    def _is_over(self, number: int, work: Callable[[Ports, int], None]) -> bool:
        try:
            ports = self._ports()
            work(ports, number)
            return number not in running(ports)
        except StoreError as error:
            self._complain(error)
        except Exception as error:  # noqa: BLE001 - what is true on the host has to be found out all the same
            _LOG.error("a mistake of ours in executing plan %s", number, exc_info=error)
        return False

    def _complain(self, error: StoreError) -> None:
        if not self._complained:
            _LOG.error("what is approved cannot be executed: %s", error)
        self._complained = True
