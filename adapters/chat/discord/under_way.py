"""What was asked over a connection and is not answered yet.

An answer goes through the client that its question came by: that must not be closed before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import discord

_GRACE_S = 0.8
_FAREWELL_S = 0.5

Farewell = Callable[[], Coroutine[None, None, None]]
"""Tells whoever waits that there will be no answer. It does not raise."""


class UnderWay:
    """Knows what is being answered through each client."""

    def __init__(self) -> None:
        self._ends: dict[discord.Client, dict[asyncio.Event, Farewell | None]] = {}

    @contextmanager
    def one(self, client: discord.Client, farewell: Farewell | None = None) -> Iterator[None]:
        """Have one more under way while the block lasts."""
        end = asyncio.Event()
        ends = self._ends.setdefault(client, {})
        ends[end] = farewell
        try:
            yield
        finally:
            end.set()
            ends.pop(end, None)
            if not ends:
                self._ends.pop(client, None)

    async def none(self, client: discord.Client) -> None:
        """Wait until nothing is under way through this client."""
        while ends := self._ends.get(client):
            await next(iter(ends)).wait()

    async def end(self) -> None:
        """Wait a little for what is under way, and say farewell where it takes longer."""
        await _at_most(_GRACE_S, [self.none(client) for client in self._ends])
        left = [farewell for ends in self._ends.values() for farewell in ends.values()]
        await _at_most(_FAREWELL_S, [farewell() for farewell in left if farewell is not None])


async def _at_most(seconds: float, all_of: list[Coroutine[None, None, None]]) -> None:
    tasks = [asyncio.create_task(one) for one in all_of]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
