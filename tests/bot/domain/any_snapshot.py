"""Any snapshot that a host could be in, and some that it could not: for properties that must always hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st

from bot.domain.memory import VmStat
from tests.fakes.snapshots import identity, meminfo, memory_group, process, pss, snapshot

if TYPE_CHECKING:
    from bot.domain.memory import MemInfo, MemoryGroup, ProcessMemory, Pss, Snapshot

FEW = settings(max_examples=40, derandomize=True, deadline=None)

SIZES = st.integers(0, 1 << 34)
MAYBE_SIZES = st.none() | SIZES
GROUPS = ("/a", "/b", "/gone")
UNITS = (
    "",
    "/",
    "/init.scope",
    "/system.slice/nginx.service",
    "/system.slice/shop.service",
    "/system.slice/cron.service",
    "/user.slice/user-1000.slice/session-3.scope",
    "/system.slice/docker-abc.scope",
    "/../..",
)
WORDS = st.sampled_from(
    (
        "nginx",
        "gunicorn",
        "/usr/bin/python3",
        "-m",
        "-c",
        "sshd: deploy@notty",
        "sh",
        "memwarden",
        "",
        " ",
        ":",
    )
)

_pss = st.builds(pss, anon=SIZES, file=SIZES, shmem=SIZES, uss=SIZES, swap=SIZES)


def processes(
    *, shares: st.SearchStrategy[Pss | None], groups: st.SearchStrategy[str | None]
) -> st.SearchStrategy[list[ProcessMemory]]:
    """Processes of which each pid is there once; parents may be missing, or their own children."""
    one = st.builds(
        _process,
        pid=st.integers(1, 40),
        words=st.lists(WORDS, max_size=4),
        comm=WORDS,
        ppid=st.integers(0, 40),
        uid=st.sampled_from((0, 33, 1000)),
        started_ticks=st.integers(0, 3),
        anon=SIZES,
        file=SIZES,
        shmem=SIZES,
        unit=st.sampled_from(UNITS),
        group=groups,
        pss=shares,
    )
    return st.lists(one, max_size=7, unique_by=lambda process: process.pid)


def _process(
    pid: int,
    *,
    words: list[str],
    comm: str,
    ppid: int,
    uid: int,
    started_ticks: int,
    anon: int,
    file: int,
    shmem: int,
    unit: str,
    group: str | None,
    pss: Pss | None,
) -> ProcessMemory:
    return process(
        pid,
        *words,
        comm=comm,
        ppid=ppid,
        uid=uid,
        started_ticks=started_ticks,
        anon=anon,
        file=file,
        shmem=shmem,
        unit=unit,
        group=group,
        pss=pss,
    )


def meminfos() -> st.SearchStrategy[MemInfo]:
    return st.builds(
        meminfo,
        total=st.integers(1, 1 << 40),
        free=SIZES,
        available=MAYBE_SIZES,
        cached=SIZES,
        buffers=SIZES,
        anon=MAYBE_SIZES,
        mapped=MAYBE_SIZES,
        shmem=MAYBE_SIZES,
        slab_reclaimable=MAYBE_SIZES,
        kernel_reclaimable=MAYBE_SIZES,
        slab_unreclaimable=MAYBE_SIZES,
        kernel_stack=MAYBE_SIZES,
        page_tables=MAYBE_SIZES,
        secondary_page_tables=MAYBE_SIZES,
        percpu=MAYBE_SIZES,
        vmalloc_used=MAYBE_SIZES,
        huge_pages=MAYBE_SIZES,
        huge_pages_unused=MAYBE_SIZES,
        zswap=MAYBE_SIZES,
    )


def memory_groups() -> st.SearchStrategy[tuple[MemoryGroup, ...]]:
    one = st.builds(
        memory_group,
        st.sampled_from(GROUPS[:2]),
        anon=SIZES,
        mapped=SIZES,
        kernel=MAYBE_SIZES,
        buffers=MAYBE_SIZES,
    )
    return st.lists(one, max_size=2, unique_by=lambda group: group.path).map(tuple)


@st.composite
def snapshots(draw: st.DrawFn, *, with_pss: bool = True, with_groups: bool = True) -> Snapshot:
    """Any snapshot; without PSS and groups on demand."""
    found = draw(
        processes(
            shares=st.none() | _pss if with_pss else st.none(),
            groups=st.none() | st.sampled_from(GROUPS) if with_groups else st.none(),
        )
    )
    zspages = draw(MAYBE_SIZES)
    return snapshot(
        *found,
        meminfo=draw(meminfos()),
        identity=identity(virtual_meminfo=draw(st.booleans())),
        groups=draw(memory_groups()) if with_groups else (),
        kernel_bytes=draw(MAYBE_SIZES),
        vmstat=draw(st.sampled_from((None, VmStat(0, 0, 0, 0, zspages)))),
        probe_pid=draw(st.none() | st.integers(0, 40)),
    )
