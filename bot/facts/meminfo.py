"""/proc/meminfo."""

from __future__ import annotations

from bot.domain.memory import MemInfo
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import Fact, Section, numbers_by_key

_AWK = 'section("meminfo"); copy("/proc/meminfo")'


def parse(section: Section) -> MemInfo:
    """Read meminfo's kB into bytes. Raises Unreadable where the numbers cannot be."""
    kib = numbers_by_key(section)

    def bytes_of(key: str) -> int | None:
        return kib[key] * KIB if key in kib else None

    def required(key: str) -> int:
        if key not in kib:
            raise Unreadable(f"The host's /proc/meminfo has no {key}.")
        return kib[key] * KIB

    found = MemInfo(
        total_bytes=required("MemTotal"),
        free_bytes=required("MemFree"),
        available_bytes=bytes_of("MemAvailable"),
        buffers_bytes=bytes_of("Buffers") or 0,
        cached_bytes=required("Cached"),
        swap_total_bytes=bytes_of("SwapTotal") or 0,
        swap_free_bytes=bytes_of("SwapFree") or 0,
        anon_bytes=bytes_of("AnonPages"),
        mapped_bytes=bytes_of("Mapped"),
        shmem_bytes=bytes_of("Shmem"),
        slab_reclaimable_bytes=bytes_of("SReclaimable"),
        kernel_reclaimable_bytes=bytes_of("KReclaimable"),
        slab_unreclaimable_bytes=bytes_of("SUnreclaim"),
        kernel_stack_bytes=bytes_of("KernelStack"),
        page_tables_bytes=bytes_of("PageTables"),
        secondary_page_tables_bytes=bytes_of("SecPageTables"),
        percpu_bytes=bytes_of("Percpu"),
        vmalloc_used_bytes=bytes_of("VmallocUsed"),
        huge_pages_bytes=_huge_pages_bytes(kib),
        huge_pages_unused_bytes=_unused_huge_pages_bytes(kib),
        zswap_bytes=bytes_of("Zswap"),
        swap_cached_bytes=bytes_of("SwapCached"),
        lru_anon_bytes=_lru_anon_bytes(kib),
    )
    _refuse_impossible(found)
    return found


def _huge_pages_bytes(kib: dict[str, int]) -> int | None:
    """Memory set aside for huge pages: `Hugetlb` since Linux 4.18, before that count times size."""
    if "Hugetlb" in kib:
        return kib["Hugetlb"] * KIB
    return _pages_bytes(kib, "HugePages_Total")


def _unused_huge_pages_bytes(kib: dict[str, int]) -> int | None:
    """HugePages_Free counts those of the default size: not told where there are others too."""
    mixed = _pages_bytes(kib, "HugePages_Total") != _huge_pages_bytes(kib)
    return None if mixed else _pages_bytes(kib, "HugePages_Free")


def _pages_bytes(kib: dict[str, int], count: str) -> int | None:
    """Turn a count of huge pages of the default size into bytes."""
    return kib[count] * kib["Hugepagesize"] * KIB if count in kib and "Hugepagesize" in kib else None


def _lru_anon_bytes(kib: dict[str, int]) -> int | None:
    keys = ("Active(anon)", "Inactive(anon)")
    return sum(kib[key] for key in keys) * KIB if all(key in kib for key in keys) else None


def _refuse_impossible(found: MemInfo) -> None:
    """A wrong number must never be shown as a right one."""
    available = found.available_bytes or 0
    if found.total_bytes <= 0 or found.free_bytes > found.total_bytes or available > found.total_bytes:
        raise Unreadable("The host's /proc/meminfo is impossible: more memory is free than there is.")
    if found.swap_free_bytes > found.swap_total_bytes:
        raise Unreadable("The host's /proc/meminfo is impossible: more swap is free than there is.")


FACT = Fact("meminfo", _AWK, parse)
