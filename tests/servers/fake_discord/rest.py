"""The REST API's way of handling a call: body, trouble, token, rate limits, handler, answer."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.fake_discord import (
    cdn,
    rest_commands,
    rest_guild,
    rest_interactions,
    rest_messages,
    rest_threads,
)
from tests.servers.fake_discord.bodies import received
from tests.servers.fake_discord.buckets import Buckets, RateLimited
from tests.servers.fake_discord.errors import ApiError, refused
from tests.servers.fake_discord.seen import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.fake_discord.gateway import Gateway
    from tests.servers.fake_discord.state import World
    from tests.servers.fake_discord.trouble import Failure
    from tests.servers.fake_discord.wire import Handler, Received

_BASE = "/api/v10"
_VIA = {"Via": "1.1 google"}  # without it the library takes a 429 for a ban
# Their paths hold a secret instead.
_WITHOUT_TOKEN = ("/interactions/", "/webhooks/", "/gateway")


def application(world: World, gateway: Gateway) -> web.Application:
    """Put all rooms of the API under one roof."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_get("/gateway", gateway.connect)
    app.router.add_get("/gateway/", gateway.connect)
    app.router.add_get("/cdn/{folder}/{channel_id}/{upload_id}/{name}", cdn.serve(world))
    api = _Api(world)
    handlers: dict[str, Handler] = {
        **rest_guild.handlers(world),
        **rest_messages.handlers(world, gateway),
        **rest_threads.handlers(world, gateway),
        **rest_interactions.handlers(world, gateway),
        **rest_commands.handlers(world),
    }
    for route, handler in handlers.items():
        method, path = route.split(" ")
        app.router.add_route(method, _BASE + path, api.answering(path, handler))
    app.router.add_route("*", _BASE + "/{rest:.*}", api.answering("/{unknown}", _unknown))
    return app


def _unknown(_: Received) -> tuple[int, object]:
    raise ApiError(404, 0, "404: Not Found")


class _Api:
    def __init__(self, world: World) -> None:
        self._world = world
        self._buckets = Buckets(world.buckets)

    def answering(self, route: str, handler: Handler) -> cdn.Serve:
        async def answer(request: web.Request) -> web.Response:
            return await self._answer(request, route, handler)

        return answer

    async def _answer(self, request: web.Request, route: str, handler: Handler) -> web.Response:
        at, path = time.monotonic(), request.path.removeprefix(_BASE)
        failure = self._failure(request.method, path)
        if failure is not None and failure.text is not None:
            return web.Response(text=failure.text, content_type=failure.content_type)
        if failure is not None and failure.lost and request.transport is not None:
            request.transport.abort()
            return web.Response()
        body: object = None
        headers: dict[str, str] = dict(_VIA)
        planned = failure is not None
        try:
            asked = await received(request)
            body = asked.body
            self._planned(request.method, path, failure)
            self._check_token(request, path)
            headers |= self._buckets.passed(
                request.method, route, request.match_info, counted=not path.startswith(_WITHOUT_TOKEN)
            )
            status, answer = handler(asked)
        except RateLimited as limited:
            status, answer, headers = 429, limited.body, (_VIA if limited.via else {}) | limited.headers
            planned = planned or limited.planned
        except ApiError as error:
            status, answer = error.status, error.body
            planned = planned or self._world.revoked
        self._world.calls.append(Call(request.method, path, route, body, status, at, answer, planned=planned))
        if failure is not None and failure.held:
            self._world.held += 1
            await self._world.ending.wait()
        if failure is not None and not failure.status and request.transport is not None:
            request.transport.abort()
        if self._world.date:
            headers["Date"] = self._world.date
        return _response(status, answer, headers)

    def _failure(self, method: str, path: str) -> Failure | None:
        for failure in self._world.failures:
            if failure.concerns(method, path):
                failure.times -= 1
                return failure
        return None

    def _planned(self, method: str, path: str, failure: Failure | None) -> None:
        if failure is not None and failure.status:
            raise ApiError(failure.status, failure.code, "planned by the test")
        now = time.monotonic()
        for limit in self._world.limits:
            if limit.concerns(method, path, now):
                raise RateLimited(
                    limit.retry_after_s, everywhere=limit.everywhere, via=limit.via, planned=True
                )

    def _check_token(self, request: web.Request, path: str) -> None:
        if path.startswith(_WITHOUT_TOKEN):
            return
        if self._world.revoked or request.headers.get("Authorization") != f"Bot {self._world.token}":
            raise refused(0)


def _response(status: int, answer: object, headers: Mapping[str, str]) -> web.Response:
    if answer is None:
        return web.Response(status=status, headers=headers)
    # Exactly this type, without a charset: the library compares the whole header.
    body = json.dumps(answer).encode()
    return web.Response(status=status, body=body, headers={**headers, "Content-Type": "application/json"})
