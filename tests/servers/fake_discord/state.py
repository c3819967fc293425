"""What the fake Discord knows. Only its own thread touches any of this."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.servers.fake_discord import permissions
from tests.servers.fake_discord.seen import Happened
from tests.servers.fake_discord.visible import as_seen
from tests.servers.fake_discord.wire import EPOCH_MS

if TYPE_CHECKING:
    from tests.servers.fake_discord.seen import Call, File, Modal
    from tests.servers.fake_discord.trouble import Failure, Limit
    from tests.servers.fake_discord.wire import JsonObject

EPHEMERAL = 1 << 6
LOADING = 1 << 7


@dataclass
class User:
    """A person, or the bot."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    bot: bool = False


@dataclass
class Role:
    """A role of the guild."""

    id: str
    name: str
    permissions: int
    position: int
    mentionable: bool = False


@dataclass
class Channel:
    """A text channel, the direct messages with `recipient`, or a thread below `parent`.

    `denied`: what the bot may not do in it; a thread has its parent's.
    """

    id: str
    name: str
    denied: int = 0
    recipient: str | None = None
    parent: str | None = None
    archived: bool = False
    locked: bool = False
    archived_after_min: int = 1440


@dataclass
class Upload:
    """A file that belongs to a message."""

    id: str
    file: File
    ephemeral: bool


@dataclass
class Post:
    """A message. `visible_to` is None if everybody in the channel sees it, `kind` Discord's type."""

    id: str
    channel: str
    author: str
    content: str = ""
    embeds: list[JsonObject] = field(default_factory=list)
    components: list[JsonObject] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    flags: int = 0
    visible_to: str | None = None
    asked_by: Ask | None = None
    pings: tuple[str, ...] = ()
    kind: int = 0
    nonce: str | None = None
    allowed_mentions: JsonObject | None = None
    reply_to: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    edited_at: datetime | None = None

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)


@dataclass
class Ask:
    """An interaction: what the bot is sent, and what it has answered. Times are monotonic seconds.

    `source` is the message whose component was used, `original` the message that `@original` stands for.
    """

    id: str
    token: str
    type: int
    user: str
    channel: str
    payload: JsonObject
    source: str | None = None
    at: float = field(default_factory=time.monotonic)
    acknowledged_at: float | None = None
    response_type: int | None = None
    original: str | None = None
    ephemeral: bool | None = None
    choices: list[tuple[str, str | int | float]] = field(default_factory=list)
    expired: bool = False


@dataclass
class Form:
    """A modal that is open in front of a person."""

    user: str
    modal: Modal
    ask: Ask


class World:
    """The guild, its people and channels, commands, messages, interactions, and what is to go wrong."""

    def __init__(self, token: str, guild_id: str, application_id: str) -> None:
        self.token = token
        self.guild_id = guild_id
        self.application_id = application_id
        self.bot = User(application_id, "memwarden", ("11",), bot=True)
        self.members: dict[str, User] = {}
        self.roles = {
            guild_id: Role(guild_id, "@everyone", 0, 0),
            "11": Role("11", "memwarden", permissions.NEEDED_BY_BOTS, 1),
        }
        self.channels: dict[str, Channel] = {}
        self.posts: dict[str, Post] = {}
        self.asks: dict[str, Ask] = {}
        self.forms: list[Form] = []
        self.global_commands: dict[str, JsonObject] = {}
        self.guild_commands: dict[str, JsonObject] = {}
        self.calls: list[Call] = []
        self.timeline: list[Happened] = []
        self.nonces: dict[str, tuple[str, float]] = {}
        self.nonce_lives_s = 300.0
        self.failures: list[Failure] = []
        self.limits: list[Limit] = []
        self.syncs = self.connections = self.identifies = self.resumes = self.heartbeats = 0
        self.in_guild = True
        self.revoked = False
        self.gateway_down = False
        self.delay_guild_s = 0.0
        self.date = ""
        self.told_otherwise: JsonObject = {}
        self.privileged_intents = 0
        self.acknowledge_within_s = 3.0
        self.token_lives_s = 900.0
        self.held = 0
        self.ending = asyncio.Event()
        self.delay_dispatch_s = 0.0
        self.heartbeat_interval_s = 41.25
        self.origin = ""
        # Documented is only the one for everything; the others are what libraries' users report.
        self.buckets: dict[str, tuple[int, float]] = {
            "*": (50, 1.0),
            "POST /channels/{channel_id}/messages": (5, 5.0),
            "PATCH /channels/{channel_id}/messages/{message_id}": (5, 5.0),
            "POST /webhooks/{webhook_id}/{webhook_token}": (5, 2.0),
            "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": (5, 2.0),
        }
        self._numbers = itertools.count()

    @property
    def permissions(self) -> int:
        """The bot's permissions in the guild: those of its role."""
        return self.roles["11"].permissions

    @permissions.setter
    def permissions(self, bits: int) -> None:
        self.roles["11"].permissions = bits

    def new_id(self) -> str:
        """Return an id that, like Discord's, grows and holds the moment it was made."""
        return str((time.time_ns() // 1_000_000 - EPOCH_MS << 22) + next(self._numbers) % (1 << 22))

    def new_token(self) -> str:
        return secrets.token_urlsafe(48)

    def user(self, user_id: str) -> User:
        return self.bot if user_id == self.application_id else self.members[user_id]

    def direct_channel(self, user: str) -> str:
        """Return the id of the channel between this person and the bot; make it at the first time."""
        for channel in self.channels.values():
            if channel.recipient == user:
                return channel.id
        channel = Channel(self.new_id(), "", recipient=user)
        self.channels[channel.id] = channel
        return channel.id

    def allowed(self, channel: str) -> int:
        """Return the bot's permissions in a channel; in direct messages it may do everything."""
        place = self.channels[channel]
        if place.parent is not None:
            return self.allowed(place.parent)
        return permissions.EVERYTHING if place.recipient else self.permissions & ~place.denied

    def keep(self, post: Post) -> None:
        self.posts[post.id] = post

    def threads(self) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.parent is not None]

    def said_with(self, nonce: str) -> str | None:
        """Return the id of what was said with this nonce in the past few minutes; it may be deleted since."""
        post, at = self.nonces.get(nonce, ("", 0.0))
        return post if post and time.monotonic() - at < self.nonce_lives_s else None

    def record(self, kind: str, post: Post) -> None:
        """Note what people saw happen to a message."""
        self.timeline.append(Happened(kind, as_seen(self, post), post.visible_to, time.monotonic()))

    def posts_in(self, channel: str) -> list[Post]:
        return [post for post in self.posts.values() if post.channel == channel]

    def close_form(self, user: str, form_id: str) -> Form | None:
        """Take a person's form away and return it; None if it is not open."""
        for form in self.forms:
            if form.user == user and form.modal.id == form_id:
                self.forms.remove(form)
                return form
        return None

    def names(self) -> dict[str, str]:
        """Return what mentions are read as."""
        people = {f"@{user.id}": user.name for user in (self.bot, *self.members.values())}
        roles = {f"@&{role.id}": role.name for role in self.roles.values()}
        return people | roles | {f"#{channel.id}": channel.name for channel in self.channels.values()}
