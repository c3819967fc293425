"""What one host's memory looks like at one moment.

All sizes are bytes. What could not be read is None, never 0, and a Gap says why.
Sources: Linux `Documentation/filesystems/proc.rst` (meminfo, status, smaps_rollup),
`Documentation/admin-guide/cgroup-v2.rst`, `Documentation/accounting/psi.rst`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_KERNEL_VERSION = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class MemInfo:
    """/proc/meminfo, the fields that a breakdown needs.

    `available_bytes` (MemAvailable) is what can be had without swapping: the number that counts.
    `lru_anon_bytes` is all anonymous and shared memory in the kernel's lists, the swap cache included.
    `huge_pages_bytes` is set aside for huge pages of any size, `huge_pages_unused_bytes` what nobody took.
    A field that this kernel does not have is None.
    """

    total_bytes: int
    free_bytes: int
    available_bytes: int | None
    buffers_bytes: int
    cached_bytes: int
    swap_total_bytes: int
    swap_free_bytes: int
    anon_bytes: int | None = None
    mapped_bytes: int | None = None
    shmem_bytes: int | None = None
    slab_reclaimable_bytes: int | None = None
    kernel_reclaimable_bytes: int | None = None
    slab_unreclaimable_bytes: int | None = None
    kernel_stack_bytes: int | None = None
    page_tables_bytes: int | None = None
    secondary_page_tables_bytes: int | None = None
    percpu_bytes: int | None = None
    vmalloc_used_bytes: int | None = None
    huge_pages_bytes: int | None = None
    huge_pages_unused_bytes: int | None = None
    zswap_bytes: int | None = None
    swap_cached_bytes: int | None = None
    lru_anon_bytes: int | None = None

    @property
    def swap_used_bytes(self) -> int:
        """Swap in use."""
        return self.swap_total_bytes - self.swap_free_bytes

    @property
    def available_percent(self) -> float | None:
        """MemAvailable in percent of MemTotal."""
        return None if self.available_bytes is None else 100 * self.available_bytes / self.total_bytes


@dataclass(frozen=True, slots=True)
class VmStat:
    """/proc/vmstat counters since boot; page counts are turned into bytes."""

    oom_kills: int | None
    swapped_in_bytes: int | None
    swapped_out_bytes: int | None
    major_faults: int | None
    zspages_bytes: int | None


@dataclass(frozen=True, slots=True)
class Pressure:
    """/proc/pressure/memory: percent of time that some, or all, tasks waited for memory."""

    some_avg10: float
    some_avg60: float
    some_avg300: float
    full_avg10: float
    full_avg60: float
    full_avg300: float


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """/proc/stat: seconds that all processors together have spent since boot.

    `user_s` is time in programs, niced ones and virtual machines included; `system_s` in the kernel, with
    interrupts; `iowait_s` idle while something waited for a disk; `steal_s` taken by the hypervisor.
    """

    user_s: float
    system_s: float
    idle_s: float
    iowait_s: float
    steal_s: float

    @property
    def total_s(self) -> float:
        """All the time there was."""
        return self.user_s + self.system_s + self.idle_s + self.iowait_s + self.steal_s


@dataclass(frozen=True, slots=True)
class Identity:
    """Which boot of which system this is.

    `container` names the container's kind (`systemd-nspawn`, `docker`, `lxc`, …), None on a machine.
    `virtual_meminfo` is true where /proc/meminfo is drawn by lxcfs: its kernel fields are then the
    whole machine's, not this container's.
    """

    boot_id: str
    uptime_s: float
    kernel: str
    page_bytes: int
    ticks_per_s: int
    container: str | None = None
    virtual_meminfo: bool = False

    def older_than(self, major: int, minor: int) -> bool:
        """Tell whether the kernel is older than Linux `major.minor`; one whose number is unknown is not."""
        found = _KERNEL_VERSION.match(self.kernel)
        return found is not None and (int(found[1]), int(found[2])) < (major, minor)


@dataclass(frozen=True, slots=True)
class Pss:
    """/proc/PID/smaps_rollup: each shared page divided by the number of its users.

    `uss_bytes` is what only this process has: what its end would free.
    """

    anon_bytes: int
    file_bytes: int
    shmem_bytes: int
    uss_bytes: int
    swap_bytes: int

    @property
    def total_bytes(self) -> int:
        """The proportional share in all."""
        return self.anon_bytes + self.file_bytes + self.shmem_bytes


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    """One process with memory of its own (kernel threads have none and are left out).

    `comm` and `cmdline` are whatever the process says of itself: never trusted, never markup.
    `started_ticks` counts clock ticks since boot; with `pid` it names a process for good.
    `unit` is the systemd path of its cgroup, `memory_group` the cgroup whose memory it is charged to.
    """

    pid: int
    ppid: int
    started_ticks: int
    uid: int
    comm: str
    cmdline: tuple[str, ...]
    rss_anon_bytes: int
    rss_file_bytes: int
    rss_shmem_bytes: int
    swap_bytes: int
    unit: str = ""
    memory_group: str | None = None
    pss: Pss | None = None

    @property
    def rss_bytes(self) -> int:
        """Resident pages, shared ones counted in full."""
        return self.rss_anon_bytes + self.rss_file_bytes + self.rss_shmem_bytes


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """Memory of one cgroup, without that of groups below it.

    `mapped_bytes` is file and shared memory that processes have mapped; `kernel_bytes` what the kernel
    holds for the group, `kernel_buffers_bytes` the part of it for which /proc/meminfo has no counter (full
    pipes for instance; cgroup v2 only).
    `limit_bytes` is memory.max, `oom_kills` counts since the group was made.
    """

    path: str
    current_bytes: int
    anon_bytes: int
    mapped_bytes: int
    kernel_bytes: int | None = None
    kernel_buffers_bytes: int | None = None
    swap_bytes: int | None = None
    limit_bytes: int | None = None
    oom_kills: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A cgroup limit on the whole host (a container's) below the machine's memory.

    `used_bytes` leaves out what can be reclaimed at once (inactive file pages).
    """

    limit_bytes: int
    used_bytes: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read, and why, in a person's words."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All facts of one host at one moment.

    `kernel_bytes` is the kernel memory charged to all cgroups that the host can see, together.
    `probe_pid` is the process that read them: it and what carries it belong to memwarden.
    """

    host: str
    taken_at: datetime
    meminfo: MemInfo
    identity: Identity
    processes: tuple[ProcessMemory, ...]
    vmstat: VmStat | None = None
    pressure: Pressure | None = None
    groups: tuple[MemoryGroup, ...] = ()
    limit: Limit | None = None
    kernel_bytes: int | None = None
    probe_pid: int | None = None
    gaps: tuple[Gap, ...] = ()
    cpu: CpuTimes | None = None
