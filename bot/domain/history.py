"""What is kept of a check, and what two checks tell together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.attribution import Service
    from bot.domain.memory import Snapshot


_RECENT_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Retention:
    """How long samples are kept: all of them, then the worst of each 5 minutes, then the worst of each hour.

    The worst is the one with the least memory available: a thinned history never looks better than it was.
    """

    full: timedelta = timedelta(days=7)
    five_minutes: timedelta = timedelta(days=30)
    hourly: timedelta = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class ServiceSample:
    """One service's memory at a check, in bytes, with the method by which it was found."""

    name: str
    memory_bytes: int
    method: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One check in brief. Counters (`swapped_in_bytes`, `oom_kills`, …) count since the boot `boot_id`.

    `cpu_system_s` is the time all CPUs spent in the kernel, `cpu_total_s` the time they had, in seconds.
    """

    host: str
    taken_at: datetime
    boot_id: str
    mem_total_bytes: int
    mem_available_bytes: int | None
    mem_free_bytes: int
    swap_total_bytes: int
    swap_used_bytes: int
    swapped_in_bytes: int | None
    swapped_out_bytes: int | None
    major_faults: int | None
    oom_kills: int | None
    pressure_some_avg10: float | None
    pressure_full_avg10: float | None
    services: tuple[ServiceSample, ...]
    cpu_system_s: float | None = None
    cpu_total_s: float | None = None


def sample(snapshot: Snapshot, services: Sequence[Service]) -> Sample:
    """Return a check in brief."""
    meminfo, vmstat, pressure, cpu = snapshot.meminfo, snapshot.vmstat, snapshot.pressure, snapshot.cpu
    return Sample(
        host=snapshot.host,
        taken_at=snapshot.taken_at,
        boot_id=snapshot.identity.boot_id,
        mem_total_bytes=meminfo.total_bytes,
        mem_available_bytes=meminfo.available_bytes,
        mem_free_bytes=meminfo.free_bytes,
        swap_total_bytes=meminfo.swap_total_bytes,
        swap_used_bytes=meminfo.swap_used_bytes,
        swapped_in_bytes=vmstat.swapped_in_bytes if vmstat else None,
        swapped_out_bytes=vmstat.swapped_out_bytes if vmstat else None,
        major_faults=vmstat.major_faults if vmstat else None,
        oom_kills=vmstat.oom_kills if vmstat else None,
        pressure_some_avg10=pressure.some_avg10 if pressure else None,
        pressure_full_avg10=pressure.full_avg10 if pressure else None,
        services=tuple(ServiceSample(s.name, s.memory_bytes, s.method) for s in services),
        cpu_system_s=cpu.system_s if cpu else None,
        cpu_total_s=cpu.total_s if cpu else None,
    )


def swap_in_bytes_per_s(before: Sample, now: Sample) -> float | None:
    """Return how fast swap was read back between two checks.

    None across a reboot, without counters, and where the checks are too far apart to tell of now.
    """
    seconds = (now.taken_at - before.taken_at).total_seconds()
    if before.boot_id != now.boot_id or not 0 < seconds <= _RECENT_S:
        return None
    if before.swapped_in_bytes is None or now.swapped_in_bytes is None:
        return None
    return max(0, now.swapped_in_bytes - before.swapped_in_bytes) / seconds
