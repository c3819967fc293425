"""A unit near its own memory limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.policy import Severity
from bot.domain.units import GIB, MIB
from bot.rules.unit_limit import RULE
from tests.bot.rules.observations import checked, observed, read, read_one, signal, state
from tests.fakes.snapshots import memory_group, process, snapshot

if TYPE_CHECKING:
    from bot.domain.memory import MemoryGroup
    from bot.domain.rule import Observation

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
PATH = "/system.slice/gunicorn.service"
LIMIT = 400 * MIB


def group(
    percent: float, path: str = PATH, *, limit: int | None = LIMIT, current: int | None = None
) -> MemoryGroup:
    held = int(percent * LIMIT / 100)
    return replace(memory_group(path, anon=held, current=current, buffers=0), limit_bytes=limit)


def with_groups(*groups: MemoryGroup) -> Observation:
    return observed(checked(snapshot(process(5, "gunicorn", unit=PATH, group=PATH), groups=groups)))


@pytest.mark.parametrize(
    ("percent", "reached", "kept"),
    [
        (80, None, None),
        (84, None, WARNING),
        (85, WARNING, WARNING),
        (91, WARNING, CRITICAL),
        (95, CRITICAL, CRITICAL),
        (100, CRITICAL, CRITICAL),
    ],
)
def test_a_level_begins_at_its_part_of_the_limit_and_ends_five_points_below(
    percent: float, reached: Severity | None, kept: Severity | None
) -> None:
    found = read_one(RULE, with_groups(group(percent)))

    assert (found.reached, found.kept) == (reached, kept)


def test_it_says_what_the_unit_holds_of_its_limit() -> None:
    found = read_one(RULE, with_groups(group(88)))

    assert (found.subject, found.cause) == ("gunicorn.service", "service gunicorn")
    assert found.sentence == (
        "gunicorn holds 352 of 400 MiB of its limit (88 %), above 85 %; caches are not counted"
    )


def test_page_cache_at_the_limit_is_no_breach() -> None:
    assert read_one(RULE, with_groups(group(30, current=LIMIT))).kept is None


def test_what_the_kernel_buffers_counts_and_its_caches_do_not() -> None:
    buffers = replace(group(60), kernel_buffers_bytes=int(0.3 * LIMIT))
    caches = replace(group(60), kernel_bytes=int(0.3 * LIMIT))

    assert read_one(RULE, with_groups(buffers)).reached is WARNING
    assert read_one(RULE, with_groups(caches)).kept is None


def test_a_limit_is_for_the_groups_below_too() -> None:
    below = group(50, f"{PATH}/worker", limit=None)
    beside = group(50, "/system.slice/gunicorn.service-2", limit=None)

    assert read_one(RULE, with_groups(group(40), below)).reached is WARNING
    assert read_one(RULE, with_groups(group(40), beside)).kept is None


@pytest.mark.parametrize("limit", [None, 0, -1, 900 * GIB])
def test_no_limit_and_one_that_holds_nothing_back_are_no_reading(limit: int | None) -> None:
    assert read(RULE, with_groups(group(99, limit=limit))) == ()


def test_more_than_can_be_is_no_reading() -> None:
    assert read(RULE, with_groups(group(200))) == ()


def test_what_has_ended_is_well() -> None:
    told = signal("unit_limit", "shop.service", CRITICAL, cause="service shop")
    kept = state(signals=(told,))
    seen = checked(snapshot(groups=(group(10, limit=None),)))

    found = read_one(RULE, observed(seen, kept=kept))

    assert (found.kept, found.cause, found.subject) == (None, "service shop", "shop.service")
    assert read(RULE, observed(checked(), kept=kept)) == ()
