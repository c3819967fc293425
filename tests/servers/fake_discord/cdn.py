"""Where uploaded files are fetched from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.servers.fake_discord.state import World

Serve = Callable[[web.Request], Awaitable[web.Response]]


def serve(world: World) -> Serve:
    """Return the handler for files of messages that still exist."""

    async def fetch(request: web.Request) -> web.Response:
        wanted = request.match_info["upload_id"], request.match_info["name"]
        for post in world.posts.values():
            for upload in post.uploads:
                if (upload.id, upload.file.name) == wanted:
                    return web.Response(body=upload.file.content)
        return web.Response(status=404, text="This content is no longer available.")

    return fetch
