"""What goes on without anybody asking."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from adapters.wiring.connection import database, passing_store
from adapters.wiring.delivering import Delivering, waking
from adapters.wiring.executing import Executing
from adapters.wiring.watching import Watching
from bot.errors import StoreError
from bot.message import Message, Text, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from adapters.wiring.outages import Herald
    from adapters.wiring.setting import Setting
    from bot.ports import Chat, Ports, Store

_LOG = logging.getLogger(__name__)

_CLOSING_S = 0.9


class Unattended:
    """Checks, deliveries and executions, and their store, whatever is wrong with the configured one.

    `lasting` tells whether that outlives the program.
    """

    def __init__(self, setting: Setting, stack: ExitStack, store: Store | None, herald: Herald) -> None:
        self._herald = herald
        self._place = database(setting) if store else None
        self._parts: tuple[Watching, Delivering, Executing] | None = None
        self.lasting = store is not None
        self.store = waking(store, self._wake) if store else self._passing_store(stack)

    def begin(self, ports: Callable[[], Ports], chats: Callable[[], Mapping[str, Chat]]) -> None:
        """Begin to watch, as soon as nobody else does, and then to deliver and to execute."""
        delivering, executing = Delivering(ports, chats), Executing(ports)

        def began() -> None:
            delivering.begin()
            executing.begin()

        watching = Watching(ports, self._herald.say, self._place, began)
        self._parts = watching, delivering, executing
        watching.begin()

    def renew(self) -> None:
        """Go on by the configuration that is in force now."""
        if self._parts:
            self._parts[0].renew()

    def close(self) -> None:
        """End all of it, in bounded time."""
        if self._parts:
            watching, delivering, executing = self._parts
            parts = {"watching": watching.close, "outbox": delivering.close, "executing": executing.close}
            close_all(parts, _CLOSING_S)

    def _wake(self) -> None:
        if self._parts:
            _, delivering, executing = self._parts
            delivering.wake()
            executing.wake()

    def _passing_store(self, stack: ExitStack) -> Store | None:
        """Watch all the same where the database cannot be used, and say so."""
        sentence = (
            "The database cannot be used: memwarden watches all the same, but changes nothing on any host and"
            " forgets everything at its end."
        )
        try:
            store = stack.enter_context(passing_store())
        except (StoreError, OSError) as error:
            _LOG.error("nothing can be remembered, not even for a while: %s", error)
            sentence = "Neither the database nor a temporary one can be used: no host is watched."
            store = None
        message = Message(
            sentence,
            blocks=(Text("`memwarden doctor` tells what is wrong. Mend it, then start memwarden again."),),
            tone=Tone.CRITICAL,
            private=False,
        )
        self._herald.say(message, f"no database {time.time():.0f}")
        return waking(store, self._wake) if store else None


def close_all(closers: Mapping[str, Callable[[], None]], within_s: float) -> None:
    """Close several by name at the same time; what takes longer than this is not waited for."""
    threads = [
        threading.Thread(target=closer, name=f"closing {name}", daemon=True)
        for name, closer in closers.items()
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + within_s
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
