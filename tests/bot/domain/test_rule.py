"""What rules have in common."""

from __future__ import annotations

from math import inf

import pytest

from bot.domain.host_state import Start
from bot.domain.policy import Severity
from bot.domain.rule import Settings, begin_of, beyond, half, plain, running_units, service_in, standing
from tests.bot.rules.observations import after, checked, observed, signal, state
from tests.fakes.snapshots import process, snapshot

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
UNIT = "redis-server.service"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0, (None, None)),
        (10, (None, None)),
        (11, (None, WARNING)),
        (20, (WARNING, WARNING)),
        (51, (WARNING, CRITICAL)),
        (100, (CRITICAL, CRITICAL)),
    ],
)
def test_a_value_is_beyond_a_begin_that_it_equals_and_an_end_that_it_exceeds(
    value: float, found: tuple[Severity | None, Severity | None]
) -> None:
    assert beyond(value, Settings(warning=20, critical=100), half) == found


def test_a_value_that_should_be_high_is_beyond_a_begin_that_it_is_below() -> None:
    settings = Settings(warning=20, critical=10, warning_clear=25)

    found = [beyond(value, settings, lambda begin: begin + 3, low=True) for value in (25, 20, 19, 13, 12, 9)]

    assert found == [
        (None, None),
        (None, WARNING),
        (WARNING, WARNING),
        (WARNING, WARNING),
        (WARNING, CRITICAL),
        (CRITICAL, CRITICAL),
    ]


def test_an_end_on_the_wrong_side_of_its_begin_ends_at_the_begin() -> None:
    assert beyond(25, Settings(warning=20, warning_clear=30), half) == (WARNING, WARNING)
    assert beyond(19, Settings(warning=20, warning_clear=30), half) == (None, None)


def test_a_severity_without_a_begin_never_begins() -> None:
    assert beyond(9e9, Settings(), half) == (None, None)
    assert begin_of(Settings(warning=3), WARNING) == 3
    assert begin_of(Settings(warning=3), CRITICAL) == inf


def test_what_stands_is_found_by_its_rule() -> None:
    one, other = signal("leak", "redis", WARNING), signal("memory", "", WARNING)

    assert standing(observed(checked(), kept=state(signals=(one, other))), "leak") == {"redis": one}
    assert standing(observed(checked()), "leak") == {}


def test_a_unit_is_called_by_the_service_in_it_now_or_before() -> None:
    running = checked(snapshot(process(5, "redis-server", unit=f"/system.slice/{UNIT}")))
    gone = observed(checked(), kept=state(starts=(Start("redis", UNIT, 5, after(-60)),)))

    assert running_units(running) == {UNIT}
    assert service_in(observed(running), running, UNIT) == "redis"
    assert service_in(gone, checked(), UNIT) == "redis"
    assert service_in(gone, checked(), "shop.service") == "shop"


@pytest.mark.parametrize(
    ("text", "said"),
    [("redis", "redis"), ("a\nb\x1b[1m\u202e", "a\ufffdb\ufffd[1m\ufffd"), ("x" * 99, "x" * 59 + "…")],
)
def test_what_a_host_says_is_made_fit_for_a_sentence(text: str, said: str) -> None:
    assert plain(text) == said
