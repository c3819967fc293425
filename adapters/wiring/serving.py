"""All configured platforms served at once; what ends one leaves the others alone."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters import log
from adapters.wiring.connection import ports
from adapters.wiring.live import LiveMessages
from adapters.wiring.outages import Herald
from adapters.wiring.platforms import configured, named, options
from adapters.wiring.recording import record
from adapters.wiring.reloading import InForce, on_hangup
from adapters.wiring.surroundings import surroundings
from adapters.wiring.unattended import Unattended, close_all
from bot.config import TERMINAL
from bot.domain.outage import Outage
from bot.errors import BotError, ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.chat import Surroundings
    from adapters.wiring.setting import Setting
    from bot.config import Config
    from bot.message import Message, Request
    from bot.ports import Answer, Chat

_LOG = logging.getLogger(__name__)

_CLOSING_S = 1.0
_LISTEN_S = 0.5


def serve(setting: Setting, *, only: str | None = None) -> None:
    """Serve all configured platforms, or `only` one, until they end; watch where all are served.

    Raises ChatError with the sentences of those that had to end, when none is left.
    """
    names = (only,) if only else configured(setting.config)
    with ports(setting, remember=True) as connected, ExitStack() as stack:
        herald = Herald(setting.config.bot.zone)

        def ended(name: str, sentence: str) -> None:
            herald.tell(Outage(name, connected.now(), reason=log.concealed(sentence), ended=True))

        def answer(request: Request) -> Message:
            return in_force.answer(request)

        service = Service(names, answer, ended)
        live = LiveMessages(service.chats, connected.now)
        unattended = None if only else Unattended(setting, stack, connected.store, herald)
        store = unattended.store if unattended else connected.store
        in_force = InForce(
            setting,
            replace(connected, store=store, live=live, lasting=unattended is None or unattended.lasting),
            herald.tell,
            unattended.renew if unattended else _nothing,
        )
        stack.callback(in_force.close)
        record(in_force.ports, setting)
        around = surroundings(setting, in_force.ports, herald.tell)
        try:
            service.build(lambda name: _chat(setting.config, name, _current(around(name), in_force)))
            herald.start(service.chats)
            if unattended:
                on_hangup(in_force)
                unattended.begin(lambda: in_force.ports, service.chats)
            service.run()
        finally:
            what_runs = {"live": live.close} | ({"unattended": unattended.close} if unattended else {})
            close_all(what_runs, _CLOSING_S)
            service.close()


def _nothing() -> None:
    """Do nothing: nobody watches."""


def _current(around: Surroundings, in_force: InForce) -> Surroundings:
    """Return surroundings that follow the configuration in force."""
    return replace(around, complete=in_force.complete, offers=in_force.offers)


def _chat(config: Config, name: str, around: Surroundings) -> Chat:
    return named(name).build(options(config, name), around)


class Service:
    """Platforms served at the same time, each on a thread of its own.

    `ended` is told the name of one that had to end while others go on, and the sentence that says why.
    """

    def __init__(self, names: tuple[str, ...], answer: Answer, ended: Callable[[str, str], None]) -> None:
        self._names = names
        self._answer = answer
        self._ended = ended
        self._lock = threading.Lock()
        self._built: dict[str, Chat] = {}
        self._going_on = set(names)
        self._failures: list[str] = []

    def chats(self) -> dict[str, Chat]:
        """Return the platforms that are served now."""
        with self._lock:
            return {name: chat for name, chat in self._built.items() if name in self._going_on}

    def build(self, make: Callable[[str], Chat]) -> None:
        """Make every platform; one that cannot be made has ended."""
        for name in self._names:

            def made(name: str = name) -> None:
                chat = make(name)
                with self._lock:
                    self._built[name] = chat

            failure = _failure(name, made)
            if failure:
                self._end(name, failure)

    def run(self) -> None:
        """Serve until every platform has ended. The terminal gets the main thread, where Ctrl-C arrives.

        Raises ChatError if any had to end.
        """
        chats = self.chats()
        threads = [
            threading.Thread(target=self._serve, args=(name, chat), name=name, daemon=True)
            for name, chat in chats.items()
            if name != TERMINAL
        ]
        for thread in threads:
            thread.start()
        if TERMINAL in chats:
            self._serve(TERMINAL, chats[TERMINAL])
        for thread in threads:
            # A signal that comes just before the main thread begins to wait, or that another thread gets,
            # wakes nobody: Python's handler runs when the main thread goes on by itself.
            while thread.is_alive():
                thread.join(_LISTEN_S)
        if self._failures:
            raise ChatError("\n".join(self._failures), permanent=True)

    def close(self) -> None:
        """Close all platforms at the same time; one that takes long is not waited for."""
        with self._lock:
            closers = {name: chat.close for name, chat in self._built.items()}
        close_all(closers, _CLOSING_S)

    def _serve(self, name: str, chat: Chat) -> None:
        self._end(name, _failure(name, lambda: chat.serve(self._answer)))

    def _end(self, name: str, failure: str | None) -> None:
        with self._lock:
            self._going_on.discard(name)
            others = sorted(self._going_on)
            if failure:
                self._failures.append(failure if len(self._names) == 1 else f"{name}: {failure}")
        if failure and others:
            # Where none is left, the sentence is the last word of the program.
            _LOG.error("%s is not served any more, but %s: %s", name, ", ".join(others), failure)
            self._ended(name, failure)


def _failure(name: str, work: Callable[[], None]) -> str | None:
    """Return the sentence that says why the work failed, None if it did not.

    Only on the main thread, where signals arrive, is an end of the program meant as one.
    """
    try:
        work()
    except BotError as error:
        return str(error)
    except BaseException as error:
        meant = isinstance(error, KeyboardInterrupt | SystemExit)
        if meant and threading.current_thread() is threading.main_thread():
            raise
        _LOG.error("a mistake of ours ended %s", name, exc_info=error)
        return f"A mistake of ours ended {name}; the log tells more."
    return None
