"""Where all of a machine's memory is, adding up to MemTotal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from bot.domain.attribution import Kind, attribute
from bot.domain.breakdown import Breakdown, Line, break_down
from bot.domain.estimate import Method
from bot.domain.memory import VmStat
from bot.domain.service import titled_workers
from bot.domain.units import KIB, MIB
from tests.bot.domain.any_snapshot import FEW, SIZES, memory_groups, snapshots
from tests.fakes.snapshots import identity, known, meminfo, memory_group, process, pss, snapshot

if TYPE_CHECKING:
    from bot.domain.memory import MemoryGroup, Snapshot
    from bot.domain.service import KnownService

KNOWN = (known("nginx", units=("nginx.service",), workers=titled_workers("worker process")), known("redis"))


def broken_down(seen: Snapshot, services: tuple[KnownService, ...] = KNOWN) -> Breakdown:
    return break_down(seen, attribute(seen, services))


def line(breakdown: Breakdown, kind: Kind) -> Line:
    (found,) = breakdown.of(kind)
    return found


def parts(of: Line) -> dict[str, int]:
    return {part.name: part.bytes for part in of.parts}


@FEW
@given(snapshots())
def test_the_lines_of_any_snapshot_add_up_to_mem_total_to_the_byte(any_snapshot: Snapshot) -> None:
    breakdown = broken_down(any_snapshot)

    assert breakdown.total_bytes == any_snapshot.meminfo.total_bytes
    assert sum(line.bytes for line in breakdown.lines) == breakdown.total_bytes
    assert all(line.bytes >= 0 for line in breakdown.lines if line.kind is not Kind.UNACCOUNTED)
    assert all(
        sum(p.bytes for p in line.parts) == line.bytes
        or (line.method is Method.CGROUP and sum(p.bytes for p in line.parts) < line.bytes)
        for line in breakdown.lines
        if line.parts
    )


@FEW
@given(snapshots())
def test_every_process_is_in_exactly_one_line(any_snapshot: Snapshot) -> None:
    breakdown = broken_down(any_snapshot)

    pids = [p.pid for line in breakdown.lines if line.service for p in line.service.processes]
    assert sorted(pids) == sorted(process.pid for process in any_snapshot.processes)


def test_a_server_at_rest() -> None:
    web = process(
        10, "nginx: master process", unit="/system.slice/nginx.service", pss=pss(anon=8 * MIB, file=2 * MIB)
    )
    cache = process(
        20, "/usr/bin/redis-server", comm="redis", pss=pss(anon=50 * MIB, file=3 * MIB, shmem=MIB)
    )
    machine = meminfo(
        total=961 * MIB,
        free=34 * MIB,
        cached=160 * MIB,
        buffers=4 * MIB,
        shmem=30 * MIB,
        kernel_reclaimable=12 * MIB,
        slab_reclaimable=11 * MIB,
        slab_unreclaimable=70 * MIB,
        kernel_stack=6 * MIB,
        page_tables=9 * MIB,
        secondary_page_tables=MIB,
        percpu=5 * MIB,
        vmalloc_used=20 * MIB,
    )

    breakdown = broken_down(snapshot(web, cache, meminfo=machine))

    assert [(line.name, line.bytes // MIB, line.method.value) for line in breakdown.lines] == [
        ("redis", 54, "PSS"),
        ("nginx", 10, "PSS"),
        ("kernel", 105, "meminfo"),
        ("shared memory, tmpfs", 29, "meminfo"),
        ("cache", 160 - 30 - 5 + 4 + 12, "meminfo"),
        ("free", 34, "meminfo"),
        ("unaccounted", 588, "remainder"),
    ]
    assert parts(line(breakdown, Kind.KERNEL)) == {
        "slab": 70 * MIB,
        "page tables": 10 * MIB,
        "stacks": 6 * MIB,
        "per CPU": 5 * MIB,
        "vmalloc": 14 * MIB,
    }
    assert parts(line(breakdown, Kind.CACHE)) == {
        "file pages": 125 * MIB,
        "reclaimable slab": 12 * MIB,
        "buffers": 4 * MIB,
    }


def test_huge_pages_are_a_line_though_no_counter_of_processes_shows_them() -> None:
    breakdown = broken_down(snapshot(meminfo=meminfo(huge_pages=512 * MIB, huge_pages_unused=500 * MIB)))

    assert line(breakdown, Kind.HUGE_PAGES).bytes == 512 * MIB
    assert parts(line(breakdown, Kind.HUGE_PAGES)) == {"unused": 500 * MIB, "used": 12 * MIB}


def test_huge_pages_of_which_nobody_knows_whether_they_are_used_have_no_parts() -> None:
    breakdown = broken_down(snapshot(meminfo=meminfo(huge_pages=512 * MIB)))

    assert line(breakdown, Kind.HUGE_PAGES).parts == ()


@pytest.mark.parametrize(("kernel", "held"), [("4.3.6", 0), ("3.10.0-1160.el7.x86_64", 0), ("4.4.0", 20)])
def test_old_kernels_count_address_space_as_vmalloc_which_is_no_memory(kernel: str, held: int) -> None:
    machine = meminfo(vmalloc_used=20 * MIB)

    breakdown = broken_down(snapshot(meminfo=machine, identity=identity(kernel=kernel)))

    assert parts(line(breakdown, Kind.KERNEL)).get("vmalloc", 0) == held * MIB


@FEW
@given(memory_groups(), SIZES)
def test_what_the_kernel_charged_to_a_container_is_never_less_than_its_parts(
    groups: tuple[MemoryGroup, ...], charged: int
) -> None:
    confined = snapshot(groups=groups, identity=identity(virtual_meminfo=True), kernel_bytes=charged)

    kernel = line(broken_down(confined), Kind.KERNEL)

    assert kernel.bytes == max(charged, sum(group.kernel_bytes or 0 for group in groups))
    assert sum(parts(kernel).values()) == sum(group.kernel_bytes or 0 for group in groups)


def test_compressed_swap_counts_once_though_two_counters_show_it() -> None:
    vmstat = VmStat(0, 0, 0, 0, zspages_bytes=80 * MIB)

    breakdown = broken_down(snapshot(meminfo=meminfo(zswap=78 * MIB), vmstat=vmstat))

    assert parts(line(breakdown, Kind.KERNEL)) == {"compressed swap": 80 * MIB}


@pytest.mark.parametrize(("lru_anon", "unmapped"), [(637, 7), (650, 10), (600, 0), (None, 0)])
def test_what_nobody_maps_of_the_swap_cache_is_cache(lru_anon: int | None, unmapped: int) -> None:
    lists = None if lru_anon is None else lru_anon * MIB

    breakdown = broken_down(snapshot(meminfo=meminfo(swap_cached=10 * MIB, lru_anon=lists)))

    assert parts(line(breakdown, Kind.CACHE)).get("swap cache", 0) == unmapped * MIB


def test_what_the_kernel_holds_for_services_beyond_its_counters_is_a_part_of_its_line() -> None:
    groups = (
        memory_group("/system.slice/agent.service", buffers=100 * MIB),
        memory_group("/b", buffers=100 * KIB),
        memory_group("/c", buffers=20 * KIB),
        memory_group("/d"),
    )

    breakdown = broken_down(snapshot(groups=groups))

    assert parts(line(breakdown, Kind.KERNEL)) == {
        "buffers of agent": 100 * MIB,
        "buffers of services": 120 * KIB,
    }


def test_under_lxcfs_another_kernels_counters_are_left_out() -> None:
    machine = meminfo(kernel_reclaimable=240 * MIB, slab_unreclaimable=500 * MIB, kernel_stack=18 * MIB)

    breakdown = broken_down(snapshot(meminfo=machine, identity=identity(virtual_meminfo=True)))

    assert breakdown.of(Kind.KERNEL) == ()
    assert "reclaimable slab" not in parts(line(breakdown, Kind.CACHE))


def test_mapped_shared_memory_is_its_process_s_and_the_rest_is_tmpfs() -> None:
    mapper = process(2, pss=pss(shmem=10 * MIB))

    breakdown = broken_down(snapshot(mapper, meminfo=meminfo(shmem=30 * MIB)))

    assert line(breakdown, Kind.SHARED).bytes == 20 * MIB


def test_a_remainder_below_nothing_is_shown_as_it_is() -> None:
    greedy = process(2, pss=pss(anon=960 * MIB))

    breakdown = broken_down(snapshot(greedy, meminfo=meminfo(total=961 * MIB, free=34 * MIB, buffers=0)))

    assert line(breakdown, Kind.UNACCOUNTED).bytes == -(960 + 34 + 160 - 961) * MIB


def test_kernels_without_kreclaimable_say_reclaimable_slab() -> None:
    breakdown = broken_down(snapshot(meminfo=meminfo(slab_reclaimable=7 * KIB)))

    assert parts(line(breakdown, Kind.CACHE))["reclaimable slab"] == 7 * KIB


def test_a_line_tells_its_workers_only_where_the_word_makes_sense() -> None:
    unit = "/system.slice/nginx.service"
    seen = snapshot(
        process(10, "nginx: master process", unit=unit, anon=9 * MIB),
        process(11, "nginx: worker process", unit=unit, ppid=10),
        process(20, "redis"),
        process(30, "/opt/app"),
    )

    breakdown = broken_down(seen)

    assert {line.name: line.workers for line in breakdown.lines} == {
        "nginx": 1,
        "redis": None,
        "app": None,
        "kernel": None,
        "shared memory, tmpfs": None,
        "cache": None,
        "free": None,
        "unaccounted": None,
    }


def test_a_line_is_as_exact_as_the_least_exact_of_its_processes() -> None:
    seen = snapshot(process(20, "redis", pss=pss(anon=MIB)), process(21, "redis", anon=MIB))

    breakdown = broken_down(seen)

    assert line(breakdown, Kind.SERVICE).method is Method.RSS_ESTIMATE
