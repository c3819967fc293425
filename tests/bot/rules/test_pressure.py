"""Memory pressure."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import pytest

from bot.domain.memory import Pressure
from bot.domain.policy import Severity
from bot.rules.pressure import RULE
from tests.bot.rules.observations import checked, observed, read, read_one
from tests.fakes.snapshots import identity, snapshot

if TYPE_CHECKING:
    from bot.domain.rule import Observation

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def with_pressure(some: float, full: float) -> Observation:
    return observed(checked(snapshot(pressure=Pressure(0, some, 0, 0, full, 0))))


@pytest.mark.parametrize(
    ("some", "full", "reached", "kept"),
    [
        (0, 0, None, None),
        (10, 5, None, None),
        (15, 0, None, WARNING),
        (20, 0, WARNING, WARNING),
        (99, 5, WARNING, WARNING),
        (20, 6, WARNING, CRITICAL),
        (20, 10, CRITICAL, CRITICAL),
    ],
)
def test_some_waiting_warns_and_all_waiting_is_critical(
    some: float, full: float, reached: Severity | None, kept: Severity | None
) -> None:
    found = read_one(RULE, with_pressure(some, full))

    assert (found.reached, found.kept, found.cause) == (reached, kept, "memory")


def test_it_says_who_waited_for_how_much_of_the_time() -> None:
    assert [read_one(RULE, with_pressure(27, full)).sentence for full in (1, 12)] == [
        "tasks waited for memory during 27 % of the last minute, above 20 %",
        "all tasks at once waited for memory during 12 % of the last minute, above 10 %",
    ]


@pytest.mark.parametrize(("some", "full"), [(nan, 0), (0, nan), (101, 0), (0, -1)])
def test_what_is_no_percentage_is_no_reading(some: float, full: float) -> None:
    assert read(RULE, with_pressure(some, full)) == ()


def test_a_kernel_that_does_not_tell_and_a_container_are_no_reading() -> None:
    contained = snapshot(identity=identity(container="lxc"), pressure=Pressure(99, 99, 99, 99, 99, 99))

    assert read(RULE, observed(checked())) == ()
    assert read(RULE, observed(checked(contained))) == ()
