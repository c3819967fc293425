"""Who the bot is, and who and what there is around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads
from tests.servers.fake_discord.errors import refused
from tests.servers.fake_discord.gateway import MEMBERS

if TYPE_CHECKING:
    from tests.servers.fake_discord.state import World
    from tests.servers.fake_discord.wire import Handler, JsonObject, Received


def handlers(world: World) -> dict[str, Handler]:
    """Return what answers which route."""
    rooms = _Guild(world)
    return {
        "GET /gateway": rooms.gateway,
        "GET /gateway/bot": rooms.gateway_of_bot,
        "GET /users/@me": rooms.me,
        "GET /users/@me/guilds": rooms.my_guilds,
        "POST /users/@me/channels": rooms.open_direct_channel,
        "GET /users/{user_id}": rooms.user,
        "GET /applications/@me": rooms.application,
        "GET /oauth2/applications/@me": rooms.application,
        "GET /guilds/{guild_id}": rooms.guild,
        "GET /guilds/{guild_id}/channels": rooms.channels,
        "GET /guilds/{guild_id}/roles": rooms.roles,
        "GET /guilds/{guild_id}/members": rooms.members,
        "GET /guilds/{guild_id}/members/{user_id}": rooms.member,
    }


class _Guild:
    def __init__(self, world: World) -> None:
        self._world = world

    def gateway(self, _: Received) -> tuple[int, object]:
        return 200, {"url": f"ws://{self._world.origin}/gateway"}

    def gateway_of_bot(self, _: Received) -> tuple[int, object]:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = f"ws://{self._world.origin}/gateway"
        return 200, {"url": url, "shards": 1, "session_start_limit": limit}

    def me(self, _: Received) -> tuple[int, object]:
        return 200, payloads.user(self._world.bot) | {"verified": True, "mfa_enabled": False, "email": None}

    def my_guilds(self, _: Received) -> tuple[int, object]:
        if not self._world.in_guild:
            return 200, []
        told: JsonObject = {
            "id": self._world.guild_id,
            "name": "Operations",
            "icon": None,
            "owner": False,
            "features": [],
        }
        return 200, [told | {"permissions": str(self._world.permissions)}]

    def open_direct_channel(self, asked: Received) -> tuple[int, object]:
        recipient = asked.body.get("recipient_id") if isinstance(asked.body, dict) else None
        if str(recipient) not in self._world.members:
            raise refused(10013)
        return 200, payloads.channel(self._world, self._world.direct_channel(str(recipient)))

    def user(self, asked: Received) -> tuple[int, object]:
        if asked.parts["user_id"] not in self._world.members:
            raise refused(10013)
        return 200, payloads.user(self._world.user(asked.parts["user_id"]))

    def application(self, _: Received) -> tuple[int, object]:
        return 200, payloads.application(self._world)

    def guild(self, asked: Received) -> tuple[int, object]:
        self._check(asked)
        return 200, payloads.guild(self._world)

    def channels(self, asked: Received) -> tuple[int, object]:
        self._check(asked)
        places = self._world.channels.values()
        return 200, [
            payloads.channel(self._world, place.id)
            for place in places
            if not (place.recipient or place.parent)
        ]

    def roles(self, asked: Received) -> tuple[int, object]:
        self._check(asked)
        return 200, [payloads.role(role) for role in self._world.roles.values()]

    def members(self, asked: Received) -> tuple[int, object]:
        self._check(asked)
        if not self._world.privileged_intents & MEMBERS:
            raise refused(50001)
        every = sorted([*self._world.members, self._world.application_id], key=int)
        after = [one for one in every if int(one) > int(asked.query.get("after", "0"))]
        page = after[: int(asked.query.get("limit", "1"))]
        return 200, [payloads.member(self._world, one) for one in page]

    def member(self, asked: Received) -> tuple[int, object]:
        self._check(asked)
        wanted = asked.parts["user_id"]
        if wanted not in {*self._world.members, self._world.application_id}:
            raise refused(10007)
        return 200, payloads.member(self._world, wanted)

    def _check(self, asked: Received) -> None:
        # A guild that the bot is not in is unknown to it.
        if asked.parts["guild_id"] != self._world.guild_id or not self._world.in_guild:
            raise refused(10004)
