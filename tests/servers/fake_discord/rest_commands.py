"""Registered commands, of the application and of the guild."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord.command_limits import check_commands
from tests.servers.fake_discord.errors import ApiError, Problems, refused

if TYPE_CHECKING:
    from tests.servers.fake_discord.state import World
    from tests.servers.fake_discord.wire import Handler, JsonObject, Received

_MOST = 100
_MOST_A_DAY = 200


def handlers(world: World) -> dict[str, Handler]:
    """Return what answers which route: the same for both scopes."""
    rooms = _Commands(world)
    found: dict[str, Handler] = {}
    for scope in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
        found |= {
            f"GET {scope}/commands": rooms.every,
            f"PUT {scope}/commands": rooms.replace,
            f"POST {scope}/commands": rooms.add,
            f"GET {scope}/commands/{{command_id}}": rooms.one,
            f"PATCH {scope}/commands/{{command_id}}": rooms.change,
            f"DELETE {scope}/commands/{{command_id}}": rooms.remove,
        }
    return found


class _Commands:
    def __init__(self, world: World) -> None:
        self._world = world
        self._created = 0

    def every(self, asked: Received) -> tuple[int, object]:
        return 200, [one | self._world.told_otherwise for one in self._scope(asked).values()]

    def one(self, asked: Received) -> tuple[int, object]:
        scope = self._scope(asked)
        return 200, scope[_known(scope, asked)]

    def replace(self, asked: Received) -> tuple[int, object]:
        """Register all at once; whatever was there before and is not now is gone."""
        scope = self._scope(asked)
        problems = Problems()
        commands = check_commands(problems, asked.body)
        problems.raise_any()
        if len(commands) > _MOST:
            raise refused(30032)
        before = {(one["type"], one["name"]): one for one in scope.values()}
        made = [self._made(asked, one, before.get((one.get("type", 1), one["name"]))) for one in commands]
        self._count(len([one for one in commands if (one.get("type", 1), one["name"]) not in before]))
        scope.clear()
        scope.update({one["id"]: one for one in made})
        self._world.syncs += 1
        return 200, [one | self._world.told_otherwise for one in made]

    def add(self, asked: Received) -> tuple[int, object]:
        """Register one; one of the same name and type is replaced."""
        scope, body = self._scope(asked), _checked(asked.body)
        same = [
            one
            for one in scope.values()
            if one["name"] == body["name"] and one["type"] == body.get("type", 1)
        ]
        if not same:
            self._count(1)
            if len(scope) >= _MOST:
                raise refused(30032)
        made = self._made(asked, body, same[0] if same else None)
        scope[made["id"]] = made
        return (200 if same else 201), made

    def change(self, asked: Received) -> tuple[int, object]:
        scope = self._scope(asked)
        known = scope[_known(scope, asked)]
        body = asked.body if isinstance(asked.body, dict) else {}
        changed = {key: known[key] for key in ("name", "description", "type", "options")} | body
        made = self._made(asked, _checked(changed), known)
        scope[made["id"]] = made
        return 200, made

    def remove(self, asked: Received) -> tuple[int, object]:
        scope = self._scope(asked)
        del scope[_known(scope, asked)]
        return 204, None

    def _scope(self, asked: Received) -> dict[str, JsonObject]:
        if asked.parts["application_id"] != self._world.application_id:
            raise refused(20012)
        if "guild_id" not in asked.parts:
            return self._world.global_commands
        if asked.parts["guild_id"] != self._world.guild_id or not self._world.in_guild:
            raise refused(50001)
        return self._world.guild_commands

    def _count(self, new: int) -> None:
        """Count towards the new commands of a day. Documented is the number, not this answer's words."""
        self._created += new
        if self._created > _MOST_A_DAY:
            raise ApiError(
                400, 30034, "Max number of daily application command creates has been reached (200)"
            )

    def _made(self, asked: Received, body: JsonObject, known: JsonObject | None) -> JsonObject:
        contexts = body.get("contexts")
        if contexts is None and body.get("dm_permission") is False:
            contexts = [0]
        permissions = body.get("default_member_permissions")
        made: JsonObject = {
            "id": known["id"] if known else self._world.new_id(),
            "application_id": self._world.application_id,
            "version": self._world.new_id(),
            "type": body.get("type", 1),
            "name": body["name"],
            "name_localizations": body.get("name_localizations"),
            "description": body.get("description", ""),
            "description_localizations": body.get("description_localizations"),
            "options": body.get("options") or [],
            "default_member_permissions": None if permissions is None else str(permissions),
            "nsfw": body.get("nsfw") or False,
            "integration_types": body.get("integration_types") or [0],
            "contexts": contexts,
        }
        if "guild_id" in asked.parts:
            return made | {"guild_id": asked.parts["guild_id"]}
        return made | {"dm_permission": contexts is None or 1 in contexts}


def _known(scope: dict[str, JsonObject], asked: Received) -> str:
    if asked.parts["command_id"] not in scope:
        raise refused(10063)
    return asked.parts["command_id"]


def _checked(body: object) -> JsonObject:
    """Return the body of one command, whose mistakes are told without a number in front."""
    problems = Problems()
    (command,) = check_commands(problems, [body], numbered=False)
    problems.raise_any()
    return command
