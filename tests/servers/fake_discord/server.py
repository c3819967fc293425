"""The server's life: one thread with its own event loop. What is called here is called from other threads."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from typing import TYPE_CHECKING, Self, TypeVar

from aiohttp import web

from tests.servers.fake_discord.gateway import Gateway
from tests.servers.fake_discord.rest import application
from tests.servers.fake_discord.state import Channel, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

Result = TypeVar("Result")
PATIENCE_S = 15.0
_LAST_TURNS = 5


class Server:
    """Discord's addresses on loopback; a context manager."""

    guild_id = "10"
    application_id = "900"

    def __init__(self, *, heartbeat_interval_s: float = 41.25) -> None:
        self.token = f"{secrets.token_urlsafe(18)}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(24)}"
        self._world = World(self.token, self.guild_id, self.application_id)
        self._world.heartbeat_interval_s = heartbeat_interval_s
        self._loop = asyncio.new_event_loop()
        self._gateway = Gateway(self._world)
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-discord")
        self._runner: web.AppRunner | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(PATIENCE_S)
        self._do(lambda: self._world.channels.update({"100": Channel("100", "ops")}))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    async def _start(self) -> None:
        self._runner = web.AppRunner(
            application(self._world, self._gateway), access_log=None, shutdown_timeout=0.2
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
        self._world.origin = f"127.0.0.1:{self._port}"

    async def _stop(self) -> None:
        self._world.ending.set()
        await self._gateway.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        # A transport that was closed lets go of its socket only at the loop's next turns.
        for _ in range(_LAST_TURNS):
            await asyncio.sleep(0)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def cdn_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/cdn"

    @property
    def bot_user(self) -> str:
        """The id of the bot's user, which is the application's."""
        return self.application_id

    def _do(self, what: Callable[[], Result]) -> Result:
        async def in_loop() -> Result:
            return what()

        return asyncio.run_coroutine_threadsafe(in_loop(), self._loop).result(PATIENCE_S)

    def wait_until(self, holds: Callable[[], bool], timeout_s: float = PATIENCE_S) -> bool:
        """Return True as soon as `holds()` is true, False if it is not within the time."""
        ends = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > ends:
                return False
            time.sleep(0.005)
        return True
