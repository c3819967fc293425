"""What waits in the outbox is said: at each destination on a thread of its own, at once or when it is due."""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from bot.errors import ChatError, StoreError
from bot.flows.deliver import Means, Outcome, deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bot.domain.route import Destination
    from bot.message import Announcement
    from bot.ports import Chat, Ledger, Ports, Store

_LOG = logging.getLogger(__name__)

# What another process put there, or an earlier one left, is found without being woken.
_LOOK_S = 2.0
_AGAIN_S = 1.0
_BREATH_S = 0.2


class Delivering:
    """Delivers while `begin` and `close` last; what ends one destination's thread leaves the others alone.

    `ports` and `chats` tell what holds at the moment. What belongs to a platform that is not served waits.
    """

    def __init__(
        self,
        ports: Callable[[], Ports],
        chats: Callable[[], Mapping[str, Chat]],
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._ports = ports
        self._chats = chats
        self._jitter = jitter
        self._changed = threading.Condition()
        self._woken = False
        self._closed = threading.Event()
        self._at_work: dict[Destination, threading.Thread] = {}
        self._dispatcher: threading.Thread | None = None
        self._complained = False

    def begin(self) -> None:
        """Begin to deliver."""
        with self._changed:
            if not self._closed.is_set():
                self._dispatcher = threading.Thread(target=self._dispatch, name="outbox", daemon=True)
                self._dispatcher.start()

    def wake(self) -> None:
        """Look at once whether there is something to say; may be called at any time."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self, within_s: float = 0.7) -> None:
        """Begin to say nothing more, and wait for what is being said, but not longer than this."""
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
                pause_s = self._start_what_is_due()
                self._complained = False
            except StoreError as error:
                self._complain("the outbox cannot be read: %s", error)
                pause_s = _AGAIN_S
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not silence all alerts
                _LOG.error("a mistake of ours in delivering", exc_info=error)
                pause_s = _AGAIN_S
            with self._changed:
                self._changed.wait_for(lambda: self._woken, pause_s)
                self._woken = False

    def _start_what_is_due(self) -> float:
        """Give every destination where something is due a thread; return when to look again, in seconds."""
        ports = self._ports()
        if ports.store is None:
            return _LOOK_S
        served, now = self._chats(), ports.now()
        soonest_s = _LOOK_S
        for waiting in ports.store.backlog():
            due_in_s = (waiting.due_at - now).total_seconds()
            if waiting.destination.platform not in served:
                continue
            if due_in_s <= 0:
                self._start(waiting.destination, ports.store)
            else:
                soonest_s = min(soonest_s, due_in_s)
        return soonest_s

    def _start(self, destination: Destination, store: Store) -> None:
        with self._changed:
            if destination in self._at_work or self._closed.is_set():
                return
            name = f"delivering to {destination.platform} {destination.channel}".rstrip()
            thread = threading.Thread(target=self._empty, args=(destination, store), name=name, daemon=True)
            self._at_work[destination] = thread
            thread.start()

    def _empty(self, destination: Destination, store: Store) -> None:
        try:
            delivered = 0
            while not self._closed.is_set() and self._deliver_one(destination, store):
                delivered += 1
            if not delivered:
                # It seemed due, but could not be claimed: not to be asked for a thousand times a second.
                self._closed.wait(_BREATH_S)
        except StoreError as error:
            self._complain("the outbox cannot be used: %s", error)
            self._closed.wait(_AGAIN_S)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not silence a destination for ever
            _LOG.error("a mistake of ours in delivering to %s", destination, exc_info=error)
            self._closed.wait(_AGAIN_S)
        finally:
            with self._changed:
                del self._at_work[destination]
            self.wake()

    def _deliver_one(self, destination: Destination, store: Store) -> bool:
        """Deliver one entry and tell whether there may be more that is due."""
        chat = self._chats().get(destination.platform)
        if chat is None:
            return False
        means = Means(lambda announcement: _announced(chat, announcement), self._insist, self._jitter)
        delivery = deliver(self._ports(), store, destination, means)
        if delivery is None:
            return False
        if delivery.outcome is Outcome.GIVEN_UP:
            told = delivery.entry.outgoing.message.headline
            _LOG.error("%s was never told %r: %s", destination, told, delivery.reason)
        elif delivery.outcome is Outcome.POSTPONED and delivery.entry.attempts == 1:
            _LOG.warning("%s could not be told yet: %s", destination, delivery.reason)
        return True

    def _insist(self, mark: Callable[[], None]) -> None:
        """Note what came of an entry, for as long as it takes: else it would be claimed for ever."""
        while True:
            try:
                mark()
            except StoreError as error:
                self._complain("what was said cannot be noted: %s", error)
                if self._closed.wait(_AGAIN_S):
                    raise
            else:
                return

    def _complain(self, sentence: str, error: StoreError) -> None:
        if not self._complained:
            _LOG.error(sentence, error)
        self._complained = True


def _announced(chat: Chat, announcement: Announcement) -> str:
    """Say it; a mistake of a platform is a failure like others, so that it is tried again, and seldom."""
    try:
        return chat.announce(announcement)
    except ChatError:
        raise
    except Exception as error:
        _LOG.error("a mistake of ours while announcing", exc_info=error)
        raise ChatError("A mistake of ours; the log tells more.", permanent=True, in_doubt=True) from error


class _Waking:
    """A store that calls `wake` whenever something was changed in it."""

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store = store
        self._wake = wake

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    @contextmanager
    def changing(self) -> Iterator[Ledger]:
        with self._store.changing() as ledger:
            yield ledger
        self._wake()


def waking(store: Store, wake: Callable[[], None]) -> Store:
    """Return the store such that `wake` is called after every transaction."""
    # All else is the store's own, which type checkers cannot follow through `__getattr__`.
    return cast("Store", _Waking(store, wake))
