"""What there is around the bot, and how this Discord is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads
from tests.servers.fake_discord.server import Server
from tests.servers.fake_discord.state import Channel, Post, Role, User
from tests.servers.fake_discord.visible import as_seen
from tests.servers.fake_discord.writing import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.servers.fake_discord.seen import Shown
    from tests.servers.fake_discord.wire import JsonObject


class Surroundings(Server):
    """People, roles, channels; permissions and other settings."""

    def add_member(self, user_id: str, name: str, roles: Sequence[str] = ()) -> None:
        """Let a person join the guild, or change the roles of one who is there."""

        def add() -> None:
            known = user_id in self._world.members
            self._world.members[user_id] = User(user_id, name, tuple(roles))
            event = "GUILD_MEMBER_UPDATE" if known else "GUILD_MEMBER_ADD"
            member = payloads.member(self._world, user_id) | {"guild_id": self.guild_id}
            self._gateway.dispatch(event, member)

        self._do(add)

    def add_channel(self, channel_id: str, name: str, *, denied: int = 0) -> None:
        """Make a text channel; `denied` are the permissions that the bot has not got in it."""

        def add() -> None:
            known = channel_id in self._world.channels
            self._world.channels[channel_id] = Channel(channel_id, name, denied=denied)
            event = "CHANNEL_UPDATE" if known else "CHANNEL_CREATE"
            self._gateway.dispatch(event, payloads.channel(self._world, channel_id))

        self._do(add)

    def add_thread(self, thread_id: str, parent: str, name: str) -> None:
        """Let somebody begin a thread below a channel."""

        def add() -> None:
            self._world.channels[thread_id] = Channel(thread_id, name, parent=parent)
            self._gateway.dispatch("THREAD_CREATE", payloads.channel(self._world, thread_id))

        self._do(add)

    def add_role(self, role_id: str, name: str, *, mentionable: bool = False) -> None:
        """Make a role, or rename it; everybody may mention it if it is `mentionable`."""

        def add() -> None:
            known = role_id in self._world.roles
            self._world.roles[role_id] = Role(
                role_id, name, 0, len(self._world.roles) + 1, mentionable=mentionable
            )
            event = "GUILD_ROLE_UPDATE" if known else "GUILD_ROLE_CREATE"
            role = payloads.role(self._world.roles[role_id])
            self._gateway.dispatch(event, {"guild_id": self.guild_id, "role": role})

        self._do(add)

    def direct_channel(self, user: str) -> str:
        """Return the id of the channel between this person and the bot."""
        return self._do(lambda: self._world.direct_channel(user))

    def post_as_bot(
        self,
        channel: str = "100",
        *,
        content: str = "",
        embeds: Sequence[JsonObject] = (),
        components: Sequence[JsonObject] = (),
        only_for: str | None = None,
    ) -> Shown:
        """Put a message there that the bot said long ago, for instance with buttons of an older version."""

        def put() -> Shown:
            post = Post(self._world.new_id(), channel, self.application_id, content=content)
            post.embeds, post.components = list(embeds), numbered(components)
            post.visible_to = only_for
            self._world.keep(post)
            return as_seen(self._world, post)

        return self._do(put)

    def kick(self) -> None:
        """Remove the bot from the guild."""

        def remove() -> None:
            self._world.in_guild = False
            self._gateway.dispatch("GUILD_DELETE", {"id": self.guild_id})

        self._do(remove)

    @property
    def permissions(self) -> int:
        """The bot's permissions in the guild, as Discord's bits; `add_channel(…, denied=…)` takes away."""
        return self._world.permissions

    @permissions.setter
    def permissions(self, bits: int) -> None:
        self._world.permissions = bits

    @property
    def privileged_intents(self) -> int:
        """The privileged intents that the application has; asking for another closes with 4014."""
        return self._world.privileged_intents

    @privileged_intents.setter
    def privileged_intents(self, bits: int) -> None:
        self._world.privileged_intents = bits

    @property
    def acknowledge_within_s(self) -> float:
        """After this an interaction that was not acknowledged is unknown."""
        return self._world.acknowledge_within_s

    @acknowledge_within_s.setter
    def acknowledge_within_s(self, seconds: float) -> None:
        self._world.acknowledge_within_s = seconds

    @property
    def token_lives_s(self) -> float:
        """After this an interaction's token is invalid."""
        return self._world.token_lives_s

    @token_lives_s.setter
    def token_lives_s(self, seconds: float) -> None:
        self._world.token_lives_s = seconds

    @property
    def delay_dispatch(self) -> float:
        """By how many seconds interactions reach the bot late."""
        return self._world.delay_dispatch_s

    @delay_dispatch.setter
    def delay_dispatch(self, seconds: float) -> None:
        self._world.delay_dispatch_s = seconds

    @property
    def delay_guild(self) -> float:
        """By how many seconds the guild becomes available later than the session."""
        return self._world.delay_guild_s

    @delay_guild.setter
    def delay_guild(self, seconds: float) -> None:
        self._world.delay_guild_s = seconds

    @property
    def answer_commands_with(self) -> JsonObject:
        """What the API says of every command, whatever was registered."""
        return self._world.told_otherwise

    @answer_commands_with.setter
    def answer_commands_with(self, told: JsonObject) -> None:
        self._world.told_otherwise = told

    @property
    def date(self) -> str:
        """What the API's answers have in their `Date` header; empty for the truth."""
        return self._world.date

    @date.setter
    def date(self, text: str) -> None:
        self._world.date = text

    @property
    def heartbeat_interval_s(self) -> float:
        """What the next hello asks for, in seconds."""
        return self._world.heartbeat_interval_s

    @heartbeat_interval_s.setter
    def heartbeat_interval_s(self, seconds: float) -> None:
        self._world.heartbeat_interval_s = seconds

    @property
    def gateway_down(self) -> bool:
        """Whether connecting to the gateway is answered with 503."""
        return self._world.gateway_down

    @gateway_down.setter
    def gateway_down(self, down: bool) -> None:
        self._world.gateway_down = down

    @property
    def buckets(self) -> dict[str, tuple[int, float]]:
        """Method and route (`POST /channels/{channel_id}/messages`, see `Call.route`) -> calls, seconds.

        `*` is the limit for all calls together but those about interactions.
        """
        return self._world.buckets
