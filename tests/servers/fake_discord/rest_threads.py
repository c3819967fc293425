"""Threads that begin with a message, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads, permissions
from tests.servers.fake_discord.errors import Problems, refused
from tests.servers.fake_discord.places import place_of
from tests.servers.fake_discord.state import Channel

if TYPE_CHECKING:
    from tests.servers.fake_discord.gateway import Gateway
    from tests.servers.fake_discord.state import World
    from tests.servers.fake_discord.wire import Handler, JsonObject, Received

_FIELDS = frozenset({"name", "auto_archive_duration", "rate_limit_per_user"})
_DURATIONS = (60, 1440, 4320, 10080)
_LONGEST_NAME = 100


def handlers(world: World, gateway: Gateway) -> dict[str, Handler]:
    """Return what answers which route."""
    rooms = _Threads(world, gateway)
    return {
        "POST /channels/{channel_id}/messages/{message_id}/threads": rooms.begin,
        "PATCH /channels/{channel_id}": rooms.change,
    }


class _Threads:
    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def begin(self, asked: Received) -> tuple[int, object]:
        """Begin a thread with a message, whose id it has."""
        place = place_of(self._world, asked)
        post = self._world.posts.get(asked.parts["message_id"])
        if place.recipient is not None:
            raise refused(50003)
        if place.parent is not None:
            raise refused(50024)
        if not self._world.allowed(place.id) & permissions.CREATE_PUBLIC_THREADS:
            raise refused(50013)
        if post is None or post.channel != place.id or post.visible_to is not None:
            raise refused(10008)
        if post.id in self._world.channels:
            raise refused(160004)
        body = _checked(asked)
        duration = int(body.get("auto_archive_duration") or 1440)
        thread = Channel(post.id, str(body["name"]).strip(), parent=place.id, archived_after_min=duration)
        self._world.channels[post.id] = thread
        self._world.record("thread", post)
        told = payloads.channel(self._world, post.id)
        self._gateway.dispatch("THREAD_CREATE", told | {"newly_created": True})
        return 201, told

    def change(self, asked: Received) -> tuple[int, object]:
        """Archive a thread or take it out of the archive."""
        place = place_of(self._world, asked)
        body = asked.body if isinstance(asked.body, dict) else {}
        may_manage = self._world.allowed(place.id) & permissions.MANAGE_THREADS
        if place.parent is None or body.keys() - {"archived"}:
            raise refused(50013)
        if place.locked and not may_manage:
            raise refused(50013)
        if not self._world.allowed(place.id) & permissions.SEND_MESSAGES_IN_THREADS:
            raise refused(50013)
        place.archived = bool(body.get("archived"))
        told = payloads.channel(self._world, place.id)
        self._gateway.dispatch("THREAD_UPDATE", told)
        return 200, told


def _checked(asked: Received) -> JsonObject:
    body = asked.body if isinstance(asked.body, dict) else {}
    problems = Problems()
    problems.only("", body, _FIELDS)
    problems.length("name", body.get("name"), 1, _LONGEST_NAME)
    if body.get("auto_archive_duration") not in {None, *_DURATIONS}:
        message = f"Value must be one of {_DURATIONS}."
        problems.add("auto_archive_duration", "BASE_TYPE_CHOICES", message)
    problems.raise_any()
    return body
