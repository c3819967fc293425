"""PSS, USS and SwapPSS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.memory import Gap, Pss
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import Section, pss
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.memory import Snapshot
    from tests.fakes.proc import FakeProc

ROLLUP = {
    "Rss": 1500,
    "Pss": 900,
    "Pss_Dirty": 700,
    "Pss_Anon": 600,
    "Pss_File": 290,
    "Pss_Shmem": 10,
    "Shared_Clean": 400,
    "Private_Clean": 100,
    "Private_Dirty": 500,
    "Anonymous": 1000,
    "Swap": 90,
    "SwapPss": 30,
    "Private_Hugetlb": 4096,
}
OLD_ROLLUP = {key: kib for key, kib in ROLLUP.items() if key not in {"Pss_Anon", "Pss_File", "Pss_Shmem"}}


def seen(machine: FakeProc, awk: Path, *, budget_gib: float = 16) -> Snapshot:
    return probe.read("web-1", NOON, machine.answer(awk, deep=True, budget_gib=budget_gib), deep=True)


def shares(snapshot: Snapshot) -> dict[int, Pss | None]:
    return {process.pid: process.pss for process in snapshot.processes}


def test_a_process_tells_its_shares(machine: FakeProc, awk: Path) -> None:
    machine.process(7)
    machine.smaps_rollup(7, ROLLUP)

    found = seen(machine, awk)

    assert shares(found) == {
        7: Pss(
            anon_bytes=600 * KIB,
            file_bytes=290 * KIB,
            shmem_bytes=10 * KIB,
            uss_bytes=600 * KIB,
            swap_bytes=30 * KIB,
        )
    }
    assert found.gaps == ()


def test_a_kernel_that_does_not_split_pss_is_split_by_its_anonymous_memory(
    machine: FakeProc, awk: Path
) -> None:
    machine.process(7)
    machine.smaps_rollup(7, OLD_ROLLUP)
    machine.process(8)
    machine.smaps_rollup(8, OLD_ROLLUP | {"Anonymous": 200})

    found = shares(seen(machine, awk))

    assert found[7] == Pss(900 * KIB, 0, 0, uss_bytes=600 * KIB, swap_bytes=30 * KIB)
    assert found[8] == Pss(200 * KIB, 700 * KIB, 0, uss_bytes=600 * KIB, swap_bytes=30 * KIB)


def test_numbers_that_some_awks_would_round_are_told_to_the_last_digit(machine: FakeProc, awk: Path) -> None:
    machine.process(7)
    machine.smaps_rollup(7, ROLLUP | {"Pss_Anon": 3_000_000_001, "Private_Dirty": 3_000_000_002})

    found = shares(seen(machine, awk))[7]

    assert found is not None
    assert (found.anon_bytes, found.uss_bytes) == (3_000_000_001 * KIB, 3_000_000_102 * KIB)


def test_a_kernel_that_does_not_split_pss_tells_shared_memory_as_the_process_maps_it(
    machine: FakeProc, awk: Path
) -> None:
    machine.process(7, kib={"RssAnon": 100, "RssFile": 200, "RssShmem": 600})
    machine.smaps_rollup(7, OLD_ROLLUP | {"Anonymous": 100})

    assert shares(seen(machine, awk))[7] == Pss(
        100 * KIB, 200 * KIB, 600 * KIB, uss_bytes=600 * KIB, swap_bytes=30 * KIB
    )


def test_who_may_not_be_read_is_a_gap_and_who_is_gone_is_not(machine: FakeProc, awk: Path) -> None:
    machine.process(7)
    machine.process(8)
    machine.process(9)
    machine.smaps_rollup(7, ROLLUP)
    machine.write("/proc/9/smaps_rollup", "")

    found = seen(machine, awk)

    assert [pid for pid, share in shares(found).items() if share] == [7]
    assert found.gaps == (Gap("PSS of 2 of 3 processes", "only root may read them"),)


def test_root_is_not_told_that_only_root_may_read(machine: FakeProc, awk: Path) -> None:
    machine.process(7)
    machine.process(8)
    machine.smaps_rollup(8, ROLLUP)
    machine.write("/proc/self/status", "Name:\tawk\nPid:\t900\nUid:\t0\t0\t0\t0\n")

    (gap,) = seen(machine, awk).gaps

    assert gap.reason == "they ended meanwhile, or the kernel refused"


def test_through_sudo_it_is_root_who_read(machine: FakeProc, any_awk: Path) -> None:
    machine.process(7)
    deep = machine.answer(any_awk, deep=True)
    as_root = replace(deep, stdout=deep.stdout.replace(b"@pss\nu1000\n", b"@pss\nu0\n"))

    (gap,) = probe.read("web-1", NOON, as_root, deep=True).gaps

    assert gap.reason == "they ended meanwhile, or the kernel refused"


def test_a_kernel_without_smaps_rollup_is_the_reason(machine: FakeProc, any_awk: Path) -> None:
    machine.process(7)
    machine.write("/proc/sys/kernel/osrelease", "3.10.0-1160.el7.x86_64\n")

    (gap,) = seen(machine, any_awk).gaps

    assert gap == Gap("PSS of 1 of 1 processes", "the kernel is older than Linux 4.14, which brought it")


def test_the_probe_itself_is_not_counted_among_those_that_were_not_read(
    machine: FakeProc, any_awk: Path
) -> None:
    machine.process(7)
    machine.process(900, b"awk")
    machine.process(901, b"ps", ppid=900)

    assert [gap.what for gap in seen(machine, any_awk).gaps] == ["PSS of 1 of 1 processes"]


def test_a_budget_counts_pages_of_the_size_that_the_machine_has(machine: FakeProc, awk: Path) -> None:
    machine.write("/proc/self/smaps", "55d0-55d1 r--p 0 00:00 0\nSize: 64 kB\nKernelPageSize: 64 kB\n")
    machine.process(7)
    machine.write("/proc/7/statm", "9999 8192 0 0 0 0 0\n")
    machine.smaps_rollup(7, ROLLUP)

    assert shares(seen(machine, awk, budget_gib=0.4)) == {7: None}
    assert shares(seen(machine, awk, budget_gib=0.6))[7] is not None


def test_a_budget_is_spent_on_the_small_first_and_says_what_it_left_out(machine: FakeProc, awk: Path) -> None:
    for pid, kib in ((7, 900_000), (8, 2_000), (9, 700_000), (10, 4_000)):
        machine.process(pid, kib={"RssAnon": kib})
        machine.smaps_rollup(pid, ROLLUP)

    found = seen(machine, awk, budget_gib=0.7)

    assert sorted(pid for pid, share in shares(found).items() if share) == [8, 9, 10]
    assert found.gaps == (Gap("PSS of 1 of 4 processes", "the budget of a deep read was spent"),)


def test_without_a_budget_nobody_is_read(machine: FakeProc, awk: Path) -> None:
    machine.process(7)
    machine.smaps_rollup(7, ROLLUP)

    assert shares(seen(machine, awk, budget_gib=0)) == {7: None}


@pytest.mark.parametrize(
    "line",
    [
        "s",
        "s7",
        "s7 1 2 3 4 5 6",
        "s7 1 2 3 4 5 6 7 8",
        "s7 x 2 3 4 5 6 7",
        "s7 -1 2 3 4 5 6 7",
        "s7 99999999999999 2 3 4 5 6 7",
        "s7 1 2 3 4 5 6 -9",
        "ux",
        "u0 1",
        "s-7 1 2 3 4 5 6 7",
        "-",
        "-x",
        "x7x",
        "q7",
        " 7",
    ],
)
def test_what_the_probe_cannot_have_printed_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        pss.parse(Section("pss", (line,)))
