"""Too little memory available."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.policy import Severity
from bot.domain.rule import Bytes
from bot.domain.units import GIB, MIB
from bot.rules.memory import RULE
from tests.bot.rules.observations import checked, observed, read, read_one

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def of(percent: float) -> tuple[Severity | None, Severity | None]:
    found = read_one(RULE, observed(checked(available=int(10 * percent * MIB))))
    return found.reached, found.kept


@pytest.mark.parametrize(
    ("percent", "reached", "kept"),
    [
        (100, None, None),
        (23, None, None),
        (22.9, None, WARNING),
        (20, None, WARNING),
        (19.9, WARNING, WARNING),
        (13, WARNING, WARNING),
        (12.9, WARNING, CRITICAL),
        (9.9, CRITICAL, CRITICAL),
        (0, CRITICAL, CRITICAL),
    ],
)
def test_a_level_begins_below_its_value_and_ends_three_points_above(
    percent: float, reached: Severity | None, kept: Severity | None
) -> None:
    assert of(percent) == (reached, kept)


def test_it_says_how_much_is_available_of_how_much() -> None:
    scarce = read_one(RULE, observed(checked(total=961 * MIB, available=97 * MIB)))
    enough = read_one(RULE, observed(checked(total=961 * MIB, available=400 * MIB)))

    assert scarce.sentence == "97 of 961 MiB available (10 %), below 20 %"
    assert enough.sentence == "400 of 961 MiB available (41 %)"
    assert scarce.cause == "memory"
    assert not scarce.at_once


def test_a_value_may_be_a_size() -> None:
    settings = replace(RULE.defaults, warning=Bytes(200 * MIB), critical=Bytes(50 * MIB))

    found = read_one(RULE, observed(checked(total=8 * GIB, available=150 * MIB)), settings)

    assert (found.reached, found.kept) == (WARNING, CRITICAL)
    assert found.sentence == "0.1 of 8.0 GiB available (1 %), below 200 MiB"


def test_an_end_may_be_configured() -> None:
    settings = replace(RULE.defaults, warning_clear=40, critical_clear=11)

    def kept(percent: int) -> Severity | None:
        return read_one(RULE, observed(checked(available=10 * percent * MIB)), settings).kept

    assert [kept(percent) for percent in (40, 39, 12, 11, 10)] == [None, WARNING, WARNING, WARNING, CRITICAL]


def test_even_a_warning_at_nearly_all_memory_can_end() -> None:
    settings = replace(RULE.defaults, warning=98)

    assert read_one(RULE, observed(checked(available=990 * MIB)), settings).kept is None


def test_a_severity_without_a_value_never_begins() -> None:
    settings = replace(RULE.defaults, warning=None, critical=None)

    assert read_one(RULE, observed(checked(available=0)), settings).kept is None


def test_a_host_within_a_limit_is_judged_by_that() -> None:
    found = read_one(RULE, observed(checked(total=512 * MIB, available=40 * MIB, confined=True)))

    assert found.sentence == "40 of 512 MiB of its limit available (7 %), below 10 %"


@pytest.mark.parametrize(("total", "available"), [(1000, None), (1000, 1001), (1000, -1), (0, 0)])
def test_what_cannot_be_is_no_reading(total: int, available: int | None) -> None:
    assert read(RULE, observed(checked(total=total, available=available))) == ()
