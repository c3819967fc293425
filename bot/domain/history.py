"""What is kept of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ServiceSample:
    """One service's memory at a check, in bytes, with the method by which it was found."""

    name: str
    memory_bytes: int
    method: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One check in brief. Counters (`swapped_in_bytes`, `oom_kills`, …) count since the boot `boot_id`."""

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
