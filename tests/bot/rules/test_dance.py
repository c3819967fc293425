"""A value that dances around a threshold for an hour, beside a tool that has only the one threshold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import pi, sin
from random import Random

import pytest

from bot.domain.signal import Signal, advance
from bot.domain.units import MIB
from bot.rules.memory import RULE
from tests.bot.rules.observations import after, checked, observed, read_one

HOUR_S = 3600
SEEDS = range(10)


@dataclass(frozen=True, slots=True)
class Told:
    """How often people were told that it began, and that it ended; `by_others` by one threshold alone."""

    begins: int
    ends: int
    by_others: int


def dance(percents: list[float], every_s: float) -> Told:
    signal: Signal | None = None
    was: list[bool] = [False]
    for i, percent in enumerate(percents):
        at = after(i * every_s)
        found = read_one(RULE, observed(checked(available=int(10 * percent * MIB)), at=at))
        signal = advance(signal, found, RULE.name, RULE.defaults, at)
        was.append(signal.severity is not None)
    one_threshold = [False, *(percent < (RULE.defaults.warning or 0) for percent in percents)]
    return Told(
        begins=sum(now and not before for before, now in pairwise(was)),
        ends=sum(before and not now for before, now in pairwise(was)),
        by_others=sum(now != before for before, now in pairwise(one_threshold)),
    )


def noise(seed: int, every_s: int, spread: float) -> list[float]:
    dice = Random(seed)  # noqa: S311 - the same dice every time, for a test
    return [min(100, max(0, dice.gauss(20, spread))) for _ in range(HOUR_S // every_s)]


@pytest.mark.parametrize(("every_s", "at_least"), [(60, 15), (10, 120)])
@pytest.mark.parametrize("spread", [0.5, 1.5, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_noise_around_the_threshold_is_told_at_most_once(
    seed: int, spread: float, every_s: int, at_least: int
) -> None:
    told = dance(noise(seed, every_s, spread), every_s)

    assert told.begins <= 1
    assert told.ends <= 1
    assert told.by_others >= at_least


@pytest.mark.parametrize(("every_s", "at_least"), [(60, 11), (10, 11)])
@pytest.mark.parametrize("seed", SEEDS)
def test_waves_with_noise_are_told_at_most_once(seed: int, every_s: int, at_least: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same dice every time, for a test
    wave = [20 + 4 * sin(2 * pi * i * every_s / 600) + dice.gauss(0, 0.7) for i in range(HOUR_S // every_s)]

    told = dance(wave, every_s)

    assert (told.begins, told.ends) == (1, 0)
    assert told.by_others >= at_least


def test_a_value_that_falls_and_stays_is_told_once_and_its_recovery_once() -> None:
    percents = [40.0] * 10 + [15.0] * 20 + [40.0] * 30

    assert dance(percents, 60) == Told(begins=1, ends=1, by_others=2)
