"""Messages that renew themselves for a while, each on a thread of its own."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.errors import BotError, ChatError, MessageGone, UserError
from bot.message import Announcement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.domain.route import Destination
    from bot.message import Message
    from bot.ports import Chat

_LOG = logging.getLogger(__name__)

_MOST_EACH = 3
# Numbers are typed: they stay short.
_NUMBERS = 1000


class LiveMessages:
    """The Live port, on the platforms that `chats` names at the moment."""

    def __init__(
        self,
        chats: Callable[[], Mapping[str, Chat]],
        now: Callable[[], datetime],
        *,
        most_each: int = _MOST_EACH,
    ) -> None:
        self._chats = chats
        self._now = now
        self._most_each = most_each
        self._lock = threading.Lock()
        self._shown: dict[int, _Shown] = {}
        # Not the same after a restart: a button that was left behind must not end somebody else's message.
        self._last = secrets.randbelow(_NUMBERS)
        self._run = secrets.token_hex(4)
        self._closed = False

    def begin(
        self, destination: Destination, make: Callable[[int], Message], *, every_s: float, until: datetime
    ) -> int:
        """Post a message and renew it until then (see `bot.ports.Live`)."""
        chat = self._chats().get(destination.platform)
        if chat is None:
            raise UserError(f"{destination.platform.title()} is not served at the moment.")
        shown = self._entered(_Shown(0, destination, chat, make, every_s, until, self._now, ""))
        try:
            shown.begin()
        except BaseException:
            self._forget(shown)
            raise
        threading.Thread(target=self._renew, args=(shown,), name=f"live {shown.number}", daemon=True).start()
        return shown.number

    def stop(self, number: int) -> bool:
        """End one before its time; tell whether there was one of this number."""
        with self._lock:
            shown = self._shown.get(number)
        if shown is None:
            return False
        shown.stopped.set()
        return True

    def close(self, within_s: float = 0.7) -> None:
        """End all of them in order, but do not wait longer than this."""
        with self._lock:
            self._closed = True
            shown = list(self._shown.values())
        for each in shown:
            each.stopped.set()
        until = time.monotonic() + within_s
        for each in shown:
            each.ended.wait(max(0.0, until - time.monotonic()))

    def _entered(self, shown: _Shown) -> _Shown:
        """Give it a number, unless there are too many. Raises UserError."""
        with self._lock:
            here = [each.number for each in self._shown.values() if each.destination == shown.destination]
            if self._closed:
                raise UserError("memwarden is being stopped.")
            if len(here) >= self._most_each:
                ways = " or ".join(f"`unwatch {number}`" for number in here)
                raise UserError(f"{len(here)} messages renew themselves here already: end one with {ways}.")
            self._last = shown.number = self._free_number()
            shown.key = f"live {self._run} {shown.number}"
            self._shown[shown.number] = shown
        return shown

    def _free_number(self) -> int:
        after = ((self._last + step) % _NUMBERS + 1 for step in range(_NUMBERS))
        return next(number for number in after if number not in self._shown)

    def _renew(self, shown: _Shown) -> None:
        try:
            shown.renew()
        except MessageGone:
            _LOG.debug("live message %d was deleted", shown.number)
        except BotError as error:
            _LOG.warning("live message %d ended: %s", shown.number, error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the thread without a word
            _LOG.error("a mistake of ours ended live message %d", shown.number, exc_info=error)
        finally:
            self._forget(shown)

    def _forget(self, shown: _Shown) -> None:
        with self._lock:
            self._shown.pop(shown.number, None)
        shown.ended.set()


@dataclass(eq=False)
class _Shown:
    """One message that renews itself."""

    number: int
    destination: Destination
    chat: Chat
    make: Callable[[int], Message]
    every_s: float
    until: datetime
    now: Callable[[], datetime]
    key: str
    ref: str = ""
    count: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Post it. Raises ChatError."""
        self.ref = self._say(self.make(self.number))

    def renew(self) -> None:
        """Renew it until its time has come or it is stopped, and once more then. Raises ChatError."""
        pause_s = self.every_s
        while not self.stopped.wait(min(pause_s, max(0.0, self._left_s))) and self._left_s > 0:
            pause_s = self.every_s
            try:
                self._say(self.make(self.number))
            except ChatError as error:
                if error.permanent or isinstance(error, MessageGone):
                    raise
                pause_s = max(self.every_s, error.retry_after_s)
        self._end()

    def _end(self) -> None:
        """Say that it is over, with one more try: what claims to be live and is not misleads."""
        last = self.make(0)
        try:
            self._say(last)
        except ChatError as error:
            if error.permanent or isinstance(error, MessageGone):
                raise
            time.sleep(max(1.0, error.retry_after_s))
            self._say(last)

    @property
    def _left_s(self) -> float:
        return (self.until - self.now()).total_seconds()

    def _say(self, message: Message) -> str:
        self.count += 1
        key = f"{self.key} {self.count}"
        return self.chat.announce(
            Announcement(message, key, channel=self.destination.channel, edits=self.ref)
        )
