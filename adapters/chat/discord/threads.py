"""Blocking work beside the event loop, on threads that do not keep the program from ending."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

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
            return await _on_a_thread(work)

    async def _calm(self) -> None:
        for _ in range(_PATIENCE):
            left_s = self._asked_at + self._calm_s - time.monotonic()
            if left_s <= 0:
                return
            await asyncio.sleep(left_s)


async def _on_a_thread(work: Callable[[], Result]) -> Result:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def hand_over(settle: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile, and nobody waits any more
            loop.call_soon_threadsafe(settle)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again for whoever waits
            hand_over(partial(_fail, done, error))
        else:
            hand_over(partial(_succeed, done, result))

    threading.Thread(target=run, name="discord-answer", daemon=True).start()
    return await done


def _succeed(done: asyncio.Future[Result], result: Result) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[Result], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
