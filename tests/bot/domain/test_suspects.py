"""The memory in brief, and who may be to blame."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked
from bot.domain.history import Sample, ServiceSample, sample
from bot.domain.policy import Thresholds, assess
from bot.domain.suspects import picture, since_good, suspects
from bot.domain.units import MIB
from tests.fakes.snapshots import NOON, known, meminfo, process, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping


def checked(mib: Mapping[str, int], available: int = 96) -> Checked:
    found = snapshot(
        *(
            process(pid, f"/usr/bin/{name}", unit=f"/system.slice/{name}.service", anon=size * MIB)
            for pid, (name, size) in enumerate(mib.items(), 10)
        ),
        meminfo=meminfo(available=available * MIB),
    )
    services = attribute(found, tuple(known(name) for name in mib))
    return Checked(found, services, break_down(found, services), assess(found, Thresholds()))


def taken(found: Checked, minutes: float = 0) -> Sample:
    return replace(sample(found.snapshot, found.services), taken_at=NOON + timedelta(minutes=minutes))


NOW = checked({"shop": 300, "redis": 200, "queue": 20})


def test_the_picture_names_the_largest_then_what_no_process_holds() -> None:
    assert picture(NOW) == ("shop 300 MiB", "redis 200", "queue 20", "kernel 0", "cache 134", "free 34")


def test_whoever_grew_since_all_was_well_comes_first() -> None:
    good = taken(checked({"shop": 295, "redis": 120, "queue": 20}))

    found = suspects(NOW, good, taken(NOW, 24))

    assert [(each.service, each.grown_bytes) for each in found] == [
        ("redis", 80 * MIB),
        ("shop", 5 * MIB),
        ("queue", 0),
    ]
    assert found[0].advice == "what helps redis"


def test_without_a_good_time_to_compare_with_the_largest_come_first() -> None:
    assert [each.service for each in suspects(NOW, None, taken(NOW))] == ["shop", "redis", "queue"]


def test_what_changed_since_the_last_good_check() -> None:
    good = taken(checked({"shop": 240, "redis": 120, "queue": 20}))

    assert since_good(good, None, taken(NOW, 24), ()) == ("redis +80 MiB", "shop +60 MiB in 24 min")


def test_figures_of_two_methods_are_not_compared() -> None:
    good = taken(NOW)
    other = replace(good, services=(ServiceSample("shop", 10 * MIB, "PSS"), *good.services[1:]))

    assert since_good(other, None, taken(NOW, 24), ()) == ()


def test_swap_that_is_read_back_is_told_with_its_rate() -> None:
    before = replace(taken(NOW), swapped_in_bytes=0)
    now = replace(taken(NOW, 1), swapped_in_bytes=66 * MIB)

    assert since_good(None, before, now, ()) == ("swap-in 1.1 MiB/s",)


def test_when_it_will_be_full_is_told_only_of_what_falls_steadily() -> None:
    falling = [replace(taken(NOW, m), mem_available_bytes=(200 - 10 * m) * MIB) for m in range(11)]
    fell_once = [
        replace(taken(NOW, m), mem_available_bytes=(200 if m < 10 else 100) * MIB) for m in range(11)
    ]

    assert since_good(None, None, falling[-1], tuple(falling[:-1])) == ("at this rate full in about 10 min",)
    assert since_good(None, None, falling[-1], tuple(fell_once)) == ()
