"""The clock moves only when told."""

from __future__ import annotations

from datetime import timedelta

from tests.fakes.clock import START, FixedClock


def test_the_clock_stands_still_until_time_passes() -> None:
    clock = FixedClock()

    before = clock()
    clock.passes(hours=1, minutes=2, seconds=3)

    assert before == START
    assert clock() - before == timedelta(hours=1, minutes=2, seconds=3)
