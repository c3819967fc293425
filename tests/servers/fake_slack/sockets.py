"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import time
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.servers.fake_slack.workspace import APP

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Interaction, Json
    from tests.servers.fake_slack.workspace import Workspace

_TICKET_S = 30.0
_PING_EVERY_S = 1.0
_MOST_UNANSWERED = 5
_HOST = "applink-1"


@dataclass(eq=False)
class Connection:
    """One WebSocket; a deaf one stays open, but nothing comes or goes."""

    ws: web.WebSocketResponse
    transport: asyncio.Transport
    number: int
    deaf: bool = False
    unanswered: int = 0
    opened_at: float = field(default_factory=time.monotonic)


class Sockets:
    """All Socket Mode connections of the app."""

    def __init__(self, workspace: Workspace) -> None:
        self.connections: list[Connection] = []
        self.opened = 0
        self.new_ones_deaf = False
        self.ping_every_s = _PING_EVERY_S
        self.pings = 0
        self._workspace = workspace
        self._tickets: dict[str, float] = {}
        self._pending: dict[str, Interaction] = {}
        self._turn = 0

    def ticket(self) -> str:
        """Return a ticket that opens one connection within half a minute."""
        ticket = token_hex(12)
        self._tickets[ticket] = time.monotonic() + _TICKET_S
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        if self._tickets.pop(request.query.get("ticket", ""), 0.0) < time.monotonic():
            return web.Response(status=404, text="ticket not found")
        ws = web.WebSocketResponse(autoping=False, timeout=0.5)
        await ws.prepare(request)
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        self.opened += 1
        connection = Connection(ws, transport, self.opened, deaf=self.new_ones_deaf)
        self.connections.append(connection)
        pinging = asyncio.create_task(self._ping(connection))
        try:
            await self._greet(connection)
            await self._listen(connection)
        finally:
            pinging.cancel()
            self._forget(connection)
        return ws

    async def deliver(self, interaction: Interaction) -> None:
        """Send it over one of the connections, each in turn."""
        if not self.connections:
            return
        self._turn += 1
        await self.deliver_over(self.connections[self._turn % len(self.connections)], interaction)

    async def deliver_over(self, connection: Connection, interaction: Interaction) -> None:
        interaction.envelope_id = interaction.envelope_id or f"env-{self._workspace.number()}-{token_hex(4)}"
        self._pending[interaction.envelope_id] = interaction
        interaction.connection = connection.number
        interaction.delivered, interaction.sent_at = True, time.monotonic()
        envelope: Json = {
            "envelope_id": interaction.envelope_id,
            "type": interaction.kind,
            "accepts_response_payload": interaction.accepts_response,
            "payload": interaction.payload,
        }
        if interaction.kind == "events_api":
            envelope["retry_attempt"] = interaction.attempts
            envelope["retry_reason"] = "timeout" if interaction.attempts else ""
        interaction.attempts += 1
        await self._send(connection, envelope)

    async def disconnect(self, reason: str, close_after_s: float | None) -> None:
        """Announce the end of every connection, and bring it about after these seconds (None: not at all)."""
        for connection in tuple(self.connections):
            await self._send(
                connection, {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}
            )
        leaving = tuple(self.connections)
        if close_after_s is not None:
            await asyncio.sleep(close_after_s)
            for connection in leaving:
                self._forget(connection)
                await connection.ws.close()

    def cut(self) -> None:
        """Reset every TCP connection, as a broken network does."""
        for connection in tuple(self.connections):
            self._forget(connection)
            underlying = connection.transport.get_extra_info("socket")
            underlying.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.transport.abort()

    def deafen(self) -> None:
        for connection in self.connections:
            connection.deaf = True

    def undeafen(self) -> None:
        self.new_ones_deaf = False
        for connection in self.connections:
            connection.deaf = False

    async def close(self) -> None:
        for connection in tuple(self.connections):
            connection.deaf = True
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await asyncio.wait_for(connection.ws.close(), timeout=0.5)

    async def send_text(self, text: str) -> None:
        """Send a frame as it is over every connection that hears."""
        for connection in self.connections:
            if not connection.deaf:
                await connection.ws.send_str(text)

    async def _greet(self, connection: Connection) -> None:
        await self._send(
            connection,
            {
                "type": "hello",
                "num_connections": len(self.connections),
                "connection_info": {"app_id": APP},
                "debug_info": {
                    "host": _HOST,
                    "build_number": 1,
                    "approximate_connection_time": 18060,
                },
            },
        )

    async def _listen(self, connection: Connection) -> None:
        while not connection.ws.closed:
            message = await connection.ws.receive()
            if connection.deaf:
                if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                    return
                continue
            if message.type is WSMsgType.PING:
                self.pings += 1
                await connection.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._take(message.data)
            elif message.type is WSMsgType.PONG:
                connection.unanswered = 0
            else:
                return

    def _take(self, text: str) -> None:
        try:
            answer: Json = json.loads(text)
        except ValueError:
            self._workspace.complain(f"sent a frame that is no JSON: {text[:100]}")
            return
        interaction = self._pending.pop(str(answer.get("envelope_id")), None)
        if interaction is None:
            self._workspace.complain(f"acknowledged an envelope that does not wait for it: {text[:100]}")
            return
        payload = answer.get("payload") or {}
        if payload and not interaction.accepts_response:
            self._workspace.complain(f"sent a payload where none is accepted: {text[:100]}")
            payload = {}
        if not interaction.acknowledge(payload):
            self._workspace.complain(f"acknowledged too late: {interaction.kind} {interaction.key}")

    async def _send(self, connection: Connection, frame: Json) -> None:
        if connection.deaf:
            return
        with contextlib.suppress(ConnectionError):
            await connection.ws.send_str(json.dumps(frame))

    async def _ping(self, connection: Connection) -> None:
        # Slack's servers ping every few seconds (observed, not documented).
        with contextlib.suppress(ConnectionError):
            while connection.unanswered < _MOST_UNANSWERED:
                if not connection.deaf:
                    connection.unanswered += 1
                    await connection.ws.ping(f"Ping from {_HOST}".encode())
                await asyncio.sleep(self.ping_every_s)
            self._workspace.complain("answered no pings")
            self._forget(connection)
            await connection.ws.close()

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
