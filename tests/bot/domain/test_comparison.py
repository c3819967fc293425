"""What is different from the check before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked
from bot.domain.comparison import completed, difference, events, kills_by_counters, seen, unseen
from bot.domain.event import EventKind
from bot.domain.memory import VmStat
from bot.domain.oom import Kill
from bot.domain.policy import Thresholds, assess
from bot.domain.units import MIB
from tests.fakes.snapshots import NOON, identity, known, memory_group, process, snapshot

if TYPE_CHECKING:
    from bot.domain.host_state import HostState
    from bot.domain.memory import ProcessMemory

UNIT = "/system.slice/shop.service"
LATER = NOON + timedelta(minutes=1)


def checked(
    *processes: ProcessMemory,
    kills: int | None = 0,
    group_kills: int | None = None,
    boot: str = "one",
    up_s: float = 86_400,
) -> Checked:
    found = snapshot(
        *processes,
        taken_at=LATER,
        identity=replace(identity(), boot_id=boot, uptime_s=up_s),
        vmstat=VmStat(kills, 0, 0, 0, None),
        groups=(replace(memory_group(UNIT), oom_kills=group_kills),),
    )
    services = attribute(found, (known("shop"),))
    return Checked(found, services, break_down(found, services), assess(found, Thresholds()))


def shop(pid: int = 10, ticks: int = 500, size: int = 300 * MIB) -> ProcessMemory:
    return process(pid, "/usr/bin/shop", unit=UNIT, started_ticks=ticks, anon=size)


def kept(first: Checked) -> HostState:
    return seen(None, first, None, ())


def test_the_first_check_differs_from_nothing() -> None:
    found = difference(None, checked(shop(), kills=7), ())

    assert (found.rebooted, found.kills, found.units) == (False, 0, ())


def test_a_service_that_began_anew() -> None:
    found = difference(kept(checked(shop())), checked(shop(11, 9000)), ())

    assert [start.service for start in found.began] == ["shop"]
    assert found.units == ("shop.service",)


def test_a_worker_that_began_anew_is_no_new_service() -> None:
    before = checked(shop(10), shop(11, 600))

    assert difference(kept(before), checked(shop(10), shop(12, 9000)), ()).units == ()


def test_a_service_that_is_gone() -> None:
    found = difference(kept(checked(shop())), checked(), ())

    assert [start.service for start in found.gone] == ["shop"]
    (event,) = events("web-1", LATER, found, ())
    assert (event.kind, event.subject) == (EventKind.SERVICE_GONE, "shop")


def test_after_a_reboot_nothing_is_compared_but_kills_count_from_zero() -> None:
    found = difference(
        kept(checked(shop(), kills=5)), checked(shop(11, 90), kills=2, boot="two", up_s=30), ()
    )

    assert (found.rebooted, found.began, found.kills) == (True, (), 2)


def test_another_machine_that_was_up_all_the_time_tells_of_no_reboot_and_no_kills() -> None:
    found = difference(kept(checked(shop(), kills=5)), checked(shop(11, 9000), kills=7, boot="two"), ())

    assert (found.rebooted, found.began, found.gone, found.kills) == (False, (), (), 0)


def test_kills_are_what_the_counter_grew_by_and_it_never_runs_backwards() -> None:
    state = kept(checked(shop(), kills=5))

    assert difference(state, checked(shop(), kills=8), ()).kills == 3
    assert difference(state, checked(shop(), kills=1), ()).kills == 0


def test_without_the_machines_counter_the_groups_count() -> None:
    state = kept(checked(shop(), kills=None, group_kills=1))

    assert difference(state, checked(shop(), kills=None, group_kills=3), ()).kills == 2


def test_without_a_log_whoever_was_largest_and_is_gone_is_the_victim() -> None:
    state = kept(checked(shop(size=600 * MIB), process(20, "/usr/bin/other")))
    now = checked(process(20, "/usr/bin/other"), kills=1, group_kills=1)

    (kill,) = kills_by_counters(state, now.snapshot, 1)

    assert (kill.victim, kill.victim_bytes, kill.unit) == ("shop", 600 * MIB, "shop.service")


def test_a_log_names_the_newest_and_the_counter_says_how_many() -> None:
    counted = (Kill(unit="shop.service", largest="shop"), Kill(largest="shop"))

    one_named = completed((Kill(victim="shop"),), counted)
    three_named = completed((Kill(victim="old"), Kill(victim="a"), Kill(victim="b")), counted)

    assert [kill.victim for kill in one_named] == ["shop", ""]
    assert one_named[0].unit == "shop.service"
    assert [kill.victim for kill in three_named] == ["a", "b"]


def test_a_host_that_does_not_answer_is_kept_as_it_was() -> None:
    state = unseen(kept(checked(shop())), "web-1", "no route", LATER + timedelta(minutes=1), ())

    assert (state.error, state.answered_at, len(state.starts)) == ("no route", LATER, 1)
    assert unseen(None, "web-1", "no route", LATER, ()).answered_at is None
