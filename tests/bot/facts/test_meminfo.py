"""/proc/meminfo of all ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.units import GIB, KIB, MIB
from bot.errors import Unreadable
from bot.facts import Section, meminfo
from tests.fakes.proc import MEMINFO
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.domain.memory import MemInfo
    from tests.fakes.proc import FakeProc

OLDEST = {"MemTotal": 4_000_000, "MemFree": 300_000, "Cached": 1_200_000}


def parsed(kib: Mapping[str, int]) -> MemInfo:
    return meminfo.parse(Section("meminfo", tuple(f" {key}:  {value} kB" for key, value in kib.items())))


def test_a_machines_numbers_are_read_into_bytes(machine: FakeProc, awk: Path) -> None:
    machine.process(1)

    found = probe.read("web-1", NOON, machine.answer(awk)).meminfo

    assert found == parsed(MEMINFO)
    assert found.total_bytes == 4_000_000 * KIB
    assert found.available_bytes == 1_500_000 * KIB
    assert found.swap_used_bytes == 100_000 * KIB
    assert found.secondary_page_tables_bytes is None


def test_what_an_old_kernel_does_not_tell_is_none() -> None:
    found = parsed(OLDEST)

    assert found.available_bytes is None
    assert found.anon_bytes is None
    assert found.huge_pages_bytes is None
    assert (found.swap_total_bytes, found.swap_used_bytes, found.buffers_bytes) == (0, 0, 0)


@pytest.mark.parametrize("key", OLDEST)
def test_without_its_first_numbers_meminfo_is_no_meminfo(key: str) -> None:
    with pytest.raises(Unreadable, match=rf"/proc/meminfo has no {key}\."):
        parsed({other: value for other, value in OLDEST.items() if other != key})


def test_huge_pages_are_counted_where_the_kernel_does_not_add_them_up() -> None:
    assert parsed(OLDEST | {"HugePages_Total": 8, "Hugepagesize": 2048}).huge_pages_bytes == 16 * MIB
    assert parsed(
        OLDEST | {"HugePages_Total": 8, "Hugepagesize": 2048, "Hugetlb": GIB // KIB}
    ).huge_pages_bytes == GIB  # fmt: skip


def test_huge_pages_that_nobody_took_are_told_where_all_are_of_one_size() -> None:
    pages = OLDEST | {"HugePages_Total": 8, "HugePages_Free": 3, "Hugepagesize": 2048}

    assert parsed(pages).huge_pages_unused_bytes == 6 * MIB
    assert parsed(pages | {"Hugetlb": 16 * MIB // KIB}).huge_pages_unused_bytes == 6 * MIB
    assert parsed(pages | {"Hugetlb": GIB // KIB}).huge_pages_unused_bytes is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"MemTotal": 0},
        {"MemFree": 4_000_001},
        {"MemAvailable": 4_000_001},
        {"SwapTotal": 5, "SwapFree": 6},
    ],
)
def test_impossible_numbers_are_refused_not_shown(wrong: dict[str, int]) -> None:
    with pytest.raises(Unreadable, match="impossible"):
        parsed(OLDEST | wrong)


def test_a_machine_without_meminfo_is_told_so(machine: FakeProc, awk: Path) -> None:
    machine.process(1)
    (machine.root / "proc/meminfo").unlink()

    with pytest.raises(Unreadable, match="MemTotal"):
        probe.read("web-1", NOON, machine.answer(awk))
