"""The gateway: hello, identify, heartbeats, events, resuming, and its close codes."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.servers.fake_discord import payloads
from tests.servers.fake_discord.connection import Connection

if TYPE_CHECKING:
    from tests.servers.fake_discord.state import Ask, World
    from tests.servers.fake_discord.wire import JsonObject

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT
_ALL_INTENTS = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
_LARGEST_PAYLOAD = 4096
_COMPRESSIONS = {None, "zlib-stream"}
_SESSION_ENDS = {1000, 1001, 4004, 4007, 4009}


@dataclass
class Session:
    """What can be taken up again. How long Discord keeps the events is not documented; here, forever."""

    id: str
    intents: int
    sequence: int = 0
    events: deque[tuple[int, JsonObject]] = field(default_factory=lambda: deque(maxlen=1000))
    connection: Connection | None = None


class Closing(Exception):
    """The client broke a rule; the connection is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gateway:
    """All connections and sessions. Its methods are called in the server's thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions: dict[str, Session] = {}
        self._connections: list[Connection] = []
        self._hearing = asyncio.Event()
        self._hearing.set()
        self._later: set[asyncio.TimerHandle] = set()

    # What happens

    def dispatch(self, event: str, data: JsonObject) -> None:
        """Tell every session that wants to know of it, now or when it is taken up again."""
        for session in self._sessions.values():
            told = _as_told(self._world, event, data, session.intents)
            if told is not None:
                self._tell(session, event, told)

    def _tell(self, session: Session, event: str, data: JsonObject) -> None:
        session.sequence += 1
        frame: JsonObject = {"op": 0, "t": event, "s": session.sequence, "d": data}
        session.events.append((session.sequence, frame))
        if session.connection is not None and self._hearing.is_set():
            session.connection.send(frame)

    def deliver(self, ask: Ask) -> None:
        """Send an interaction, late if the test says so."""
        if not self._world.delay_dispatch_s:
            self.dispatch("INTERACTION_CREATE", ask.payload)
            return
        loop = asyncio.get_running_loop()
        delay = self._world.delay_dispatch_s
        self._later.add(loop.call_later(delay, self.dispatch, "INTERACTION_CREATE", ask.payload))

    # Trouble

    def connected(self) -> bool:
        return any(session.connection is not None for session in self._sessions.values())

    async def disconnect(self, code: int) -> None:
        if code in _SESSION_ENDS:
            for session in self._sessions.values():
                session.connection = None
            self._sessions.clear()
        await asyncio.gather(*(connection.close(code) for connection in list(self._connections)))

    def request_reconnect(self) -> None:
        for connection in self._connections:
            connection.send({"op": 7, "d": None})

    def invalidate(self, *, resumable: bool) -> None:
        for connection in self._connections:
            connection.send({"op": 9, "d": resumable})
        if not resumable:
            self._sessions.clear()

    def cut(self) -> None:
        for connection in self._connections:
            connection.cut()

    def deafen(self, *, deaf: bool) -> None:
        if deaf:
            self._hearing.clear()
        else:
            self._hearing.set()

    def send_raw(self, frame: str) -> None:
        for connection in self._connections:
            connection.send_text(frame)

    async def stop(self) -> None:
        """Close everything."""
        for timer in self._later:
            timer.cancel()
        self._hearing.set()
        await self.disconnect(1001)

    # One connection

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until it ends."""
        self._world.connections += 1
        if self._world.gateway_down:
            return web.Response(status=503, text="upstream connect error")
        websocket = web.WebSocketResponse(compress=False, timeout=0.5, max_msg_size=1 << 20)
        await websocket.prepare(request)
        connection = Connection(websocket, request)
        self._connections.append(connection)
        try:
            await self._hearing.wait()
            _check_query(request)
            interval_ms = round(self._world.heartbeat_interval_s * 1000)
            connection.send({"op": 10, "d": {"heartbeat_interval": interval_ms}})
            await self._listen(websocket, connection)
        except Closing as closing:
            await connection.close(closing.code, str(closing))
        finally:
            self._connections.remove(connection)
            self._leave(connection)
            await connection.end()
        return websocket

    def _leave(self, connection: Connection) -> None:
        for session in self._sessions.values():
            if session.connection is connection:
                session.connection = None

    async def _listen(self, websocket: web.WebSocketResponse, connection: Connection) -> None:
        sent: deque[float] = deque(maxlen=120)
        async for frame in websocket:
            if frame.type is not WSMsgType.TEXT or len(frame.data) > _LARGEST_PAYLOAD:
                raise Closing(4002, "Error while decoding payload.")
            if len(sent) == sent.maxlen and time.monotonic() - sent[0] < 60:
                raise Closing(4008, "Rate limited.")
            sent.append(time.monotonic())
            self._receive(connection, _decoded(frame.data))
        # The client said goodbye for good with 1000 and 1001; with any other code it may come back.
        for_good = websocket.close_code in {1000, 1001} and not connection.closed_by_us
        if for_good and connection.session_id is not None:
            self._sessions.pop(connection.session_id, None)

    def _receive(self, connection: Connection, payload: JsonObject) -> None:
        op, data = payload.get("op"), payload.get("d")
        if op == 1:
            self._world.heartbeats += 1
        if not self._hearing.is_set():
            return
        if op == 1:
            connection.send({"op": 11})
        elif op == 2:
            self._identify(connection, data or {})
        elif op == 6:
            self._resume(connection, data or {})
        elif op in {3, 4, 8, 31}:
            if connection.session_id is None:
                raise Closing(4003, "Not authenticated.")
            if op == 8:
                self._members(connection, data or {})
        else:
            raise Closing(4001, "Unknown opcode.")

    def _identify(self, connection: Connection, data: JsonObject) -> None:
        if connection.session_id is not None:
            raise Closing(4005, "Already authenticated.")
        self._check_token(data)
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~_ALL_INTENTS:
            raise Closing(4013, "Invalid intent(s).")
        if intents & PRIVILEGED & ~self._world.privileged_intents:
            raise Closing(4014, "Disallowed intent(s).")
        if not data.get("properties"):
            raise Closing(4002, "Error while decoding payload.")
        session = Session(secrets.token_hex(16), intents, connection=connection)
        self._sessions[session.id] = session
        connection.session_id = session.id
        self._world.identifies += 1
        self._greet(session)

    def _greet(self, session: Session) -> None:
        world = self._world
        guilds = [{"id": world.guild_id, "unavailable": True}] if world.in_guild else []
        ready: JsonObject = {
            "v": 10,
            "user": payloads.user(world.bot) | {"verified": True, "mfa_enabled": False, "email": None},
            "guilds": guilds,
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": f"ws://{world.origin}/gateway",
            "application": {"id": world.application_id, "flags": payloads.application(world)["flags"]},
            "private_channels": [],
        }
        self._tell(session, "READY", ready)
        if guilds and session.intents & GUILDS:
            self._tell_of_guild(session)

    def _tell_of_guild(self, session: Session) -> None:
        def tell() -> None:
            self._tell(session, "GUILD_CREATE", payloads.guild_create(self._world))

        if self._world.delay_guild_s:
            self._later.add(asyncio.get_running_loop().call_later(self._world.delay_guild_s, tell))
        else:
            tell()

    def _resume(self, connection: Connection, data: JsonObject) -> None:
        self._check_token(data)
        session = self._sessions.get(str(data.get("session_id")))
        if session is None:
            connection.send({"op": 9, "d": False})
            return
        seen = data.get("seq")
        if not isinstance(seen, int) or seen > session.sequence:
            raise Closing(4007, "Invalid seq.")
        session.connection = connection
        connection.session_id = session.id
        self._world.resumes += 1
        for sequence, frame in session.events:
            if sequence > seen:
                connection.send(frame)
        self._tell(session, "RESUMED", {})

    def _members(self, connection: Connection, data: JsonObject) -> None:
        """Answer a request for members by their ids; whole lists need the members' intent."""
        session = self._sessions[connection.session_id or ""]
        world = self._world
        wanted = data.get("user_ids", ())
        wanted = [wanted] if isinstance(wanted, str) else [str(one) for one in wanted]
        if not wanted and session.intents & MEMBERS:
            wanted = list(world.members)
        chunk: JsonObject = {
            "guild_id": world.guild_id,
            "members": [payloads.member(world, one) for one in wanted if one in world.members],
            "not_found": [one for one in wanted if one not in world.members],
            "chunk_index": 0,
            "chunk_count": 1,
        }
        if "nonce" in data:
            chunk["nonce"] = data["nonce"]
        self._tell(session, "GUILD_MEMBERS_CHUNK", chunk)

    def _check_token(self, data: JsonObject) -> None:
        if self._world.revoked or data.get("token") != self._world.token:
            raise Closing(4004, "Authentication failed.")


