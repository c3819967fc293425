"""What a test holds in its hands: messages as a person sees them, opened views, uploads, calls."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# What travels is JSON of any depth; tests look into it by keys.
Json = dict[str, Any]

# Slack's 3 s, and as long as a machine that does much else may stand still.
ACKNOWLEDGE_S = 10.0


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that the app uploaded and shared; `channel` is where."""

    id: str
    name: str
    title: str
    content: bytes
    channel: str

    @property
    def text(self) -> str:
        return self.content.decode()


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as its reader sees it at this moment.

    `text` is what notifications and screen readers have, `plain` everything that a reader reads. `markup` is
    what a client makes mentions and links of, in `text`, mrkdwn and rich text: `!channel`, `@U01`, a URL.
    `pictures` are those in its blocks, `files` what hangs below it.
    """

    ts: str
    channel: str
    author: str
    text: str
    blocks: tuple[Json, ...]
    attachments: tuple[Json, ...]
    ephemeral: bool
    files: tuple[UploadedFile, ...]
    pictures: tuple[UploadedFile, ...]
    buttons: tuple[str, ...]
    plain: str
    markup: tuple[str, ...]
    thread_ts: str | None
    edited: bool
    from_app: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to a message: `posted`, `changed` or `deleted`, and how it looked then.

    `only_for` is the one person who saw an ephemeral one.
    """

    what: str
    shown: Shown
    only_for: str


@dataclass(frozen=True, slots=True)
class View:
    """An opened modal, as Slack would send it; `errors` are what stands under its inputs, by label."""

    id: str
    title: str
    callback_id: str
    labels: tuple[str, ...]
    plain: str
    body: Json
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that reached the Web API (its method) or a response_url (`response_url`).

    `at` is seconds of time.monotonic(); `error` is what Slack answered, empty where all was well.
    """

    method: str
    arguments: Json
    at: float
    error: str


@dataclass(slots=True)
class Interaction:
    """Something that happened, on its way to the app.

    `kind` is slash_commands, interactive or events_api; `key` is what stays the same when it is delivered
    again: the event's id, the command's or click's trigger. `delivered` is whether there was anybody to send
    it to, `connection` the number of the Socket Mode connection that it went over (the first is 1).
    """

    kind: str
    key: str
    payload: Json
    accepts_response: bool = False
    on_ack: Callable[[Json], None] | None = None
    envelope_id: str = ""
    delivered: bool = False
    attempts: int = 0
    connection: int = 0
    sent_at: float = 0.0
    _after_s: float | None = None
    _ack: Json | None = None
    _answered: threading.Event = field(default_factory=threading.Event)

    @property
    def acknowledged_after_s(self) -> float | None:
        """Seconds until the app acknowledged; waits for it (`ACKNOWLEDGE_S`), then None."""
        self._wait()
        return self._after_s

    @property
    def ack(self) -> Json | None:
        """What the app sent along with its acknowledgement (`{}` for nothing); waits like the above."""
        self._wait()
        return self._ack

    def acknowledge(self, payload: Json) -> bool:
        """Take an acknowledgement; False where it comes too late."""
        after_s = time.monotonic() - self.sent_at
        if after_s > ACKNOWLEDGE_S:
            return False
        self._after_s, self._ack = after_s, payload
        if self.on_ack is not None:
            self.on_ack(payload)
        self._answered.set()
        return True

    def give_up(self) -> None:
        """Note that nobody will acknowledge it any more."""
        self._answered.set()

    @property
    def acknowledged(self) -> bool:
        """Whether it is acknowledged by now."""
        return self._after_s is not None

    def _wait(self) -> None:
        if self.delivered:
            self._answered.wait(max(0.0, self.sent_at + ACKNOWLEDGE_S - time.monotonic()))
