"""One websocket at the gateway: frames in order, compressed as the client asked."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    from tests.servers.fake_discord.wire import JsonObject

_GOODBYE_S = 0.5


class Connection:
    """Sends frames in the order they were given, from a task of its own."""

    def __init__(self, websocket: web.WebSocketResponse, request: web.Request) -> None:
        self.session_id: str | None = None
        self.closed_by_us = False
        self._websocket = websocket
        self._transport = request.transport
        self._compress = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())

    def send(self, payload: JsonObject) -> None:
        self.send_text(json.dumps(payload))

    def send_text(self, frame: str) -> None:
        self._frames.put_nowait(frame)

    async def _write(self) -> None:
        while True:
            frame = await self._frames.get()
            try:
                if self._compress is None:
                    await self._websocket.send_str(frame)
                else:
                    packed = self._compress.compress(frame.encode())
                    await self._websocket.send_bytes(packed + self._compress.flush(zlib.Z_SYNC_FLUSH))
            except ConnectionError:
                continue  # nobody is there any more: what is left is dropped
            finally:
                self._frames.task_done()

    async def close(self, code: int, reason: str = "") -> None:
        """Say goodbye, after what is still to be sent."""
        self.closed_by_us = True
        sent = asyncio.create_task(self._frames.join())
        # Who has stopped writing, because the client is gone, sends nothing any more.
        done, _ = await asyncio.wait(
            {sent, self._writer}, timeout=_GOODBYE_S, return_when=asyncio.FIRST_COMPLETED
        )
        sent.cancel()
        if not done:
            self.cut()
        await self._websocket.close(code=code, message=reason.encode())

    def cut(self) -> None:
        """Reset the TCP connection."""
        if self._transport is None:
            return
        tcp = self._transport.get_extra_info("socket")
        if tcp.fileno() < 0:
            return
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def end(self) -> None:
        """Stop the task."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
