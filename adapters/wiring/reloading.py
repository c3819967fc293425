"""The configuration in force, and putting another one in its place while everything runs."""

from __future__ import annotations

import logging
import signal
import threading
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from adapters.hosts.configured import ConfiguredHosts
from adapters.wiring.changes import changes
from adapters.wiring.recording import record
from adapters.wiring.setting import mistakes, setting
from adapters.wiring.surroundings import commands, surroundings
from bot.dispatch import dispatch
from bot.domain.audit import AuditEntry
from bot.errors import BotError, ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from adapters.chat import Surroundings
    from adapters.wiring.setting import Setting
    from bot.domain.outage import Outage
    from bot.domain.people import Person
    from bot.message import Kind, Message, Request
    from bot.ports import Answer, Hosts, Ports

_LOG = logging.getLogger(__name__)

# What was asked before the change is answered by then: an answer is two looks at most.
_LOOKS = 2
_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class _All:
    """Everything that follows from one configuration."""

    setting: Setting
    ports: Ports
    answer: Answer
    around: Surroundings


class InForce:
    """The configuration in force, and everything that follows from it; safe for any number of threads.

    `swapped` is called after a change, with the new one in force. Whoever asks gets all of the old or all of
    the new.
    """

    def __init__(
        self,
        setting: Setting,
        ports: Ports,
        tell_others: Callable[[Outage], None],
        swapped: Callable[[], None],
    ) -> None:
        self._tell_others = tell_others
        self._swapped = swapped
        self._changing = threading.Lock()
        self._retired: list[Hosts] = []
        self._all = self._made(setting, replace(ports, reload=self.reload))

    @property
    def ports(self) -> Ports:
        """The ports of the configuration in force."""
        return self._all.ports

    def answer(self, request: Request) -> Message:
        """Answer a request."""
        return self._all.answer(request)

    def complete(self, line: str) -> Sequence[str]:
        """Complete a partly typed line."""
        return self._all.around.complete(line)

    def offers(self, person: Person, kind: Kind, typed: str) -> Sequence[str]:
        """Offer words for a parameter."""
        return self._all.around.offers(person, kind, typed)

    def reload(self) -> tuple[str, ...]:
        """Read the configuration again and put it in force; return what changed, a sentence each.

        Raises ConfigError with all that is wrong with it; then the one in force stays.
        """
        with self._changing:
            before = self._all.setting
            after = setting(before.asked_for)
            if wrong := mistakes(after):
                raise ConfigError(str(after.file), wrong)
            found = changes(before.config, after.config)
            if before.config != after.config or before.file != after.file:
                self._replace(after)
        record(self.ports, after)
        return found

    def close(self) -> None:
        """Close every connection."""
        with self._changing:
            retired = (*self._retired, self.ports.hosts)
            self._retired.clear()
        for hosts in retired:
            hosts.close()

    def _replace(self, after: Setting) -> None:
        before, old = self._all.setting, self.ports.hosts
        hosts = ConfiguredHosts(after.config, after.means)
        if isinstance(old, ConfiguredHosts):
            hosts.adopt(old)
        self._all = self._made(after, replace(self.ports, config=after.config, hosts=hosts))
        self._retired.append(old)
        grace_s = _LOOKS * before.config.check.timeout_s + _GRACE_S
        timer = threading.Timer(grace_s, self._close_retired, (old,))
        timer.daemon = True
        timer.start()
        self._swapped()

    def _close_retired(self, hosts: Hosts) -> None:
        """Close connections that a configuration left behind, once nobody uses them any more."""
        with self._changing:
            if hosts not in self._retired:
                return
            self._retired.remove(hosts)
        hosts.close()

    def _made(self, setting: Setting, ports: Ports) -> _All:
        around = surroundings(setting, ports, self._tell_others)("")
        return _All(setting, ports, dispatch(commands(), ports), around)


def on_hangup(in_force: InForce) -> None:
    """Read the configuration again whenever the program gets SIGHUP; only the main thread can be told."""
    if threading.current_thread() is not threading.main_thread():
        return
    # The only queue that a signal's handler may put something in.
    rings: SimpleQueue[None] = SimpleQueue()

    def ring(_signal: int, _frame: FrameType | None) -> None:
        rings.put(None)

    def work() -> None:
        while True:
            rings.get()
            try:
                reload_by_signal(in_force)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not make the next signal unheard
                _LOG.error("a mistake of ours while reading the configuration again", exc_info=error)

    signal.signal(signal.SIGHUP, ring)
    threading.Thread(target=work, name="reload", daemon=True).start()


def reload_by_signal(in_force: InForce) -> None:
    """Read the configuration again, and say in the log and in the audit what came of it."""
    try:
        result = "; ".join(in_force.reload()) or "nothing changed"
        _LOG.warning("the configuration was read again: %s", result)
    except BotError as error:
        result = f"refused: {error}"
        _LOG.error("the configuration is wrong, the one in force stays: %s", error)
    ports = in_force.ports
    if ports.store is None:
        return
    try:
        with ports.store.changing() as ledger:
            ledger.audit(AuditEntry(ports.now(), "signal", "reload", result))
    except StoreError as error:
        _LOG.error("that could not be written to the audit: %s", error)
