"""The real-time part of the web site: holds about as much memory as Django with Channels does."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

Event = Mapping[str, object]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

BALLAST_MIB = 77

ballast = [b"s" * (1024 * 1024) for _ in range(BALLAST_MIB)]
(Path(os.environ["RUNTIME_DIRECTORY"]) / f"{os.getpid()}.loaded").touch()


async def application(scope: Mapping[str, object], receive: Receive, send: Send) -> None:
    """Keep every websocket open until its client leaves, and answer every request with one line."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"scan2food, live\n"})
