"""How much each process holds: no page is ever counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.estimate import Method, apportion, shares
from bot.domain.units import MIB
from tests.bot.domain.any_snapshot import FEW, snapshots
from tests.fakes.snapshots import meminfo, memory_group, process, pss, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.estimate import Share
    from bot.domain.memory import Snapshot

PRELOADED = tuple(
    process(pid, "gunicorn", ppid=1 if pid == 10 else 10, anon=100 * MIB, group="/app")
    for pid in (10, 11, 12, 13, 14)
)


def anon_bytes(found: Iterable[Share]) -> int:
    return sum(share.anon_bytes for share in found)


def mapped_bytes(found: Iterable[Share]) -> int:
    return sum(share.mapped_bytes for share in found)


def test_five_processes_that_share_100_mib_hold_100_mib_together_where_their_cgroup_says_so() -> None:
    found = shares(snapshot(*PRELOADED, groups=(memory_group("/app", anon=104 * MIB),)))

    assert anon_bytes(found.values()) == 104 * MIB
    assert {share.method for share in found.values()} == {Method.CGROUP}


def test_five_processes_that_share_100_mib_hold_no_more_than_all_anonymous_memory() -> None:
    alone = tuple(process(pid, anon=100 * MIB) for pid in range(2, 7))

    found = shares(snapshot(*alone, meminfo=meminfo(anon=110 * MIB)))

    assert anon_bytes(found.values()) == 110 * MIB
    assert {share.method for share in found.values()} == {Method.RSS_ESTIMATE}


def test_nobody_is_given_more_than_its_rss_where_the_machine_has_more() -> None:
    found = shares(snapshot(process(2, anon=3 * MIB, file=MIB), meminfo=meminfo(anon=500 * MIB)))

    assert (found[2].anon_bytes, found[2].file_bytes) == (3 * MIB, MIB)


def test_pss_wins_over_cgroup_and_rss() -> None:
    exact = pss(anon=21 * MIB, file=2 * MIB, shmem=MIB, uss=MIB)
    known = process(2, anon=100 * MIB, file=50 * MIB, group="/app", pss=exact)

    found = shares(snapshot(known, groups=(memory_group("/app", anon=80 * MIB),)))

    assert found[2].total_bytes == 24 * MIB
    assert found[2].method is Method.PSS


def test_who_has_no_pss_is_given_what_its_group_has_left() -> None:
    known = process(2, anon=50 * MIB, group="/app", pss=pss(anon=30 * MIB, file=4 * MIB))
    unknown = process(3, anon=50 * MIB, file=8 * MIB, group="/app")

    found = shares(snapshot(known, unknown, groups=(memory_group("/app", anon=80 * MIB, mapped=10 * MIB),)))

    assert (found[3].anon_bytes, found[3].file_bytes) == (50 * MIB, 6 * MIB)


def test_a_group_that_holds_less_than_the_pss_in_it_leaves_nothing_not_less() -> None:
    known = process(2, anon=50 * MIB, group="/app", pss=pss(anon=90 * MIB))
    unknown = process(3, anon=50 * MIB, group="/app")

    found = shares(snapshot(known, unknown, groups=(memory_group("/app", anon=80 * MIB),)))

    assert found[3].total_bytes == 0


def test_who_is_in_no_group_is_given_what_groups_and_pss_leave_of_the_machine() -> None:
    grouped = process(2, anon=400 * MIB, group="/app")
    exact = process(3, pss=pss(anon=150 * MIB))
    alone = process(4, anon=300 * MIB)
    groups = (memory_group("/app", anon=350 * MIB),)

    found = shares(snapshot(grouped, exact, alone, groups=groups, meminfo=meminfo(anon=600 * MIB)))

    assert found[4].anon_bytes == 100 * MIB
    assert found[4].method is Method.RSS_ESTIMATE


def test_a_group_that_vanished_while_it_was_read_leaves_its_processes_to_rss() -> None:
    found = shares(snapshot(process(2, anon=5 * MIB, group="/gone")))

    assert found[2].method is Method.RSS_ESTIMATE


def test_kernels_that_tell_no_anonymous_pages_leave_rss_as_it_is() -> None:
    found = shares(snapshot(process(2, anon=5 * MIB, file=3 * MIB), meminfo=meminfo(anon=None, mapped=None)))

    assert found[2].total_bytes == 8 * MIB


def test_a_share_of_mapped_pages_is_split_as_the_process_maps_them() -> None:
    one = process(2, file=30 * MIB, shmem=10 * MIB, group="/app")

    found = shares(snapshot(one, groups=(memory_group("/app", mapped=20 * MIB),)))

    assert (found[2].file_bytes, found[2].shmem_bytes) == (15 * MIB, 5 * MIB)


def test_pages_that_only_others_map_are_not_given_to_the_group_that_is_charged_for_them() -> None:
    first = process(2, anon=3 * MIB, file=2 * MIB, group="/app")
    nothing = process(3, anon=MIB, group="/app")

    found = shares(snapshot(first, nothing, groups=(memory_group("/app", anon=9 * MIB, mapped=20 * MIB),)))

    assert (found[2].anon_bytes, found[2].file_bytes, found[2].shmem_bytes) == (3 * MIB, 2 * MIB, 0)
    assert found[3].total_bytes == MIB


@FEW
@given(snapshots())
def test_every_process_has_a_share_and_none_is_negative(any_snapshot: Snapshot) -> None:
    found = shares(any_snapshot)

    assert found.keys() == {process.pid for process in any_snapshot.processes}
    assert all(min(s.anon_bytes, s.file_bytes, s.shmem_bytes) >= 0 for s in found.values())


@FEW
@given(snapshots(with_pss=False, with_groups=False))
def test_rss_alone_never_adds_up_to_more_than_the_machine_has(any_snapshot: Snapshot) -> None:
    found = shares(any_snapshot)

    machine = any_snapshot.meminfo
    assert machine.anon_bytes is None or anon_bytes(found.values()) <= machine.anon_bytes
    assert machine.mapped_bytes is None or mapped_bytes(found.values()) <= machine.mapped_bytes


@FEW
@given(snapshots(with_pss=False))
def test_without_pss_nobody_is_given_more_than_its_rss(any_snapshot: Snapshot) -> None:
    found = shares(any_snapshot)

    rss = {process.pid: process for process in any_snapshot.processes}
    assert all(
        share.anon_bytes <= rss[pid].rss_anon_bytes
        and share.file_bytes <= rss[pid].rss_file_bytes
        and share.shmem_bytes <= rss[pid].rss_shmem_bytes
        for pid, share in found.items()
    )


@FEW
@given(snapshots())
def test_beside_pss_nothing_is_handed_out_twice(any_snapshot: Snapshot) -> None:
    found = shares(any_snapshot)

    exact = sum(p.pss.anon_bytes for p in any_snapshot.processes if p.pss)
    grouped = sum(group.anon_bytes for group in any_snapshot.groups)
    machine = any_snapshot.meminfo.anon_bytes
    assert machine is None or anon_bytes(found.values()) <= max(machine, exact + grouped)
    for group in any_snapshot.groups:
        inside = [process for process in any_snapshot.processes if process.memory_group == group.path]
        guessed = [found[process.pid] for process in inside if process.pss is None]
        known = sum(process.pss.anon_bytes for process in inside if process.pss)
        if guessed:
            rss = sum(process.rss_anon_bytes for process in inside if process.pss is None)
            assert anon_bytes(guessed) == min(rss, max(0, group.anon_bytes - known))


@FEW
@given(snapshots())
def test_a_process_with_pss_holds_exactly_that(any_snapshot: Snapshot) -> None:
    found = shares(any_snapshot)

    assert all(
        found[process.pid].total_bytes == process.pss.total_bytes
        for process in any_snapshot.processes
        if process.pss
    )


@FEW
@given(st.integers(-(1 << 40), 1 << 60), st.lists(st.integers(0, 1 << 50), min_size=1))
def test_apportioned_parts_add_up_to_the_byte_and_none_is_negative(amount: int, weights: list[int]) -> None:
    parts = apportion(amount, weights)

    assert sum(parts) == max(0, amount)
    assert len(parts) == len(weights)
    assert min(parts) >= 0


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1], [50, 50]),
        (100, [3, 1], [75, 25]),
        (10, [1, 1, 1], [3, 3, 4]),
        (7, [0, 0], [3, 4]),
        (7, [0, 5], [0, 7]),
        (-3, [1, 1], [0, 0]),
        (5, [], []),
    ],
)
def test_an_amount_is_divided_by_weight(amount: int, weights: list[int], parts: list[int]) -> None:
    assert apportion(amount, weights) == parts
