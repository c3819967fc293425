"""Who is asking: a person's name, and the conversation that is theirs and the bot's alone."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from typing import TYPE_CHECKING

from cachetools import LRUCache, TTLCache

from adapters.chat.slack.payload import mapping_at, text_at
from adapters.chat.slack.web import Patience
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.chat.slack.web import Web
    from adapters.chat.slack.work import Workers

_LOG = logging.getLogger(__name__)

_FRESH_S = 3600.0
_AGAIN_S = 60.0
_WAIT_S = 1.0
_MOST = 5000
_CALL_S = 5.0


class Names:
    """The names of people, remembered for an hour; nobody waits long for one."""

    def __init__(self, web: Web, workers: Workers) -> None:
        self._web = web
        self._workers = workers
        # With the moment until which each is fresh: an old name is better than none.
        self._known: LRUCache[str, tuple[str, float]] = LRUCache(_MOST)
        self._asking: dict[str, Future[str]] = {}
        self._lock = threading.Lock()

    def of(self, user: str, otherwise: str) -> str:
        """Return the name by which people know the user, or what else to call them."""
        with self._lock:
            name, until = self._known.get(user, ("", 0.0))
        if time.monotonic() >= until:
            asked = self._asked(user, name)
            with suppress(NotYet, CancelledError):
                name = name or asked.result(_WAIT_S)
        return name or otherwise or user

    def _asked(self, user: str, so_far: str) -> Future[str]:
        """Ask for the name, unless somebody is asking already."""
        with self._lock:
            if user in self._asking:
                return self._asking[user]
            self._asking[user] = asked = Future[str]()

        def ask() -> None:
            asked.set_result(self._ask(user, so_far))
            self._done(user)

        if not self._workers.take(ask):
            asked.set_result(so_far)
            self._done(user)
        return asked

    def _done(self, user: str) -> None:
        with self._lock:
            self._asking.pop(user, None)

    def _ask(self, user: str, so_far: str) -> str:
        kept_s = _FRESH_S
        try:
            name = _name_in(user_info(self._web, user, Patience.of(_CALL_S, repeatable=True))) or so_far
        except ChatError as error:
            _LOG.info("The name of a person is not known: %s", error)
            name, kept_s = so_far, _AGAIN_S
        with self._lock:
            self._known[user] = name, time.monotonic() + kept_s
        return name


def user_info(web: Web, user: str, patience: Patience) -> Mapping[str, object]:
    """Return what Slack tells of a person. Raises ChatError."""
    answer = web.call("users.info", lambda client: client.users_info(user=user), patience)
    return mapping_at(answer.data, "user")


def _name_in(told: object) -> str:
    return (
        text_at(told, "profile", "display_name")
        or text_at(told, "profile", "real_name")
        or text_at(told, "real_name")
        or text_at(told, "name")
    )


class Colleagues:
    """Who is of the organisation that installed the app: in shared channels (Slack Connect) not everybody is.

    On Enterprise Grid an organisation has several workspaces, which only users.info tells of.
    """

    def __init__(self, web: Web, team_id: str, enterprise_id: str) -> None:
        self._web = web
        self._ours = frozenset(("", team_id, enterprise_id))
        self._enterprise_id = enterprise_id
        self._known: TTLCache[str, bool] = TTLCache(_MOST, _FRESH_S)
        self._lock = threading.Lock()

    def has(self, user: str, team: str) -> bool:
        """Tell whether this user of this workspace is; no where that cannot be known."""
        if team in self._ours:
            return True
        if not self._enterprise_id:
            return False
        with self._lock:
            is_one = self._known.get(user)
        return self._ask(user) if is_one is None else is_one

    def _ask(self, user: str) -> bool:
        try:
            told = user_info(self._web, user, Patience.of(_CALL_S, repeatable=True))
        except ChatError as error:
            _LOG.warning("It is not known of which organisation a person is: %s", error)
            return False
        is_one = text_at(told, "enterprise_user", "enterprise_id") == self._enterprise_id
        with self._lock:
            self._known[user] = is_one
        return is_one


class DirectMessages:
    """The conversation of each person with the bot."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._channels: LRUCache[str, str] = LRUCache(_MOST)
        self._lock = threading.Lock()

    def learn(self, user: str, channel: str) -> None:
        """Remember the conversation of this person."""
        with self._lock:
            self._channels[user] = channel

    def channel_of(self, user: str, patience: Patience) -> str:
        """Return the channel of the conversation with this person, opened if need be. Raises ChatError."""
        with self._lock:
            channel = self._channels.get(user)
        if channel is None:
            patience = Patience(patience.until, repeatable=True)
            opened = self._web.call(
                "conversations.open", lambda client: client.conversations_open(users=user), patience
            )
            channel = text_at(opened.data, "channel", "id")
            self.learn(user, channel)
        return channel

    def is_own(self, user: str, channel: str) -> bool:
        """Tell whether nobody but this person and the bot reads the channel; no where that is not known."""
        if not channel.startswith("D"):
            return False
        try:
            return self.channel_of(user, Patience.of(_CALL_S)) == channel
        except ChatError:
            return False
