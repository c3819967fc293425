"""Saying on the other platforms that one is deaf, hears again, or was given up."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from bot.errors import ChatError
from bot.views.outage import outage as announcement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from bot.domain.outage import Outage
    from bot.ports import Chat

_LOG = logging.getLogger(__name__)


_AGAIN_S = 2.0
_GIVE_UP_S = 60.0


class Herald:
    """Tells platforms about the outages of others, one outage after the other, in the times of `zone`.

    Who cannot hear it now, for it is still connecting, is told every `again_s` seconds until `give_up_s`.
    """

    def __init__(self, zone: tzinfo, *, again_s: float = _AGAIN_S, give_up_s: float = _GIVE_UP_S) -> None:
        self._zone = zone
        self._again_s = again_s
        self._give_up_s = give_up_s
        self._outages: SimpleQueue[Outage] = SimpleQueue()

    def start(self, served: Callable[[], Mapping[str, Chat]]) -> None:
        """Begin to tell the platforms that `served` names what was, and will be, given to `tell`."""
        threading.Thread(target=self._work, args=(served,), name="outages", daemon=True).start()

    def tell(self, outage: Outage) -> None:
        """Have it said on all platforms but the deaf one; returns at once and never raises."""
        self._outages.put(outage)

    def _work(self, served: Callable[[], Mapping[str, Chat]]) -> None:
        while True:
            self._announce(self._outages.get(), served)

    def _announce(self, outage: Outage, served: Callable[[], Mapping[str, Chat]]) -> None:
        give_up = time.monotonic() + self._give_up_s
        reached = {outage.platform}
        while waiting := {name: chat for name, chat in served().items() if name not in reached}:
            last = time.monotonic() >= give_up
            reached |= {name for name, chat in waiting.items() if self._say(name, chat, outage, last=last)}
            if waiting.keys() <= reached:
                return
            time.sleep(self._again_s)

    def _say(self, name: str, chat: Chat, outage: Outage, *, last: bool) -> bool:
        """Return whether nothing is left to do: it was said, or trying again would not help."""
        until = outage.until.astimezone(self._zone) if outage.until else None
        told = replace(outage, since=outage.since.astimezone(self._zone), until=until)
        try:
            chat.post(announcement(told))
        except ChatError as error:
            if not (error.permanent or last):
                return False
            _LOG.warning("%s was not told about the outage of %s: %s", name, outage.platform, error)
        except Exception as error:  # noqa: BLE001 - a mistake in one platform must not silence the next outage
            _LOG.error("%s failed to tell about the outage of %s", name, outage.platform, exc_info=error)
        return True
