"""OOM kills: who died, and who was largest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill by the kernel's OOM killer, as far as it can be known.

    `victim` and `largest` are names a process gave itself, or empty; `victim_bytes` what the victim held,
    `largest_bytes` the largest process at the last check before. `unit` is the unit it died in, or empty.
    `source` says how it was found out: the kernel's log, or the counters and who is gone.
    """

    victim: str = ""
    pid: int | None = None
    victim_bytes: int | None = None
    unit: str = ""
    largest: str = ""
    largest_bytes: int | None = None
    source: str = ""
