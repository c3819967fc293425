"""What every rule keeps to."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.rules
from bot.catalogue import entries
from bot.domain.memory import Pressure, Snapshot, VmStat
from bot.domain.policy import Severity, Thresholds
from bot.domain.rule import MEMORY, Rule, memory_settings
from bot.errors import CommandTimedOut, HostError, HostKeyChanged
from tests.bot.domain.any_snapshot import FEW, MAYBE_SIZES, snapshots
from tests.bot.rules.observations import checked, failed, observed, sample, state
from tests.fakes.snapshots import snapshot

RULES = entries(bot.rules, "RULE", Rule)
# Whose severities begin below a value, not above.
LOW = {"memory", "exhaustion"}
ODD = (None, 0, 1, -1, 1 << 62)


def test_there_is_a_rule_for_all_that_goes_wrong_with_memory() -> None:
    assert [rule.name for rule in RULES] == [
        "exhaustion",
        "host_key",
        "leak",
        "memory",
        "oom_kills",
        "pressure",
        "reboot",
        "service_died",
        "service_restarting",
        "swap_in",
        "unit_limit",
        "unreachable",
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_called_as_its_file_and_says_what_it_is_and_counts(rule: Rule) -> None:
    assert (Path(next(iter(bot.rules.__path__))) / f"{rule.name}.py").is_file()
    assert rule.help.endswith(".")
    assert rule.help[0].isupper()
    assert len(rule.help) <= 110
    assert rule.unit == rule.unit.strip()
    assert 0 < len(rule.unit) <= 40
    assert not rule.unit.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_critical_is_worse_than_a_warning_and_both_end_on_the_well_side(rule: Rule) -> None:
    settings = rule.defaults
    sign = -1 if rule.name in LOW else 1

    if settings.warning is not None and settings.critical is not None and rule.name != "pressure":
        assert sign * settings.critical > sign * settings.warning
    for begin, end in (
        (settings.warning, settings.warning_clear),
        (settings.critical, settings.critical_clear),
    ):
        assert begin is None or end is None or sign * end < sign * begin
    assert settings.enabled


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_holds_are_shorter_for_what_is_critical(rule: Rule) -> None:
    settings = rule.defaults

    assert 0 <= settings.clear_hold_s <= 3600
    if settings.critical is not None:
        assert 0 <= settings.critical_hold_s <= settings.hold_s


def test_only_a_reboot_is_over_as_soon_as_it_was_said() -> None:
    assert [rule.name for rule in RULES if rule.momentary] == ["reboot"]


def test_a_memory_warning_begins_where_the_level_is_no_longer_acceptable() -> None:
    (rule,) = (rule for rule in RULES if rule.name == MEMORY)

    found = memory_settings(rule.defaults, Thresholds())

    assert (found.warning, found.critical) == (rule.defaults.warning, rule.defaults.critical) == (20, 10)


@FEW
@given(snapshots(), st.sampled_from(RULES), MAYBE_SIZES, MAYBE_SIZES)
def test_no_rule_fails_whatever_a_host_says(
    seen: Snapshot, rule: Rule, available: int | None, counted: int | None
) -> None:
    now = sample(0, available=available, swapped_in=counted, oom_kills=counted)
    before = sample(-60, available=counted, swapped_in=available, oom_kills=available)
    outcome = checked(seen, available=available)

    readings = tuple(
        rule.judge(observed(outcome, now=now, before=before, kept=state(), recent=(before,)), rule.defaults)
    )

    assert all(reading.sentence.isprintable() and reading.cause for reading in readings)
    assert all((reading.kept or 0) >= (reading.reached or 0) for reading in readings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("error", [CommandTimedOut("too slow"), HostKeyChanged("another key")])
def test_a_host_that_is_not_seen_breaks_only_what_is_about_reaching_it(rule: Rule, error: HostError) -> None:
    readings = tuple(rule.judge(observed(failed(error), kept=state()), rule.defaults))

    assert not [each for each in readings if each.reached and rule.name not in ("unreachable", "host_key")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_first_look_at_a_healthy_host_breaks_nothing(rule: Rule) -> None:
    readings = tuple(rule.judge(observed(checked(), now=sample()), rule.defaults))

    assert [reading for reading in readings if reading.kept] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_impossible_number_breaks_anything(rule: Rule) -> None:
    quiet = {"unit_limit", "leak", "service_died", "service_restarting", "unreachable", "host_key", "reboot"}
    found: list[Severity] = []
    for available, counted, percent in product((-1, 1 << 62, None), ODD, (nan, inf, -1.0, 101.0)):
        seen = snapshot(
            vmstat=VmStat(counted, counted, counted, counted, counted),
            pressure=Pressure(percent, percent, percent, percent, percent, percent),
        )
        now = sample(0, available=available, swapped_in=counted, oom_kills=-1)
        before = replace(now, taken_at=now.taken_at)
        outcome = checked(seen, available=available)
        look = observed(outcome, now=now, before=before, kept=state(oom_kills=5), recent=(before,) * 9)
        found += [reading.kept for reading in rule.judge(look, rule.defaults) if reading.kept]

    assert found == []
    assert rule.name in quiet or rule.name in {"memory", "swap_in", "pressure", "oom_kills", "exhaustion"}
