"""The workspace's state: people, channels, messages, views, files, time.

Touched only on the loop's thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from tests.servers.fake_slack.reading import button_labels, markup, plain_text
from tests.servers.fake_slack.shapes import Call, Happened, Interaction, Json, Shown, UploadedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TEAM = "T01"
APP = "A01"
BOT_USER = "U0BOT"
BOT = "B0BOT"


@dataclass
class User:
    """A person; `team` is another one's for somebody of another organisation (Slack Connect), or of
    another workspace of the same organisation, `enterprise` (Enterprise Grid).
    """

    id: str
    name: str
    team: str = TEAM
    enterprise: str = ""


@dataclass
class Channel:
    """A channel, or (`im_with` set) a direct message with the app."""

    id: str
    name: str
    members: set[str]
    private: bool = False
    archived: bool = False
    im_with: str = ""


@dataclass
class Group:
    id: str
    handle: str
    members: tuple[str, ...]


@dataclass
class Post:
    """A message; `only_for` is the one person who sees an ephemeral one.

    `pictures` are the files that its image blocks show, `metadata` is what the app keeps with it.
    """

    ts: str
    channel: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: tuple[UploadedFile, ...] = ()
    only_for: str = ""
    thread_ts: str | None = None
    edited: bool = False
    pictures: tuple[UploadedFile, ...] = ()
    metadata: Json = field(default_factory=dict)

    @property
    def from_app(self) -> bool:
        return self.author == BOT_USER

    def json(self) -> Json:
        """The message as payloads and answers hold it."""
        body: Json = {"type": "message", "user": self.author, "ts": self.ts, "team": TEAM, "text": self.text}
        if self.from_app:
            body |= {"bot_id": BOT, "app_id": APP, "bot_profile": bot_profile()}
        if self.blocks:
            body["blocks"] = self.blocks
        if self.attachments:
            body["attachments"] = self.attachments
        if self.files:
            body["files"] = [{"id": file.id, "name": file.name, "title": file.title} for file in self.files]
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if self.edited:
            body["edited"] = {"user": self.author, "ts": self.ts}
        return body

    def shown(self) -> Shown:
        return Shown(
            ts=self.ts,
            channel=self.channel,
            author=self.author,
            text=self.text,
            blocks=tuple(self.blocks),
            attachments=tuple(self.attachments),
            ephemeral=bool(self.only_for),
            files=self.files,
            pictures=self.pictures,
            buttons=button_labels(self.blocks, self.attachments),
            markup=markup(self.text, self.blocks, self.attachments),
            plain=plain_text(self.text, self.blocks, self.attachments, self.files),
            thread_ts=self.thread_ts,
            edited=self.edited,
            from_app=self.from_app,
        )


@dataclass
class OpenView:
    """A modal that a person has open; the newest of a person is on top."""

    body: Json
    user: str
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.body["id"])


def bot_profile() -> Json:
    return {"id": BOT, "app_id": APP, "name": "memwarden", "deleted": False, "updated": 1, "team_id": TEAM}


class Workspace:
    """Everything that the workspace remembers."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}
        self.posts: list[Post] = []
        self.views: list[OpenView] = []
        self.files: list[UploadedFile] = []
        # When an uploaded file can be shown in a message, and how long that takes from now on.
        self.ready_at: dict[str, float] = {}
        self.ready_after_s = 0.0
        # What happened to messages, oldest first, each as it was seen then.
        self.happened: list[Happened] = []
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self.interactions: list[Interaction] = []
        # Told of every message: what happened ("posted", "changed", "deleted") and the message.
        self.watchers: list[Callable[[str, Post], None]] = []
        self._ahead_s = 0.0
        self._numbers = count(1)

    def now(self) -> float:
        """The workspace's clock in seconds since 1970; `pass_time` sets it forward."""
        return time.time() + self._ahead_s

    def pass_time(self, seconds: float) -> None:
        self._ahead_s += seconds

    def number(self) -> int:
        """Return a number that was never returned before."""
        return next(self._numbers)

    def ts(self) -> str:
        return f"{int(self.now())}.{self.number():06d}"

    def im(self, user: str) -> Channel:
        """Return the direct messages between this person and the app."""
        channel = f"D{user[1:]}"
        if channel not in self.channels:
            self.channels[channel] = Channel(channel, "directmessage", {user, BOT_USER}, im_with=user)
        return self.channels[channel]

    def post(self, post: Post) -> Post:
        self.posts.append(post)
        self.tell("posted", post)
        return post

    def tell(self, what: str, post: Post) -> None:
        self.happened.append(Happened(what, post.shown(), post.only_for))
        for watcher in self.watchers:
            watcher(what, post)

    def find(self, channel: str, ts: str) -> Post | None:
        return next((post for post in self.posts if (post.channel, post.ts) == (channel, ts)), None)

    def remove(self, post: Post) -> None:
        if post in self.posts:
            self.posts.remove(post)
            self.tell("deleted", post)

    def visible_to(self, user: str, channel: str) -> list[Post]:
        """Return what this person sees in the channel, oldest first."""
        return [post for post in self.posts if post.channel == channel and post.only_for in ("", user)]

    def view(self, view_id: str) -> OpenView | None:
        return next((view for view in self.views if view.id == view_id), None)

    def complain(self, sentence: str) -> None:
        """Note a mistake of the app that Slack would pass over in silence."""
        self.complaints.append(sentence)

    def record(self, method: str, arguments: Json, error: str) -> None:
        self.calls.append(Call(method, arguments, time.monotonic(), error))


def shown_of(posts: Iterable[Post]) -> list[Shown]:
    return [post.shown() for post in posts]
