"""Saying on the other platforms that one is deaf, hears again, or was given up."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from bot.errors import ChatError
from bot.message import Announcement
from bot.views.outage import outage as message_about

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from bot.domain.outage import Outage
    from bot.message import Message
    from bot.ports import Chat

_LOG = logging.getLogger(__name__)


_AGAIN_S = 2.0
_GIVE_UP_S = 60.0


@dataclass(frozen=True, slots=True)
class _News:
    """Something to say on all platforms but one; `about` names it in the log, in case it cannot be said."""

    announcement: Announcement
    about: str
    but_not: str = ""


class Herald:
    """Says things on all platforms, one after the other, past the outbox: outages, in the times of `zone`.

    Who cannot hear it now, for it is still connecting, is told every `again_s` seconds until `give_up_s`.
    """

    def __init__(self, zone: tzinfo, *, again_s: float = _AGAIN_S, give_up_s: float = _GIVE_UP_S) -> None:
        self._zone = zone
        self._again_s = again_s
        self._give_up_s = give_up_s
        self._news: SimpleQueue[_News] = SimpleQueue()

    def start(self, served: Callable[[], Mapping[str, Chat]]) -> None:
        """Begin to tell the platforms that `served` names what was, and will be, put in here."""
        threading.Thread(target=self._work, args=(served,), name="outages", daemon=True).start()

    def tell(self, outage: Outage) -> None:
        """Have it said on all platforms but the deaf one; returns at once and never raises."""
        until = outage.until.astimezone(self._zone) if outage.until else None
        told = replace(outage, since=outage.since.astimezone(self._zone), until=until)
        announcement = Announcement(message_about(told), _key(outage))
        self._news.put(_News(announcement, f"the outage of {outage.platform}", but_not=outage.platform))

    def say(self, message: Message, key: str) -> None:
        """Have it said on all platforms; returns at once and never raises."""
        self._news.put(_News(Announcement(message, key), message.headline))

    def _work(self, served: Callable[[], Mapping[str, Chat]]) -> None:
        while True:
            self._announce(self._news.get(), served)

    def _announce(self, news: _News, served: Callable[[], Mapping[str, Chat]]) -> None:
        give_up = time.monotonic() + self._give_up_s
        reached = {news.but_not}
        while waiting := {name: chat for name, chat in served().items() if name not in reached}:
            last = time.monotonic() >= give_up
            reached |= {name for name, chat in waiting.items() if _told(name, chat, news, last=last)}
            if waiting.keys() <= reached:
                return
            time.sleep(self._again_s)


def _told(name: str, chat: Chat, news: _News, *, last: bool) -> bool:
    """Return whether nothing is left to do: it was said, or trying again would not help."""
    try:
        chat.announce(news.announcement)
    except ChatError as error:
        if not (error.permanent or last):
            return False
        _LOG.warning("%s was not told about %s: %s", name, news.about, error)
    except Exception as error:  # noqa: BLE001 - a mistake in one platform must not silence the next news
        _LOG.error("%s failed to tell about %s", name, news.about, exc_info=error)
    return True


def _key(outage: Outage) -> str:
    """Name what is told of an outage, the same at every try."""
    what = "ended" if outage.ended else "over" if outage.until else "begun"
    return f"outage {outage.platform} {outage.since.isoformat()} {what}"
