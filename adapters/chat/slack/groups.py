"""Who is in the user groups that the roster names: known beforehand, so that no command waits for it.

Slack needs one call for each group (`usergroups.users.list`), 20 a minute are allowed.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.chat.slack.payload import items_at, text_at
from adapters.chat.slack.web import Patience
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.chat.slack.web import Web

_LOG = logging.getLogger(__name__)

PREFIX = "slack-group:"
_FIRST_WAIT_S = 2.0
_CALL_S = 120.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often groups are read, how soon again after a failure, and how long what was read may be used."""

    every_s: float = 300.0
    again_s: float = 30.0
    kept_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class _Members:
    users: frozenset[str]
    read_at: float


class Groups:
    """The groups that `entries` name (`slack-group:S01`), read again every few minutes.

    If Slack does not tell for an hour, nobody is in a group any more: who left it must not stay approver.
    """

    def __init__(self, web: Web, entries: tuple[str, ...], pace: Pace | None = None) -> None:
        self._web = web
        self._entries = entries
        self._pace = pace or Pace()
        self._members: dict[str, _Members] = {}
        self._names: dict[str, str] = {}
        self._first = threading.Event()
        self._closed = threading.Event()
        self._complained = False

    def start(self) -> None:
        """Begin to read, on a thread of its own."""
        if self._entries:
            threading.Thread(target=self._run, name="slack-groups", daemon=True).start()
        else:
            self._first.set()

    def close(self) -> None:
        """Read no more."""
        self._closed.set()

    def of(self, user: str) -> tuple[str, ...]:
        """Return the entries that the person is in; right after the start this waits for at most 2 s."""
        self._first.wait(_FIRST_WAIT_S)
        return self.known_of(user)

    def known_of(self, user: str) -> tuple[str, ...]:
        """Return the entries that the person is known to be in; none before the first were read."""
        oldest = time.monotonic() - self._pace.kept_s
        return tuple(
            entry
            for entry, members in tuple(self._members.items())
            if user in members.users and members.read_at > oldest
        )

    @property
    def names(self) -> Mapping[str, str]:
        """The names of the groups as people write them: `slack-group:S01` -> `@oncall`."""
        return dict(self._names)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._closed.wait(pause_s):
            pause_s = self._pace.every_s if self._read() else self._pace.again_s
            self._first.set()

    def _read(self) -> bool:
        try:
            self._names = group_names(self._web, self._entries)
        except ChatError as error:
            return self._failed(error)
        failures = [failure for entry in self._entries if (failure := self._read_one(entry)) is not None]
        if failures:
            return self._failed(failures[0])
        self._complained = False
        return True

    def _read_one(self, entry: str) -> ChatError | None:
        """Read who is in a group; in one that was disabled or deleted is nobody."""
        try:
            users = members_of(self._web, entry) if entry in self._names else frozenset()
        except ChatError as error:
            return error
        self._members[entry] = _Members(users, time.monotonic())
        return None

    def _failed(self, error: ChatError) -> bool:
        if not self._complained and not self._closed.is_set():
            _LOG.warning("Slack's user groups cannot be read, so roles may be out of date: %s", error)
        self._complained = True
        return False


def group_names(web: Web, entries: tuple[str, ...]) -> dict[str, str]:
    """Return the names of those groups that there are. Raises ChatError."""
    answer = web.call(
        "usergroups.list", lambda client: client.usergroups_list(), Patience.of(_CALL_S, repeatable=True)
    )
    found = ((f"{PREFIX}{text_at(group, 'id')}", group) for group in items_at(answer.data, "usergroups"))
    return {
        entry: f"@{text_at(group, 'handle') or text_at(group, 'name')}"
        for entry, group in found
        if entry in entries
    }


def members_of(web: Web, entry: str) -> frozenset[str]:
    """Return the ids of those in the group. Raises ChatError."""
    group = entry.removeprefix(PREFIX)
    answer = web.call(
        "usergroups.users.list",
        lambda client: client.usergroups_users_list(usergroup=group),
        Patience.of(_CALL_S, repeatable=True),
    )
    return frozenset(user for user in items_at(answer.data, "users") if isinstance(user, str))
