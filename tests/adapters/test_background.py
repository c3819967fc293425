"""Work beside the program, and what becomes of it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from adapters.background import start


def test_what_the_work_returns_can_be_waited_for() -> None:
    assert start(lambda: 1).result(timeout=5) == 1


def test_what_the_work_raises_is_raised_for_who_waits() -> None:
    with pytest.raises(ZeroDivisionError):
        start(lambda: 1 // 0).result(timeout=5)


def test_work_does_not_keep_the_program_from_ending() -> None:
    assert start(threading.current_thread).result(timeout=5).daemon


def test_work_that_an_event_loop_has_abandoned_ends_in_silence() -> None:
    go_on = threading.Event()
    work = start(go_on.wait)

    async def abandon() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(work), 0.01)

    asyncio.run(abandon())
    go_on.set()

    assert work.result(timeout=5)
