"""How much of the machine's memory each process holds, no page counted twice.

RSS counts a shared page in full for each of its users, so sums of it can exceed the machine. Three sources,
the best that is there for each process:

1. PSS: the kernel divides each shared page by its users. Exact.
2. The memory group (cgroup): charged once per page, so exact for the group; within the group it is divided
   by RSS. Exact where all of a group's processes belong to one service; where they do not,
   `bot.domain.attribution` calls it an RSS estimate.
3. RSS, scaled down so that all such processes together hold no more than /proc/meminfo has left over.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.memory import MemInfo, ProcessMemory, Snapshot


class Method(StrEnum):
    """How a number was obtained, the most exact first."""

    PSS = "PSS"
    CGROUP = "cgroup"
    RSS_ESTIMATE = "RSS estimate"
    MEMINFO = "meminfo"
    REMAINDER = "remainder"


@dataclass(frozen=True, slots=True)
class Share:
    """What one process holds, in bytes: private and shared anonymous memory, mapped files, shared memory.

    `swap_bytes` is what of it is swapped out; it is no part of the total.
    """

    anon_bytes: int
    file_bytes: int
    shmem_bytes: int
    swap_bytes: int
    method: Method

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.anon_bytes + self.file_bytes + self.shmem_bytes

    @property
    def mapped_bytes(self) -> int:
        """What of it are pages that others may map too."""
        return self.file_bytes + self.shmem_bytes


def shares(snapshot: Snapshot) -> dict[int, Share]:
    """Return what each process holds, by pid."""
    result = {
        process.pid: Share(
            process.pss.anon_bytes,
            process.pss.file_bytes,
            process.pss.shmem_bytes,
            process.pss.swap_bytes,
            Method.PSS,
        )
        for process in snapshot.processes
        if process.pss is not None
    }
    members = defaultdict[str, list["ProcessMemory"]](list)
    for process in snapshot.processes:
        if process.memory_group is not None:
            members[process.memory_group].append(process)
    for group in snapshot.groups:
        inside = members[group.path]
        known = [result[process.pid] for process in inside if process.pid in result]
        result |= _divide(
            [process for process in inside if process.pid not in result],
            anon_bytes=group.anon_bytes - sum(share.anon_bytes for share in known),
            mapped_bytes=group.mapped_bytes - sum(share.mapped_bytes for share in known),
            swap_bytes=None
            if group.swap_bytes is None
            else group.swap_bytes - sum(share.swap_bytes for share in known),
            method=Method.CGROUP,
        )
    rest = [process for process in snapshot.processes if process.pid not in result]
    return result | _scaled_rss(rest, snapshot.meminfo, result.values())


def _scaled_rss(
    processes: Sequence[ProcessMemory], meminfo: MemInfo, known: Iterable[Share]
) -> dict[int, Share]:
    """Divide what meminfo has and nobody else holds."""
    known = list(known)
    anon, mapped = meminfo.anon_bytes, meminfo.mapped_bytes
    return _divide(
        processes,
        anon_bytes=None if anon is None else anon - sum(share.anon_bytes for share in known),
        mapped_bytes=None if mapped is None else mapped - sum(share.mapped_bytes for share in known),
        swap_bytes=None,
        method=Method.RSS_ESTIMATE,
    )


def _divide(
    processes: Sequence[ProcessMemory],
    *,
    anon_bytes: int | None,
    mapped_bytes: int | None,
    swap_bytes: int | None,
    method: Method,
) -> dict[int, Share]:
    """Divide amounts (None: unknown) by RSS, but give no process more than its RSS.

    RSS counts shared pages in full, so what is left over is nobody's here: pages that processes of other
    groups map, for instance. VmSwap counts what is swapped out in the same way.
    """
    anon = _at_most(anon_bytes, [process.rss_anon_bytes for process in processes])
    mapped = _at_most(
        mapped_bytes, [process.rss_file_bytes + process.rss_shmem_bytes for process in processes]
    )
    swap = _at_most(swap_bytes, [process.swap_bytes for process in processes])
    result = {}
    for process, own_anon, own_mapped, own_swap in zip(processes, anon, mapped, swap, strict=True):
        file, shmem = apportion(own_mapped, [process.rss_file_bytes, process.rss_shmem_bytes])
        result[process.pid] = Share(own_anon, file, shmem, own_swap, method)
    return result


def _at_most(amount: int | None, rss_bytes: Sequence[int]) -> list[int]:
    total = sum(rss_bytes)
    return apportion(total if amount is None else min(amount, total), rss_bytes)


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide a whole amount by weights, to the byte; less than nothing counts as nothing.

    Where no weight weighs, all weigh the same.
    """
    if not weights:
        return []
    if sum(weights) <= 0:
        weights = [1] * len(weights)
    left, weight_left, parts = max(0, amount), sum(weights), []
    for weight in weights:
        part = left * weight // weight_left if weight_left else 0
        parts.append(part)
        left -= part
        weight_left -= weight
    return parts
