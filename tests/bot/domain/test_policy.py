"""How serious a host's memory is."""

from __future__ import annotations

import pytest

from bot.domain.memory import Limit
from bot.domain.policy import Assessment, Level, Thresholds, assess
from bot.domain.units import GIB, MIB
from tests.fakes.snapshots import meminfo, snapshot

DEFAULT = Thresholds()


@pytest.mark.parametrize(
    ("available_percent", "level"),
    [
        (100, Level.GOOD),
        (30, Level.GOOD),
        (29.999, Level.ACCEPTABLE),
        (20, Level.ACCEPTABLE),
        (19.999, Level.WARNING),
        (10, Level.WARNING),
        (9.999, Level.CRITICAL),
        (0, Level.CRITICAL),
    ],
)
def test_a_boundary_belongs_to_the_better_level(available_percent: float, level: Level) -> None:
    assert DEFAULT.level(available_percent) is level


@pytest.mark.parametrize(
    ("available", "level"),
    [
        (300, Level.GOOD),
        (299, Level.ACCEPTABLE),
        (200, Level.ACCEPTABLE),
        (199, Level.WARNING),
        (100, Level.WARNING),
        (99, Level.CRITICAL),
    ],
)
def test_a_host_at_exactly_a_boundary_has_the_better_level(available: int, level: Level) -> None:
    found = assess(snapshot(meminfo=meminfo(total=1000 * MIB, available=available * MIB)), DEFAULT)

    assert found == Assessment(level, 1000 * MIB, available * MIB)
    assert found.available_percent == available / 10


def test_free_memory_does_not_count_only_what_is_available() -> None:
    found = assess(snapshot(meminfo=meminfo(total=1000 * MIB, free=0, available=400 * MIB)), DEFAULT)

    assert found.level is Level.GOOD


def test_own_thresholds_move_the_boundaries() -> None:
    strict = Thresholds(good_percent=50, acceptable_percent=40, warning_percent=30)

    assert [strict.level(p) for p in (50, 49, 39, 29)] == [
        Level.GOOD,
        Level.ACCEPTABLE,
        Level.WARNING,
        Level.CRITICAL,
    ]


def test_a_host_that_does_not_tell_what_is_available_is_unknown_never_guessed() -> None:
    found = assess(snapshot(meminfo=meminfo(available=None)), DEFAULT)

    assert (found.level, found.available_bytes, found.available_percent) == (Level.UNKNOWN, None, None)


def test_a_limit_that_leaves_less_than_the_machine_decides() -> None:
    machine = meminfo(total=8 * GIB, available=6 * GIB)

    found = assess(snapshot(meminfo=machine, limit=Limit(GIB, GIB - 50 * MIB)), DEFAULT)

    assert found == Assessment(Level.CRITICAL, GIB, 50 * MIB, confined=True)


def test_a_machine_that_has_less_than_the_limit_decides() -> None:
    machine = meminfo(total=8 * GIB, available=GIB // 2)

    found = assess(snapshot(meminfo=machine, limit=Limit(GIB, 0)), DEFAULT)

    assert found == Assessment(Level.CRITICAL, 8 * GIB, GIB // 2)


def test_a_limit_decides_where_the_machine_does_not_tell() -> None:
    found = assess(snapshot(meminfo=meminfo(available=None), limit=Limit(GIB, GIB // 2)), DEFAULT)

    assert (found.level, found.confined) == (Level.GOOD, True)


def test_a_limit_that_is_overdrawn_leaves_nothing_not_less() -> None:
    found = assess(snapshot(limit=Limit(GIB, 2 * GIB)), DEFAULT)

    assert (found.level, found.available_bytes) == (Level.CRITICAL, 0)


def test_critical_is_worst_and_not_knowing_comes_next() -> None:
    worst_first = sorted(Level, key=lambda level: -level.severity)

    assert worst_first == [Level.CRITICAL, Level.UNKNOWN, Level.WARNING, Level.ACCEPTABLE, Level.GOOD]
