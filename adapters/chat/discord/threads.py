"""Blocking work beside the event loop, on threads that do not keep the program from ending."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from adapters.background import start

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


# So many times the calm is waited for, and then the work begins all the same.
_PATIENCE = 8


class Workers:
    """Does blocking work, so much of it at once; the rest waits its turn.

    Work begins when nothing new was asked for `calm_s`: while many ask at once, they are all acknowledged
    before the work for the first makes the interpreter busy.
    """

    def __init__(self, at_once: int, *, calm_s: float = 0.0) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._calm_s = calm_s
        self._asked_at = 0.0

    async def do(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns, or raise what it raises."""
        self._asked_at = time.monotonic()
        async with self._places:
            await self._calm()
            return await asyncio.wrap_future(start(work))

    async def _calm(self) -> None:
        for _ in range(_PATIENCE):
            left_s = self._asked_at + self._calm_s - time.monotonic()
            if left_s <= 0:
                return
            await asyncio.sleep(left_s)