def _check_query(request: web.Request) -> None:
    if request.query.get("v") != "10":
        raise Closing(4012, "Invalid API version.")
    if request.query.get("encoding", "json") != "json" or request.query.get("compress") not in _COMPRESSIONS:
        raise Closing(4002, "The fake speaks JSON, plain or as zlib-stream.")


def _decoded(text: str) -> JsonObject:
    try:
        payload = json.loads(text)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise Closing(4002, "Error while decoding payload.")
    return payload


def _as_told(world: World, event: str, data: JsonObject, intents: int) -> JsonObject | None:
    """Return the event as far as these intents let a bot know of it."""
    if event == "INTERACTION_CREATE":
        return data
    if event.startswith("GUILD_MEMBER_"):
        return data if intents & MEMBERS else None
    if not event.startswith("MESSAGE_"):
        return data if intents & GUILDS else None
    direct = "guild_id" not in data
    if not intents & (DIRECT_MESSAGES if direct else MESSAGES):
        return None
    if "content" not in data or direct or intents & MESSAGE_CONTENT or _own(world, data):
        return data
    return data | {"content": "", "embeds": [], "attachments": [], "components": []}


def _own(world: World, message: JsonObject) -> bool:
    mentioned = any(user["id"] == world.application_id for user in message["mentions"])
    return mentioned or bool(message["author"]["id"] == world.application_id)
