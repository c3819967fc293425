"""Blocking work that can be waited for, and abandoned."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def start(work: Callable[[], Result]) -> Future[Result]:
    """Do the work on a thread of its own, which does not keep the program from ending.

    What it raises, the future raises. Nothing can cancel it.
    """
    future: Future[Result] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again for whoever asks the future
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, daemon=True).start()
    return future
