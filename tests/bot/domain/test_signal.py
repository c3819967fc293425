"""From readings to what is so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.policy import Severity
from bot.domain.rule import Reading, Settings
from bot.domain.signal import Signal, advance
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTICE, WARNING, CRITICAL = Severity.NOTICE, Severity.WARNING, Severity.CRITICAL
SETTINGS = Settings(hold_s=120, critical_hold_s=60, clear_hold_s=300)
MANY = settings(max_examples=300, derandomize=True, deadline=None)
LEVELS = (None, NOTICE, WARNING, CRITICAL)


def reading(
    reached: Severity | None, kept: Severity | None = None, *, at_once: bool = False, cause: str = "memory"
) -> Reading:
    return Reading(reached, kept or reached, "as it is", cause, "", at_once)


W, C, WELL = reading(WARNING), reading(CRITICAL), reading(None)
BETWEEN = reading(None, WARNING)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def after(
    readings: Iterable[tuple[float, Reading]], signal: Signal | None = None, *, given: Settings = SETTINGS
) -> Signal:
    """Return what is so after readings at these seconds."""
    for seconds, each in readings:
        signal = advance(signal, each, "memory", given, at(seconds))
    assert signal is not None
    return signal


def every(seconds: float, since: float, until: float, each: Reading) -> list[tuple[float, Reading]]:
    """Repeat a reading, the last time at `until`."""
    count = int((until - since) / seconds)
    return [(since + i * seconds, each) for i in range(count + 1)]


BROKEN = after(every(60, -120, 0, W))
"""A warning that began at noon."""


# --- how it begins


def test_a_first_reading_decides_nothing() -> None:
    signal = after([(0, W)])

    assert (signal.severity, signal.toward, signal.toward_since) == (None, WARNING, NOON)
    assert (signal.rule, signal.subject, signal.cause) == ("memory", "", "memory")
    assert (signal.sentence, signal.read_at) == ("as it is", NOON)


@pytest.mark.parametrize(
    ("each", "until", "severity"), [(W, 110, None), (W, 120, WARNING), (C, 50, None), (C, 60, CRITICAL)]
)
def test_a_severity_begins_when_its_hold_is_over(
    each: Reading, until: float, severity: Severity | None
) -> None:
    signal = after(every(10, 0, until, each))

    assert signal.severity is severity
    assert signal.since == (at(until) if severity else NOON)
    assert (signal.toward is None) is (severity is not None)


@pytest.mark.parametrize("breaks", [WELL, BETWEEN])
def test_one_reading_that_is_not_beyond_begins_the_hold_anew(breaks: Reading) -> None:
    begun = after([*every(10, 0, 100, W), (110, breaks)])

    assert (begun.severity, begun.toward, begun.toward_since) == (None, None, None)
    assert after(every(10, 120, 230, W), begun).severity is None
    assert after(every(10, 120, 240, W), begun).severity is WARNING


def test_what_has_happened_needs_no_hold() -> None:
    assert after([(0, reading(CRITICAL, at_once=True))]).severity is CRITICAL


def test_a_jump_from_warning_to_critical_counts_by_the_hold_of_critical() -> None:
    worse = [*every(10, 10, 60, C)]

    assert after(worse, BROKEN).severity is WARNING
    assert after([*worse, (70, C)], BROKEN).severity is CRITICAL


def test_readings_that_change_between_warning_and_critical_are_all_beyond_a_warning() -> None:
    signal = after([(0, W), (30, C), (60, W), (90, C), (120, W)])

    assert signal.severity is WARNING


def test_critical_counts_from_its_own_beginning_while_a_warning_is_held() -> None:
    signal = after([*every(10, 0, 70, W), *every(10, 80, 120, C)])
    assert (signal.severity, signal.toward, signal.critical_since) == (WARNING, CRITICAL, at(80))

    assert after([(130, C)], signal).severity is WARNING
    assert after([(130, C), (140, C)], signal).severity is CRITICAL


# --- how it ends


@pytest.mark.parametrize(("until", "severity"), [(300, WARNING), (310, None)])
def test_it_ends_when_the_clear_hold_is_over(until: float, severity: Severity | None) -> None:
    assert after(every(10, 10, until, WELL), BROKEN).severity is severity


@pytest.mark.parametrize("breaks", [W, BETWEEN])
def test_one_reading_that_is_not_well_begins_the_clear_hold_anew(breaks: Reading) -> None:
    signal = after([*every(10, 10, 290, WELL), (300, breaks), *every(10, 310, 600, WELL)], BROKEN)

    assert signal.severity is WARNING
    assert after([(610, WELL)], signal).severity is None


def test_from_critical_it_falls_to_a_warning_by_the_clear_hold() -> None:
    critical = after(every(10, -60, 0, C))

    assert after(every(10, 10, 300, W), critical).severity is CRITICAL
    assert after(every(10, 10, 310, W), critical).severity is WARNING


def test_from_critical_it_falls_no_deeper_than_all_readings_did() -> None:
    critical = after(every(10, -60, 0, C))
    falling = [*every(10, 10, 200, WELL), (210, W), *every(10, 220, 310, WELL)]

    signal = after(falling, critical)

    assert (signal.severity, signal.toward, signal.toward_since) == (WARNING, None, at(310))


def test_what_has_happened_ends_by_the_clear_hold_too() -> None:
    killed = after([(0, reading(CRITICAL, at_once=True))])

    assert after(every(60, 60, 300, WELL), killed).severity is CRITICAL
    assert after(every(60, 60, 360, WELL), killed).severity is None


# --- flapping


def flapping(times: int) -> tuple[Signal, float]:
    """Return a signal that has begun so many times, and when it last did."""
    signal, clock = BROKEN, 0.0
    for _ in range(times - 1):
        while signal.severity is not None:
            clock += 10
            signal = after([(clock, WELL)], signal)
        signal = after(every(10, clock + 10, clock + 130, W), signal)
        clock += 130
    return signal, clock


@pytest.mark.parametrize(("begins", "hold_s"), [(1, 300), (2, 600), (3, 1200), (4, 2400)])
def test_each_begin_within_an_hour_doubles_the_clear_hold(begins: int, hold_s: float) -> None:
    signal, clock = flapping(begins)

    assert len(signal.changes) == begins
    assert after(every(10, clock + 10, clock + hold_s, WELL), signal).severity is WARNING
    assert after(every(10, clock + 10, clock + hold_s + 10, WELL), signal).severity is None


def test_the_clear_hold_grows_to_an_hour_at_most_unless_it_is_longer_by_itself() -> None:
    many = tuple(at(-600 + i) for i in range(8))
    flapped = Signal("memory", "", "memory", WARNING, NOON, "", changes=many, read_at=NOON)
    patient = Settings(clear_hold_s=7200)

    assert after(every(60, 60, 3600, WELL), flapped).severity is WARNING
    assert after(every(60, 60, 3660, WELL), flapped).severity is None
    assert after(every(60, 60, 7200, WELL), flapped, given=patient).severity is WARNING


def test_begins_of_more_than_an_hour_ago_are_forgotten_and_never_many_are_kept() -> None:
    old = Signal("memory", "", "memory", None, NOON, "", changes=(at(-3600), at(-3500), at(500)))
    many = Signal("memory", "", "memory", None, NOON, "", changes=tuple(at(-i) for i in range(99, 0, -1)))
    now = [(0.0, reading(WARNING, at_once=True))]

    assert after(now, old).changes == (at(-3500), NOON)
    assert len(after(now, many).changes) == 8


# --- clocks


def test_a_gap_is_no_time_held() -> None:
    begun = after([(0, W), (60, W)])
    late = after([(3600, W)], begun)

    assert (late.severity, late.toward_since) == (None, at(3600))
    assert after([(3660, W), (3720, W)], late).severity is WARNING


def test_a_gap_is_no_time_well() -> None:
    assert after([(60, WELL), (3600, WELL)], BROKEN).severity is WARNING


def test_where_checks_are_far_apart_the_gap_is_longer() -> None:
    first = advance(None, W, "memory", SETTINGS, NOON, gap_s=5400)

    assert advance(first, W, "memory", SETTINGS, at(3600), gap_s=5400).severity is WARNING


def test_a_clock_that_goes_back_is_no_time_held() -> None:
    back = after([(0, W), (60, W), (-5000, W)])

    assert (back.severity, back.toward_since) == (None, at(-5000))
    assert after([(-4940, W), (-4880, W)], back).severity is WARNING


# --- what it is called


def test_what_is_wrong_stays_the_story_it_began_as() -> None:
    other = reading(WARNING, cause="service redis")

    assert after([(10, other)], BROKEN).cause == "memory"
    assert after([(0, WELL), (10, other)]).cause == "service redis"


# --- whatever comes

READINGS = st.builds(
    lambda reached, more, at_once: Reading(
        LEVELS[reached], LEVELS[max(reached, more)], "", "memory", "", at_once
    ),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
)
STEPS = st.lists(st.tuples(st.sampled_from((-700, 0, 5, 60, 60, 60, 300, 901)), READINGS), max_size=60)
HOLDS = st.builds(
    lambda hold, critical, clear: Settings(hold_s=hold, critical_hold_s=critical, clear_hold_s=clear),
    *[st.sampled_from((0.0, 60.0, 120.0, 300.0))] * 3,
)


@MANY
@given(STEPS, HOLDS)
def test_a_severity_rises_only_to_what_is_reached_and_falls_only_to_what_is_kept(
    steps: list[tuple[int, Reading]], given: Settings
) -> None:
    signal: Signal | None = None
    clock = 0.0
    for step, each in steps:
        clock += step
        before = (signal.severity if signal else None) or 0
        signal = advance(signal, each, "memory", given, at(clock))
        now = signal.severity or 0
        assert now <= max(before, each.reached or 0)
        assert now >= min(before, max(each.kept or 0, each.reached or 0))


@MANY
@given(STEPS, HOLDS)
def test_the_same_reading_at_the_same_moment_changes_nothing(
    steps: list[tuple[int, Reading]], given: Settings
) -> None:
    signal: Signal | None = None
    clock = 0.0
    for step, each in steps:
        clock += step
        signal = advance(signal, each, "memory", given, at(clock))
        assert advance(signal, each, "memory", given, at(clock)) == signal
        assert len(signal.changes) <= 8


@MANY
@given(STEPS, HOLDS)
def test_nothing_begins_before_all_readings_of_its_hold_were_beyond(
    steps: list[tuple[int, Reading]], given: Settings
) -> None:
    signal: Signal | None = None
    clock, past = 0.0, list[tuple[float, Reading]]()
    for step, each in steps:
        clock += step
        if not 0 <= step <= 900:
            past.clear()
        past.append((clock, each))
        before = (signal.severity if signal else None) or 0
        signal = advance(signal, each, "memory", given, at(clock))
        if signal.severity is not None and signal.severity > before and not each.at_once:
            hold_s = given.critical_hold_s if signal.severity is CRITICAL else given.hold_s
            held = [then for then, was in past if (was.reached or 0) >= signal.severity]
            broken = [then for then, was in past if (was.reached or 0) < signal.severity]
            assert any(clock - then >= hold_s and not any(then < other for other in broken) for then in held)


@MANY
@given(st.lists(READINGS, min_size=1, max_size=40))
def test_what_is_worse_at_every_check_begins_no_later(readings: list[Reading]) -> None:
    def worse(each: Reading) -> Reading:
        more = LEVELS[min(3, (each.reached or 0) + 1)]
        return Reading(more, max(more or NOTICE, each.kept or NOTICE), "", "memory", "", each.at_once)

    def first(sequence: list[Reading]) -> int:
        signal: Signal | None = None
        for i, each in enumerate(sequence):
            signal = advance(signal, each, "memory", SETTINGS, at(60 * i))
            if signal.severity is not None:
                return i
        return len(sequence)

    assert first([worse(each) for each in readings]) <= first(readings)
