"""An event loop in a thread of its own, so that tests can stay synchronous."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Result = TypeVar("Result")
_PATIENCE_S = 15.0
_LAST_TURNS = 5


class LoopThread:
    """Runs coroutines for other threads. Everything the fake knows is touched only here."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-slack", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def run(self, work: Coroutine[object, object, Result]) -> Result:
        """Run the coroutine and return what it returns, or raise what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    def call(self, work: Callable[[], Result]) -> Result:
        """Call the function on the loop's thread."""

        async def called() -> Result:
            return work()

        return self.run(called())

    def stop(self) -> None:
        """Cancel what still runs and end the thread."""
        if not self._thread.is_alive():
            return
        self.run(self._cancel_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()

    async def _cancel_rest(self) -> None:
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        # A transport that was closed lets go of its socket only at the loop's next turns.
        for _ in range(_LAST_TURNS):
            await asyncio.sleep(0)
