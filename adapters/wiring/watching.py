"""Watching: which of the core's work is done when, and by which of several memwardens."""

from __future__ import annotations

import fcntl
import importlib
import logging
import os
import threading
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol

from bot.config import cron
from bot.errors import StoreError
from bot.flows import digest, housekeep
from bot.flows.decide import expire
from bot.flows.tend import tend
from bot.flows.verify import remind, verify
from bot.flows.watch import unrecorded, watch
from bot.message import Message, Text, Tone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.schedule import Next, Schedule
    from bot.ports import Ports

_LOG = logging.getLogger(__name__)

_TEND_S = 15.0
_REMIND_S = 300.0
_THIN_S = 3600.0
_NEXT_PIECE_S = 0.2
_AGAIN_S = 60.0
_REPEAT_S = 3600.0
_WORTH_A_WORD = 2
_OVER_S = 60.0
_TURN_S = 10.0


class Say(Protocol):
    """Says something on all platforms, past the outbox; returns at once and never raises."""

    def __call__(self, message: Message, key: str) -> None:
        """Say it; the key names it."""
        ...


class Watching:
    """Watches while `begin` and `close` last, as soon as no other process watches by the same database.

    `place` is the database's file, None where no other process could have the same one; who has it is asked
    every `turn_s`. `began` is called when it is this process that watches. A failing store is well again when
    it was for `over_s`.
    """

    def __init__(
        self,
        ports: Callable[[], Ports],
        say: Say,
        place: Path | None,
        began: Callable[[], None],
        *,
        turn_s: float = _TURN_S,
        over_s: float = _OVER_S,
    ) -> None:
        self._ports = ports
        self._say = say
        self._place = place
        self._began = began
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._schedule: Schedule | None = None
        self._turn: int | None = None
        self._trouble = _Trouble(say, over_s)
        self._turn_s = turn_s

    def begin(self) -> None:
        """Begin, on a thread of its own."""
        threading.Thread(target=self._work, name="watching", daemon=True).start()

    def renew(self) -> None:
        """Do from now on what the configuration in force says."""
        with self._lock:
            if self._schedule is not None and not self._closed.is_set():
                self._plan(self._schedule)

    def close(self, within_s: float = 0.7) -> None:
        """Begin nothing more, and wait for what is under way, but not longer than this."""
        self._closed.set()
        with self._lock:
            schedule, self._schedule = self._schedule, None
            turn, self._turn = self._turn, None
        if schedule is not None:
            schedule.close(within_s)
        if turn is not None:
            os.close(turn)

    def _work(self) -> None:
        try:
            if self._wait_for_turn() and self._start():
                self._began()
        except Exception as error:  # noqa: BLE001 - there is nobody who could catch it
            _LOG.critical("a mistake of ours: nothing is watched", exc_info=error)
            self._say(
                Message("A mistake of ours: no host is watched. The log tells more.", tone=Tone.CRITICAL),
                "not watching",
            )

    def _start(self) -> bool:
        # APScheduler is imported by whoever watches, and by nobody else.
        schedule = importlib.import_module("adapters.schedule")
        with self._lock:
            if self._closed.is_set():
                return False
            self._schedule = schedule.Schedule()
        self.renew()
        return True

    def _wait_for_turn(self) -> bool:
        """Wait until no other process watches; False if this one is to end first."""
        said = False
        while not self._closed.is_set():
            if self._place is None or self._take_turn(self._place):
                if said:
                    _LOG.warning("the other memwarden has ended: this one watches from now on")
                return True
            if not said:
                _LOG.warning(
                    "another memwarden watches by the database %s: this one answers commands, and takes over"
                    " when the other ends",
                    self._place,
                )
            said = True
            self._closed.wait(self._turn_s)
        return False

    def _take_turn(self, place: Path) -> bool:
        try:
            file = os.open(f"{place}.watching", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            _LOG.warning("whether another memwarden watches too is not known: %s", error)
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        with self._lock:
            if self._closed.is_set():
                os.close(file)
                return False
            self._turn = file
        return True

    def _plan(self, schedule: Schedule) -> None:
        config = self._ports().config
        every_s = config.check.every_s
        hosts = {f"host {host.name}": host.name for host in config.hosts}
        for name, host in hosts.items():
            schedule.every(name, every_s, partial(self._check, host))
        schedule.every("tend", _TEND_S, self._tend, spread=False)
        schedule.every("verify", _TEND_S, self._verify, spread=False)
        schedule.every("remind", _REMIND_S, self._remind, spread=False)
        schedule.every("thin", _THIN_S, self._thin, spread=False)
        digests = {"daily": config.digest.daily, "weekly": config.digest.weekly}
        planned = {kind: expression for kind, expression in digests.items() if expression}
        for kind, expression in planned.items():
            schedule.remove(f"{kind} digest")
            schedule.cron(f"{kind} digest", expression, config.bot.zone, partial(self._digest, kind))
            # What could not be sent while nothing ran is sent late.
            schedule.every(f"late {kind} digest", _THIN_S, partial(self._digest, kind), spread=False)
        schedule.keep_only(
            {
                "tend",
                "verify",
                "remind",
                "thin",
                *hosts,
                *(f"{kind} digest" for kind in planned),
                *(f"late {kind} digest" for kind in planned),
            }
        )

    def _check(self, host: str) -> Next | None:
        ports = self._ports()
        try:
            watched = watch(ports, host)
        except LookupError:
            # Another configuration without this host came into force in this very moment.
            return None
        except StoreError as error:
            self._trouble.happened(ports, host, error)
            return _next(ports.config.check.closely_s)
        except Exception:
            self._trouble.mistake(host)
            raise
        self._trouble.passed(host)
        soon = watched.next_in_s if watched.next_in_s < ports.config.check.every_s else None
        return _next(soon, prompt=watched.answered)

    def _tend(self) -> None:
        with suppress(StoreError):  # the checks tell of it
            tend(self._ports())
            expire(self._ports())

    def _verify(self) -> None:
        with suppress(StoreError):  # the checks tell of it
            verify(self._ports())

    def _remind(self) -> None:
        with suppress(StoreError):  # the checks tell of it
            remind(self._ports())

    def _thin(self) -> Next | None:
        try:
            more = housekeep.thin(self._ports())
        except StoreError as error:
            _LOG.warning("old samples were not thinned: %s", error)
            return None
        return _next(_NEXT_PIECE_S) if more else None

    def _digest(self, kind: str) -> Next | None:
        ports = self._ports()
        config, now = ports.config, ports.now()
        expression = {"daily": config.digest.daily, "weekly": config.digest.weekly}[kind]
        due = cron.last_before(cron.parse(expression), now, config.bot.zone) if expression else None
        if due is None:
            return None
        try:
            digest.send(ports, kind, due=due, at=now)
        except StoreError as error:
            _LOG.warning("the %s digest could not be made: %s", kind, error)
            return _next(_AGAIN_S)
        return None


def _next(in_s: float | None, *, prompt: bool = True) -> Next:
    following: Next = importlib.import_module("adapters.schedule").Next(in_s, prompt)
    return following


class _Trouble:
    """Says directly that nothing can be recorded, and what is critical meanwhile: each once an hour.

    A single failure is not worth a word, and one that comes and goes is not over.
    """

    def __init__(self, say: Say, over_s: float) -> None:
        self._say = say
        self._over_s = over_s
        self._lock = threading.Lock()
        self._failures: Counter[str] = Counter()
        self._last_failure = 0.0
        self._said: dict[str, float] = {}
        self._is_failing = False

    def happened(self, ports: Ports, host: str, error: StoreError) -> None:
        """Tell of a check that could not be recorded."""
        with self._lock:
            self._failures[host] += 1
            self._last_failure = time.monotonic()
            if self._failures.total() < _WORTH_A_WORD:
                return
            self._is_failing = True
        if self._is_new(""):
            _LOG.error("nothing can be recorded: %s", error)
            message = Message(
                f"memwarden cannot record anything: {error}",
                blocks=(Text("Hosts are looked at all the same; only what is critical is told, directly."),),
                tone=Tone.CRITICAL,
                private=False,
            )
            self._say(message, f"not recorded {time.time():.0f}")
        for message in unrecorded(ports, host):
            if self._is_new(host):
                self._say(message, f"not recorded {host} {time.time():.0f}")

    def mistake(self, host: str) -> None:
        """Tell of a check that we could not make: to watch nothing in silence is the worst of all."""
        if self._is_new(f"mistake {host}"):
            message = Message(
                f"A mistake of ours: {host} cannot be watched. The log tells more.",
                tone=Tone.CRITICAL,
                private=False,
            )
            self._say(message, f"mistake {host} {time.time():.0f}")

    def passed(self, host: str) -> None:
        """Tell of a check that was recorded; and that all are again, if it was told that they are not."""
        with self._lock:
            self._failures.pop(host, None)
            well = not self._failures and time.monotonic() - self._last_failure >= self._over_s
            if not (self._is_failing and well):
                return
            self._is_failing = False
            self._said.clear()
        message = Message("What is seen is recorded again.", tone=Tone.GOOD, private=False)
        self._say(message, f"recorded {time.time():.0f}")

    def _is_new(self, what: str) -> bool:
        now = time.monotonic()
        with self._lock:
            new = now - self._said.get(what, -_REPEAT_S) >= _REPEAT_S
            if new:
                self._said[what] = now
        return new
