"""/proc/vmstat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import probe
from bot.domain.memory import VmStat
from bot.facts import Section, vmstat
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.proc import FakeProc


def test_counters_of_pages_become_bytes(machine: FakeProc, awk: Path) -> None:
    machine.process(1)
    machine.write("/proc/self/smaps", "55d0-55d1 r--p 0 00:00 0\nSize: 64 kB\nKernelPageSize: 64 kB\n")

    found = probe.read("web-1", NOON, machine.answer(awk)).vmstat

    assert found == VmStat(
        oom_kills=1,
        swapped_in_bytes=10 * 65536,
        swapped_out_bytes=20 * 65536,
        major_faults=30,
        zspages_bytes=None,
    )


def test_a_kernel_that_keeps_no_such_counters_tells_none(machine: FakeProc, awk: Path) -> None:
    machine.process(1)
    (machine.root / "proc/vmstat").unlink()

    assert probe.read("web-1", NOON, machine.answer(awk)).vmstat is None


def test_a_counter_that_a_kernel_lacks_is_none() -> None:
    found = vmstat.parse(Section("vmstat", (" pswpin 1", " pswpout 2", " pgmajfault 3")))

    assert found is not None
    assert (found.oom_kills, found.zspages_pages, found.swapped_in_pages) == (None, None, 1)
