"""Where all of a machine's memory is: lines that add up to MemTotal, to the byte.

    MemTotal = what processes hold            (PSS, cgroup or scaled RSS: `bot.domain.estimate`)
             + kernel                         (SUnreclaim + KernelStack + PageTables + Percpu + …)
             + huge pages                     (Hugetlb: set aside for them, whether used or not)
             + shared memory and tmpfs        (Shmem, less what processes have mapped of it)
             + reclaimable cache              (Buffers + Cached - Shmem - mapped files + KReclaimable
                                              + what of SwapCached nobody maps)
             + free                           (MemFree)
             + unaccounted                    (the remainder: drivers, network buffers, counter drift)

The remainder is shown as it is. It can be slightly negative, because the counters are not read in one
instant and the kernel keeps some of them per CPU.
Sources: `Documentation/filesystems/proc.rst`, `fs/proc/meminfo.c`, `mm/vmalloc.c`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.attribution import Kind, Service
from bot.domain.estimate import Method
from bot.domain.recognition import place, short
from bot.domain.units import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.memory import MemInfo, MemoryGroup, Snapshot

_NAMED_FROM_BYTES = MIB


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line, in bytes: `slab` of the kernel."""

    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown, in bytes. `service` is set where the line is one."""

    name: str
    kind: Kind
    bytes: int
    method: Method
    parts: tuple[Part, ...] = ()
    service: Service | None = None

    @property
    def workers(self) -> int | None:
        """How many workers the service has; None where the word makes no sense."""
        if self.service is None or self.service.known is None or self.service.known.workers is None:
            return None
        return len(self.service.workers) or None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All lines; their bytes add up to `total_bytes` (MemTotal)."""

    total_bytes: int
    lines: tuple[Line, ...]

    def of(self, *kinds: Kind) -> tuple[Line, ...]:
        """Return the lines of these kinds, in order."""
        return tuple(line for line in self.lines if line.kind in kinds)


def break_down(snapshot: Snapshot, services: Sequence[Service]) -> Breakdown:
    """Return where the memory is: services largest first, then what no process holds, then the remainder."""
    meminfo = snapshot.meminfo
    held = [share for service in services for share in service.share_by_pid.values()]
    file = sum(share.file_bytes for share in held)
    shmem = sum(share.shmem_bytes for share in held)
    shared = meminfo.shmem_bytes or 0
    lines = [
        Line(service.name, service.kind, service.memory_bytes, service.method, service=service)
        for service in services
    ]
    lines += (*_kernel(snapshot), *_huge_pages(snapshot))
    lines += [
        Line("shared memory, tmpfs", Kind.SHARED, max(0, shared - shmem), Method.MEMINFO),
        _cache(meminfo, mapped_file_bytes=file, own_kernel=not snapshot.identity.virtual_meminfo),
        Line("free", Kind.FREE, meminfo.free_bytes, Method.MEMINFO),
    ]
    remainder = meminfo.total_bytes - sum(line.bytes for line in lines)
    lines.append(Line("unaccounted", Kind.UNACCOUNTED, remainder, Method.REMAINDER))
    return Breakdown(meminfo.total_bytes, tuple(lines))


def _cache(meminfo: MemInfo, *, mapped_file_bytes: int, own_kernel: bool) -> Line:
    """What the kernel keeps only because nobody else needs it."""
    shared = meminfo.shmem_bytes or 0
    pages = max(0, meminfo.cached_bytes - shared - mapped_file_bytes)
    reclaimable = (
        (meminfo.kernel_reclaimable_bytes or meminfo.slab_reclaimable_bytes or 0) if own_kernel else 0
    )
    parts = (
        Part("file pages", pages),
        Part("buffers", meminfo.buffers_bytes),
        Part("reclaimable slab", reclaimable),
        Part("swap cache", _swap_cache_bytes(meminfo)),
    )
    return Line("cache", Kind.CACHE, sum(part.bytes for part in parts), Method.MEMINFO, _present(parts))


