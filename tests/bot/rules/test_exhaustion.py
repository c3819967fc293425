"""When memory will be full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.domain.policy import Severity
from bot.domain.signal import Signal, advance
from bot.domain.units import MIB
from bot.rules.exhaustion import RULE
from tests.bot.rules.observations import checked, observed, read, read_one, sample, signal, state

if TYPE_CHECKING:
    from bot.domain.history import Sample
    from bot.domain.rule import Observation

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
Curve = Callable[[float], float]
"""MiB available (of 1,000) by minutes before noon."""


def series(curve: Curve, minutes: float, every_s: float = 60) -> list[Sample]:
    count = int(minutes * 60 / every_s)
    times = [(i - count) * every_s for i in range(count + 1)]
    return [sample(t, available=int(curve(t / 60) * MIB)) for t in times]


def watched(samples: list[Sample]) -> Observation:
    return observed(checked(), now=samples[-1], recent=samples[:-1])


@pytest.mark.parametrize("every_s", [10, 60])
@pytest.mark.parametrize(
    ("left", "per_minute", "reached"),
    [(400, 10, WARNING), (400, 30, CRITICAL), (300, 50, CRITICAL), (490, 6, None)],
)
def test_a_steady_fall_tells_when_memory_is_full(
    left: float, per_minute: float, reached: Severity | None, every_s: float
) -> None:
    found = read_one(
        RULE, watched(series(lambda m: left - per_minute * m, 25 if per_minute == 10 else 12, every_s))
    )

    assert (found.reached, found.cause) == (reached, "memory")


def test_it_says_when_and_by_what_rate() -> None:
    found = read_one(RULE, watched(series(lambda m: 400 - 10 * m, 20)))

    assert found.sentence == (
        "at this rate memory is full in 40 min; 400 MiB available, falling by 10.0 MiB per minute"
    )


def test_it_ends_well_above_where_it_began() -> None:
    slower = watched(series(lambda m: 320 - 4 * m, 30))
    told = state(signals=(signal("exhaustion", "", WARNING),))

    assert read_one(RULE, slower).kept is None
    assert read_one(RULE, replace(slower, state=told)).kept is WARNING
    assert read_one(RULE, replace(slower, state=told)).reached is None


def test_a_fall_after_a_quiet_time_is_seen_within_minutes() -> None:
    samples = series(lambda m: 480 if m <= -4 else 480 - 40 * (m + 4), 30)

    assert read_one(RULE, watched(samples)).reached is CRITICAL


@pytest.mark.parametrize("every_s", [10, 60])
@pytest.mark.parametrize(
    "curve",
    [
        pytest.param(lambda _: 300, id="flat"),
        pytest.param(lambda m: 300 + 5 * m, id="rising"),
        pytest.param(lambda m: 400 if m < -2 else 200, id="one step"),
        pytest.param(lambda m: 300 + 60 * ((-m) % 6), id="a saw whose teeth fall"),
        pytest.param(lambda m: 400 - 2 * m, id="too little to matter within half an hour"),
        pytest.param(lambda m: 600 - 10 * m, id="more than half is available"),
    ],
)
def test_what_does_not_fall_steadily_never_fires(curve: Curve, every_s: float) -> None:
    samples = series(curve, 30, every_s)

    for end in range(len(samples) // 2, len(samples)):
        assert [each for each in read(RULE, watched(samples[:end])) if each.reached] == []


def begins(samples: list[Sample], every_s: int) -> int:
    """Count how often it begins, each sample judged with those of the half hour before."""
    so_far: Signal | None = None
    count = 0
    for end in range(1, len(samples) + 1):
        now = watched(samples[max(0, end - 1800 // every_s) : end])
        for reading in RULE.judge(now, RULE.defaults):
            at = samples[end - 1].taken_at
            was = so_far.severity if so_far else None
            so_far = advance(so_far, reading, RULE.name, RULE.defaults, at)
            count += was is None and so_far.severity is not None
    return count


@pytest.mark.parametrize("every_s", [10, 60])
@pytest.mark.parametrize("seed", range(4))
def test_noise_of_some_hours_never_begins_it(seed: int, every_s: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same dice every time, for a test
    samples = [
        sample(i * every_s, available=int(dice.gauss(350, 30) * MIB)) for i in range(14_400 // every_s)
    ]

    assert begins(samples, every_s) == 0


@pytest.mark.parametrize("seed", range(4))
def test_available_memory_that_wanders_for_a_day_never_begins_it(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same dice every time, for a test
    available, samples = 350.0, []
    for minute in range(24 * 60):
        available += (350 - available) / 20 + dice.gauss(0, 6)
        samples.append(sample(60 * minute, available=int(available * MIB)))

    assert begins(samples, 60) == 0


def falling(count: int = 6) -> list[Sample]:
    return series(lambda m: 300 - 30 * m, count - 1)


def unusable(samples: list[Sample], **changes: object) -> list[Sample]:
    return [replace(each, **changes) for each in samples]  # type: ignore[arg-type]  # any field of a sample


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(falling(3), id="too few"),
        pytest.param(series(lambda m: 300 - 30 * m, 0.5, 5), id="too short"),
        pytest.param([*unusable(falling()[:-2], boot_id="another"), *falling()[-2:]], id="two boots"),
        pytest.param(unusable(falling(), mem_available_bytes=None), id="not told"),
        pytest.param(unusable(falling(), mem_available_bytes=2000 * MIB), id="more than all"),
        pytest.param(unusable(falling(), mem_available_bytes=-1), id="less than none"),
        pytest.param(unusable(falling(), taken_at=falling()[0].taken_at), id="a clock that stands still"),
        pytest.param(falling()[::-1], id="a clock that runs backwards"),
    ],
)
def test_samples_that_cannot_tell_are_no_reading(samples: list[Sample]) -> None:
    assert read(RULE, watched(samples)) == ()


def test_a_host_within_a_limit_is_not_judged_by_its_machine() -> None:
    samples = falling()
    seen = replace(watched(samples), outcome=checked(confined=True))

    assert read(RULE, seen) == ()


def test_nothing_available_at_all_is_full_now() -> None:
    found = read_one(RULE, watched(series(lambda m: -30 * m, 5)))

    assert found.reached is CRITICAL
    assert found.sentence.startswith("at this rate memory is full in 0 s; 0 MiB available")
