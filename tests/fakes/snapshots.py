"""Snapshots and their parts, with sensible values for whatever a test does not care about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bot.domain.memory import Identity, MemInfo, MemoryGroup, ProcessMemory, Pss, Snapshot
from bot.domain.service import Group, KnownService
from bot.domain.units import MIB

if TYPE_CHECKING:
    from bot.domain.memory import Gap, Limit, Pressure, VmStat
    from bot.domain.service import Workers

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMM_LENGTH = 15


def process(
    pid: int,
    *cmdline: str,
    comm: str | None = None,
    ppid: int = 1,
    uid: int = 0,
    started_ticks: int | None = None,
    anon: int = MIB,
    file: int = 0,
    shmem: int = 0,
    swap: int = 0,
    unit: str = "",
    group: str | None = None,
    pss: Pss | None = None,
) -> ProcessMemory:
    """Make a process, sizes in bytes; named by its first word, and started in the order of the pids."""
    named = PurePosixPath(cmdline[0].split()[0]).name if cmdline and cmdline[0].strip() else "app"
    return ProcessMemory(
        pid=pid,
        ppid=ppid,
        started_ticks=pid if started_ticks is None else started_ticks,
        uid=uid,
        comm=named[:COMM_LENGTH] if comm is None else comm,
        cmdline=cmdline,
        rss_anon_bytes=anon,
        rss_file_bytes=file,
        rss_shmem_bytes=shmem,
        swap_bytes=swap,
        unit=unit,
        memory_group=group,
        pss=pss,
    )


def pss(*, anon: int = 0, file: int = 0, shmem: int = 0, uss: int = 0, swap: int = 0) -> Pss:
    """Make shares, in bytes."""
    return Pss(anon_bytes=anon, file_bytes=file, shmem_bytes=shmem, uss_bytes=uss, swap_bytes=swap)


def memory_group(
    path: str,
    *,
    anon: int = 0,
    mapped: int = 0,
    current: int | None = None,
    kernel: int | None = None,
    buffers: int | None = None,
) -> MemoryGroup:
    """Make a memory group, in bytes; what it is charged is what it holds."""
    return MemoryGroup(
        path=path,
        current_bytes=anon + mapped if current is None else current,
        anon_bytes=anon,
        mapped_bytes=mapped,
        kernel_bytes=kernel,
        kernel_buffers_bytes=buffers,
    )


def meminfo(
    *,
    total: int = 961 * MIB,
    free: int = 34 * MIB,
    available: int | None = 96 * MIB,
    cached: int = 160 * MIB,
    buffers: int = 4 * MIB,
    swap_total: int = 0,
    swap_free: int = 0,
    anon: int | None = 600 * MIB,
    mapped: int | None = 40 * MIB,
    shmem: int | None = 30 * MIB,
    slab_reclaimable: int | None = None,
    kernel_reclaimable: int | None = None,
    slab_unreclaimable: int | None = None,
    kernel_stack: int | None = None,
    page_tables: int | None = None,
    secondary_page_tables: int | None = None,
    percpu: int | None = None,
    vmalloc_used: int | None = None,
    huge_pages: int | None = None,
    huge_pages_unused: int | None = None,
    zswap: int | None = None,
    swap_cached: int | None = None,
    lru_anon: int | None = None,
) -> MemInfo:
    """Make a small server's /proc/meminfo, in bytes."""
    return MemInfo(
        total_bytes=total,
        free_bytes=free,
        available_bytes=available,
        buffers_bytes=buffers,
        cached_bytes=cached,
        swap_total_bytes=swap_total,
        swap_free_bytes=swap_free,
        anon_bytes=anon,
        mapped_bytes=mapped,
        shmem_bytes=shmem,
        slab_reclaimable_bytes=slab_reclaimable,
        kernel_reclaimable_bytes=kernel_reclaimable,
        slab_unreclaimable_bytes=slab_unreclaimable,
        kernel_stack_bytes=kernel_stack,
        page_tables_bytes=page_tables,
        secondary_page_tables_bytes=secondary_page_tables,
        percpu_bytes=percpu,
        vmalloc_used_bytes=vmalloc_used,
        huge_pages_bytes=huge_pages,
        huge_pages_unused_bytes=huge_pages_unused,
        zswap_bytes=zswap,
        swap_cached_bytes=swap_cached,
        lru_anon_bytes=lru_anon,
    )


def identity(
    *, container: str | None = None, virtual_meminfo: bool = False, kernel: str = "6.1.0-18-amd64"
) -> Identity:
    """Make the identity of a boot."""
    return Identity(
        boot_id="7deb53e0-174c-4787-b8da-b47ddf140bdd",
        uptime_s=86_400.0,
        kernel=kernel,
        page_bytes=4096,
        ticks_per_s=100,
        container=container,
        virtual_meminfo=virtual_meminfo,
    )


def snapshot(
    *processes: ProcessMemory,
    host: str = "web-1",
    taken_at: datetime = NOON,
    meminfo: MemInfo | None = None,
    identity: Identity | None = None,
    groups: tuple[MemoryGroup, ...] = (),
    vmstat: VmStat | None = None,
    pressure: Pressure | None = None,
    limit: Limit | None = None,
    kernel_bytes: int | None = None,
    probe_pid: int | None = None,
    gaps: tuple[Gap, ...] = (),
) -> Snapshot:
    """Make a snapshot of these processes."""
    return Snapshot(
        host=host,
        taken_at=taken_at,
        meminfo=_MEMINFO if meminfo is None else meminfo,
        identity=_IDENTITY if identity is None else identity,
        processes=processes,
        vmstat=vmstat,
        pressure=pressure,
        groups=groups,
        limit=limit,
        kernel_bytes=kernel_bytes,
        probe_pid=probe_pid,
        gaps=gaps,
    )


_MEMINFO = meminfo()
_IDENTITY = identity()


def known(
    name: str,
    *programs: str,
    units: tuple[str, ...] = (),
    group: Group = Group.SERVICE,
    essential: bool = False,
    hosts_others: bool = False,
    workers: Workers | None = None,
) -> KnownService:
    """Make a service that is recognised by `programs` (its name where there are none) and `units`."""
    return KnownService(
        name=name,
        purpose=f"what {name} is for",
        advice=f"what helps {name}",
        programs=programs or (name,),
        units=units,
        group=group,
        essential=essential,
        hosts_others=hosts_others,
        workers=workers,
    )