def _swap_cache_bytes(meminfo: MemInfo) -> int:
    """Pages of the swap cache that no process maps: neither AnonPages nor Cached counts them."""
    lru, anon = meminfo.lru_anon_bytes, meminfo.anon_bytes
    if lru is None or anon is None:
        return 0
    return max(0, min(meminfo.swap_cached_bytes or 0, lru - anon - (meminfo.shmem_bytes or 0)))


def _kernel(snapshot: Snapshot) -> list[Line]:
    """What the kernel holds and does not give back.

    VmallocUsed contains the stacks (CONFIG_VMAP_STACK, all distributions), so they are taken out of it.
    Before Linux 4.4 it counts address space, not memory.
    Compressed swap counts once: nr_zspages holds zswap's pages too where zsmalloc is its allocator.
    """
    if snapshot.identity.virtual_meminfo:
        return _charged_kernel(snapshot)
    meminfo = snapshot.meminfo
    stacks = meminfo.kernel_stack_bytes or 0
    vmalloc = 0 if snapshot.identity.older_than(4, 4) else meminfo.vmalloc_used_bytes or 0
    zspages = (snapshot.vmstat.zspages_bytes if snapshot.vmstat else None) or 0
    parts = (
        Part("slab", meminfo.slab_unreclaimable_bytes or 0),
        Part("page tables", (meminfo.page_tables_bytes or 0) + (meminfo.secondary_page_tables_bytes or 0)),
        Part("stacks", stacks),
        Part("per CPU", meminfo.percpu_bytes or 0),
        Part("vmalloc", max(0, vmalloc - stacks)),
        Part("compressed swap", max(zspages, meminfo.zswap_bytes or 0)),
        *_buffers(snapshot.groups),
    )
    total = sum(part.bytes for part in parts)
    return [Line("kernel", Kind.KERNEL, total, Method.MEMINFO, _present(parts))]


def _huge_pages(snapshot: Snapshot) -> list[Line]:
    """What is set aside for huge pages: no counter of processes shows who uses it, and nobody else can."""
    total = snapshot.meminfo.huge_pages_bytes or 0
    if snapshot.identity.virtual_meminfo or not total:
        return []
    unused = snapshot.meminfo.huge_pages_unused_bytes
    parts: tuple[Part, ...] = ()
    if unused is not None:
        unused = min(total, unused)
        parts = (Part("used", total - unused), Part("unused", unused))
    return [Line("huge pages", Kind.HUGE_PAGES, total, Method.MEMINFO, _present(parts))]


def _buffers(groups: Sequence[MemoryGroup]) -> Iterator[Part]:
    """What the kernel holds for services beyond its counters: by name where it is much, else together."""
    rest = 0
    for group in groups:
        held = group.kernel_buffers_bytes or 0
        if held >= _NAMED_FROM_BYTES:
            yield Part(f"buffers of {_short(group.path)}", held)
        else:
            rest += held
    yield Part("buffers of services", rest)


def _charged_kernel(snapshot: Snapshot) -> list[Line]:
    """What the kernel charged to a container's cgroups, where /proc/meminfo tells of the whole machine.

    No line where that cannot be known. The parts can be less than the line: the kernel still holds some for
    groups that have ended.
    """
    if snapshot.kernel_bytes is None:
        return []
    parts = tuple(
        Part(f"for {_short(group.path)}", group.kernel_bytes or 0)
        for group in snapshot.groups
        if group.path != "/"
    )
    total = max(snapshot.kernel_bytes, sum(part.bytes for part in parts))
    return [Line("kernel", Kind.KERNEL, total, Method.CGROUP, _present(parts))]


def _short(path: str) -> str:
    return short(place(path) or path)


def _present(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(sorted((part for part in parts if part.bytes > 0), key=lambda part: -part.bytes))
