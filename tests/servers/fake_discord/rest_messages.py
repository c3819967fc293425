"""Channels and the messages in them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads, permissions
from tests.servers.fake_discord.bodies import object_of
from tests.servers.fake_discord.errors import Problems, refused
from tests.servers.fake_discord.places import place_of
from tests.servers.fake_discord.state import EPHEMERAL, Post
from tests.servers.fake_discord.writing import write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.fake_discord.gateway import Gateway
    from tests.servers.fake_discord.state import Channel, World
    from tests.servers.fake_discord.wire import Handler, JsonObject, Received

_MOST_AT_ONCE = 100


def handlers(world: World, gateway: Gateway) -> dict[str, Handler]:
    """Return what answers which route."""
    rooms = _Messages(world, gateway)
    one = "/channels/{channel_id}/messages/{message_id}"
    return {
        "GET /channels/{channel_id}": rooms.channel,
        "POST /channels/{channel_id}/typing": rooms.typing,
        "GET /channels/{channel_id}/messages": rooms.history,
        "POST /channels/{channel_id}/messages": rooms.send,
        f"GET {one}": rooms.read,
        f"PATCH {one}": rooms.edit,
        f"DELETE {one}": rooms.delete,
    }


class _Messages:
    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def channel(self, asked: Received) -> tuple[int, object]:
        place = place_of(self._world, asked)
        return 200, payloads.channel(self._world, place.id)

    def typing(self, asked: Received) -> tuple[int, object]:
        self._may_write(place_of(self._world, asked))
        return 204, None

    def history(self, asked: Received) -> tuple[int, object]:
        place = place_of(self._world, asked)
        if not self._world.allowed(place.id) & permissions.READ_MESSAGE_HISTORY:
            return 200, []
        posts = [post for post in self._world.posts_in(place.id) if post.visible_to is None]
        return 200, [payloads.message(self._world, post) for post in _page(posts, asked.query)]

    def send(self, asked: Received) -> tuple[int, object]:
        place, body = place_of(self._world, asked), object_of(asked)
        self._may_write(place)
        self._may_say(place, asked, body)
        nonce = str(body.get("nonce") or "")
        if nonce and body.get("enforce_nonce") and (said := self._world.said_with(nonce)):
            # One that was deleted since is not made again either (discord/discord-api-docs#6647).
            if said not in self._world.posts:
                raise refused(10008)
            return 200, payloads.made(self._world, self._world.posts[said])
        post = Post(self._world.new_id(), place.id, self._world.application_id)
        post.nonce = nonce or None
        post.reply_to = self._replied_to(place, body)
        write(self._world, post, body, asked.files)
        if nonce:
            self._world.nonces[nonce] = post.id, time.monotonic()
        self._world.keep(post)
        place.archived = False
        self._world.record("said", post)
        self._gateway.dispatch("MESSAGE_CREATE", payloads.message_event(self._world, post))
        return 200, payloads.made(self._world, post)

    def _replied_to(self, place: Channel, body: JsonObject) -> str | None:
        """Return the id of the message that is replied to; None too where it is gone and need not exist."""
        reference = body.get("message_reference")
        if reference is None:
            return None
        if not self._world.allowed(place.id) & permissions.READ_MESSAGE_HISTORY:
            raise refused(160002)
        wanted = str(reference.get("message_id"))
        post = self._world.posts.get(wanted)
        if post is not None and post.channel == place.id and post.visible_to is None:
            return wanted
        if reference.get("fail_if_not_exists", True):
            problems = Problems()
            problems.add("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            problems.raise_any()
        return None

    def read(self, asked: Received) -> tuple[int, object]:
        self._may(place_of(self._world, asked), permissions.READ_MESSAGE_HISTORY)
        return 200, payloads.message(self._world, self._post(asked))

    def edit(self, asked: Received) -> tuple[int, object]:
        place, post, body = place_of(self._world, asked), self._post(asked), object_of(asked)
        if post.author != self._world.application_id:
            raise refused(50005)
        if place.archived:
            raise refused(50083)
        self._may_say(place, asked, body)
        write(self._world, post, body, asked.files, edit=True)
        self._world.record("edited", post)
        self._gateway.dispatch("MESSAGE_UPDATE", payloads.message_event(self._world, post))
        return 200, payloads.message(self._world, post)

    def delete(self, asked: Received) -> tuple[int, object]:
        place, post = place_of(self._world, asked), self._post(asked)
        if post.author != self._world.application_id:
            self._may(place, permissions.MANAGE_MESSAGES)
        del self._world.posts[post.id]
        self._world.record("deleted", post)
        told: JsonObject = {"id": post.id, "channel_id": place.id}
        if place.recipient is None:
            told["guild_id"] = self._world.guild_id
        self._gateway.dispatch("MESSAGE_DELETE", told)
        return 204, None

    def _post(self, asked: Received) -> Post:
        """Return the message; an ephemeral one can only be reached by its interaction's token."""
        post = self._world.posts.get(asked.parts["message_id"])
        if post is None or post.channel != asked.parts["channel_id"] or post.visible_to is not None:
            raise refused(10008)
        return post

    def _may_write(self, place: Channel) -> None:
        in_thread = place.parent is not None
        self._may(place, permissions.SEND_MESSAGES_IN_THREADS if in_thread else permissions.SEND_MESSAGES)
        if place.locked and not self._world.allowed(place.id) & permissions.MANAGE_THREADS:
            raise refused(160005)

    def _may(self, place: Channel, permission: int) -> None:
        if not self._world.allowed(place.id) & permission:
            raise refused(50013)

    def _may_say(self, place: Channel, asked: Received, body: JsonObject) -> None:
        if body.get("embeds"):
            self._may(place, permissions.EMBED_LINKS)
        if asked.files:
            self._may(place, permissions.ATTACH_FILES)
        if int(body.get("flags") or 0) & EPHEMERAL:
            problems = Problems()
            problems.add("flags", "MESSAGE_FLAGS_INVALID", "Only answers to interactions can be ephemeral.")
            problems.raise_any()


def _page(posts: list[Post], query: Mapping[str, str]) -> list[Post]:
    """Return the newest, or those right after or before a message; the newest first, as Discord does."""
    most = int(query.get("limit", "50"))
    if not 1 <= most <= _MOST_AT_ONCE:
        problems = Problems()
        problems.add(
            "limit", "NUMBER_TYPE_MAX", f"int value should be less than or equal to {_MOST_AT_ONCE}."
        )
        problems.raise_any()
    posts = sorted(posts, key=lambda post: int(post.id))
    if "after" in query:
        return [post for post in posts if int(post.id) > int(query["after"])][:most][::-1]
    before = int(query.get("before", str(1 << 63)))
    return [post for post in posts if int(post.id) < before][::-1][:most]
