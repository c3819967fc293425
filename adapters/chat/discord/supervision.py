"""Keeps one connection to Discord, whatever happens to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord.gateway import KeepAliveHandler

from adapters.chat.discord.trouble import TROUBLE, lasting, reason
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.chat.discord.client import Client, Ear
    from adapters.chat.discord.hearing import SessionHearing
    from adapters.chat.discord.under_way import UnderWay

_LOG = logging.getLogger(__name__)

_FAREWELL_S = 0.5
_LAST_ANSWERS_S = 60.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds.

    `first_retry_s` doubles with each failure up to `longest_retry_s`; a connection that held as long as that
    begins anew. After `deaf_s` without a frame we are deaf. What becomes of an announcement
    is waited for during `post_s`.
    """

    first_retry_s: float = 1.0
    longest_retry_s: float = 60.0
    deaf_s: float = 75.0
    post_s: float = 60.0


class Supervisor:
    """Makes a client, and another when that has ended or is deaf."""

    def __init__(
        self, make: Callable[[Ear], Client], hearing: SessionHearing, patience: Patience, under_way: UnderWay
    ) -> None:
        self._make = make
        self._hearing = hearing
        self._patience = patience
        self._under_way = under_way
        self._retry_s = patience.first_retry_s
        self._tick_s = min(1.0, patience.deaf_s / 15)
        self._leaving: dict[asyncio.Task[None], Client] = {}

    async def run(self, token: str, closed: asyncio.Event) -> None:
        """Stay connected until `closed`. Raises ChatError for what trying again cannot mend."""
        try:
            while not closed.is_set():
                began = time.monotonic()
                error = await self._one_connection(token, closed)
                if closed.is_set():
                    return
                if remedy := lasting(error):
                    raise ChatError(remedy, permanent=True)
                if time.monotonic() - began >= self._patience.longest_retry_s:
                    self._retry_s = self._patience.first_retry_s
                self._note(reason(error))
                await self._pause(closed)
        finally:
            await self._under_way.end()
            for task, client in self._leaving.items():
                task.cancel()
                await client.dismiss()

    async def _one_connection(self, token: str, closed: asyncio.Event) -> BaseException | None:
        """Connect, and return what ended it."""
        self._hearing.begins()
        client = self._make(self._hearing)
        # `reconnect` would retry by itself with tracebacks in the log. Sessions are resumed without it, too.
        connection = asyncio.create_task(client.start(token, reconnect=False))
        closing = asyncio.create_task(closed.wait())
        try:
            await self._until_any({connection, closing})
            return _outcome(connection)
        finally:
            closing.cancel()
            await _end(client, connection)
            self._leaving[asyncio.create_task(self._dismiss(client))] = client

    async def _dismiss(self, client: Client) -> None:
        """Let a client go when all that was asked through it is answered, or was not in a minute."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._under_way.none(client), _LAST_ANSWERS_S)
        await client.dismiss()
        self._leaving = {task: other for task, other in self._leaving.items() if other is not client}

    async def _until_any(self, tasks: set[asyncio.Task[None] | asyncio.Task[bool]]) -> None:
        """Wait until one of the tasks is done, or until the connection should be given up."""
        while True:
            done, _ = await asyncio.wait(tasks, timeout=self._tick_s, return_when=asyncio.FIRST_COMPLETED)
            if self._hearing.watch() or done:
                return

    async def _pause(self, closed: asyncio.Event) -> None:
        """Wait before the next attempt, each time longer, and not at the same moment as everybody else."""
        delay = self._retry_s * random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it
        self._retry_s = min(2 * self._retry_s, self._patience.longest_retry_s)
        end = time.monotonic() + delay
        while not closed.is_set() and (left := end - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(closed.wait(), min(left, self._tick_s))
            self._hearing.watch()

    def _note(self, trouble: str) -> None:
        if trouble != self._hearing.reason:
            self._hearing.reason = trouble
            _LOG.warning("the connection to Discord ended (%s); trying again", trouble)


def _outcome(connection: asyncio.Task[None]) -> BaseException | None:
    return connection.exception() if connection.done() and not connection.cancelled() else None


async def _end(client: Client, connection: asyncio.Task[None]) -> None:
    """End a connection, politely if that takes no time, and leave nothing of it behind."""
    connection.cancel()
    with contextlib.suppress(*TROUBLE):
        await asyncio.wait_for(client.close(), _FAREWELL_S)
    await asyncio.gather(connection, return_exceptions=True)
    client.hang_up()
    # discord.py loses sight of the heartbeats of a connection that ended before it stood.
    loop = asyncio.get_running_loop()
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler) and thread.ws.loop is loop:
            thread.stop()
