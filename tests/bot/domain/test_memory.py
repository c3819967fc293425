"""What follows from a host's numbers alone."""

from __future__ import annotations

from bot.domain.units import GIB, MIB
from tests.fakes.snapshots import meminfo, process, pss


def test_swap_in_use_is_what_is_not_free() -> None:
    assert meminfo(swap_total=GIB, swap_free=GIB - MIB).swap_used_bytes == MIB


def test_what_is_available_is_a_percentage_of_the_total_or_unknown() -> None:
    assert meminfo(total=GIB, available=GIB // 4).available_percent == 25
    assert meminfo(available=None).available_percent is None


def test_rss_is_anonymous_file_and_shared_pages() -> None:
    assert process(2, anon=5, file=3, shmem=2).rss_bytes == 10


def test_pss_is_the_sum_of_its_parts_and_uss_is_one_of_another_kind() -> None:
    assert pss(anon=5, file=3, shmem=2, uss=4, swap=9).total_bytes == 10
