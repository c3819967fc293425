"""Answers to interactions: the first within 3 seconds, others by the token's webhook for 15 minutes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads
from tests.servers.fake_discord.bodies import object_of
from tests.servers.fake_discord.command_limits import check_offered
from tests.servers.fake_discord.component_limits import check_modal
from tests.servers.fake_discord.errors import Problems, refused
from tests.servers.fake_discord.seen import Modal
from tests.servers.fake_discord.state import EPHEMERAL, LOADING, Ask, Form, Post
from tests.servers.fake_discord.writing import numbered, write

if TYPE_CHECKING:
    from tests.servers.fake_discord.gateway import Gateway
    from tests.servers.fake_discord.state import World
    from tests.servers.fake_discord.wire import Handler, JsonObject, Received

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
_SAY, _DEFER, _DEFER_UPDATE, _UPDATE, _OFFER, _MODAL = 4, 5, 6, 7, 8, 9
_POSSIBLE = {
    COMMAND: {_SAY, _DEFER, _MODAL},
    COMPONENT: {_SAY, _DEFER, _DEFER_UPDATE, _UPDATE, _MODAL},
    AUTOCOMPLETE: {_OFFER},
    SUBMIT: {_SAY, _DEFER, _DEFER_UPDATE, _UPDATE},
}
_DEFERRED_FIELDS = frozenset({"flags", "tts"})


def handlers(world: World, gateway: Gateway) -> dict[str, Handler]:
    """Return what answers which route."""
    rooms = _Interactions(world, gateway)
    webhook = "/webhooks/{webhook_id}/{webhook_token}"
    return {
        "POST /interactions/{interaction_id}/{webhook_token}/callback": rooms.respond,
        f"POST {webhook}": rooms.follow_up,
        f"GET {webhook}/messages/{{message_id}}": rooms.read,
        f"PATCH {webhook}/messages/{{message_id}}": rooms.edit,
        f"DELETE {webhook}/messages/{{message_id}}": rooms.delete,
    }


class _Interactions:
    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def respond(self, asked: Received) -> tuple[int, object]:
        """Take the first answer."""
        ask = self._world.asks.get(asked.parts["webhook_token"])
        if ask is None or ask.id != asked.parts["interaction_id"]:
            raise refused(10062)
        if ask.acknowledged_at is not None:
            raise refused(40060)
        if ask.expired or time.monotonic() - ask.at > self._world.acknowledge_within_s:
            raise refused(10062)
        body = asked.body if isinstance(asked.body, dict) else {}
        kind, data = self._checked(ask, body)
        self._first(ask, kind, data, asked)
        ask.acknowledged_at, ask.response_type = time.monotonic(), kind
        if asked.query.get("with_response", "").lower() not in {"1", "true"}:
            return 204, None
        return 200, self._resource(ask, kind)

    def _checked(self, ask: Ask, body: JsonObject) -> tuple[int, JsonObject]:
        problems = Problems()
        kind, data = body.get("type"), body.get("data") or {}
        possible = set(_POSSIBLE[ask.type])
        if ask.type == SUBMIT and ask.source is None:
            possible -= {_DEFER_UPDATE, _UPDATE}
        problems.only("", body, frozenset({"type", "data"}))
        if kind not in possible:
            problems.add("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(possible)}.")
        elif kind in {_DEFER, _DEFER_UPDATE}:
            problems.only("data", data, _DEFERRED_FIELDS)
        problems.raise_any()
        return int(body["type"]), data

    def _first(self, ask: Ask, kind: int, data: JsonObject, asked: Received) -> None:
        if kind in {_SAY, _DEFER}:
            self._say(ask, data, asked, defer=kind == _DEFER)
        elif kind in {_DEFER_UPDATE, _UPDATE}:
            self._update(ask, kind, data, asked)
        elif kind == _OFFER:
            problems = Problems("data")
            check_offered(problems, data, _focused(ask.payload["data"]["options"]))
            problems.raise_any()
            ask.choices = [(choice["name"], choice["value"]) for choice in data["choices"]]
        else:
            problems = Problems("data")
            check_modal(problems, data)
            problems.raise_any()
            rows = tuple(numbered(data["components"]))
            modal = Modal(self._world.new_id(), data["title"], data["custom_id"], rows)
            # A person has one form in front of them at a time.
            self._world.forms[:] = [form for form in self._world.forms if form.user != ask.user]
            self._world.forms.append(Form(ask.user, modal, ask))

    def _say(self, ask: Ask, data: JsonObject, asked: Received, *, defer: bool) -> None:
        post = self._new(ask, data)
        if defer:
            post.flags = LOADING
        else:
            write(self._world, post, data, asked.files, root="data")
        self._world.keep(post)
        ask.original, ask.ephemeral = post.id, post.visible_to is not None
        self._tell("MESSAGE_CREATE", post)

    def _update(self, ask: Ask, kind: int, data: JsonObject, asked: Received) -> None:
        post = self._world.posts.get(ask.source or "")
        ask.original = ask.source
        if post is None:
            # Discord takes the acknowledgement; that nothing is there to change shows at the next call.
            return
        ask.ephemeral = post.visible_to is not None
        if kind == _UPDATE:
            write(self._world, post, data, asked.files, root="data", edit=True)
            self._tell("MESSAGE_UPDATE", post)

    def _new(self, ask: Ask, data: JsonObject) -> Post:
        post = Post(self._world.new_id(), ask.channel, self._world.application_id, asked_by=ask)
        post.kind = 20 if ask.type == COMMAND else 19 if ask.source else 0
        if int(data.get("flags") or 0) & EPHEMERAL:
            post.visible_to = ask.user
        return post

    def _resource(self, ask: Ask, kind: int) -> JsonObject:
        told: JsonObject = {"interaction": {"id": ask.id, "type": ask.type}}
        if kind in {_OFFER, _MODAL}:
            return told
        post = self._world.posts.get(ask.original or "")
        told["interaction"] |= {
            "response_message_id": ask.original,
            "response_message_loading": kind == _DEFER,
            "response_message_ephemeral": bool(ask.ephemeral),
        }
        told["resource"] = {"type": kind}
        if post is not None and kind in {_SAY, _UPDATE}:
            told["resource"]["message"] = payloads.message(self._world, post)
        return told

    def follow_up(self, asked: Received) -> tuple[int, object]:
        """Say more; right after a deferral it takes the place of "thinking…" and is seen by whom that was."""
        ask, body = self._by_token(asked), object_of(asked)
        original = self._world.posts.get(ask.original or "")
        if original is not None and original.loading:
            write(self._world, original, body, asked.files, edit=True)
            self._tell("MESSAGE_UPDATE", original)
            return 200, payloads.message(self._world, original)
        post = self._new(ask, body)
        post.kind = 19 if ask.original else post.kind
        write(self._world, post, body, asked.files)
        self._world.keep(post)
        self._tell("MESSAGE_CREATE", post)
        return 200, payloads.message(self._world, post)

    def read(self, asked: Received) -> tuple[int, object]:
        return 200, payloads.message(self._world, self._post(asked))

    def edit(self, asked: Received) -> tuple[int, object]:
        post = self._post(asked)
        write(self._world, post, object_of(asked), asked.files, edit=True)
        self._tell("MESSAGE_UPDATE", post)
        return 200, payloads.message(self._world, post)

    def delete(self, asked: Received) -> tuple[int, object]:
        post = self._post(asked)
        del self._world.posts[post.id]
        if not post.loading:
            self._world.record("deleted", post)
        if post.visible_to is None:
            self._gateway.dispatch("MESSAGE_DELETE", {"id": post.id, "channel_id": post.channel})
        return 204, None

    def _by_token(self, asked: Received) -> Ask:
        """Return the interaction whose webhook this is; there is none before the first answer."""
        ask = self._world.asks.get(asked.parts["webhook_token"])
        if ask is None:
            raise refused(50027)
        if ask.expired or time.monotonic() - ask.at > self._world.token_lives_s:
            raise refused(50027)
        if ask.acknowledged_at is None or asked.parts["webhook_id"] != self._world.application_id:
            raise refused(10015)
        return ask

    def _post(self, asked: Received) -> Post:
        """Return a message that this interaction said, or whose component it came from."""
        ask, wanted = self._by_token(asked), asked.parts["message_id"]
        post = self._world.posts.get((ask.original or "") if wanted == "@original" else wanted)
        if post is None or not (post.asked_by is ask or post.id in {ask.original, ask.source}):
            raise refused(10008)
        return post

    def _tell(self, event: str, post: Post) -> None:
        if not post.loading:
            self._world.record("edited" if post.edited_at else "said", post)
        if post.visible_to is None:
            self._gateway.dispatch(event, payloads.message_event(self._world, post))


def _focused(options: list[JsonObject]) -> JsonObject:
    """Return the option that the person is typing in."""
    for option in options:
        if option.get("focused"):
            return option
        inner = _focused(option.get("options", []))
        if inner:
            return inner
    return {}
