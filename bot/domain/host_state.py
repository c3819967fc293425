"""What is kept of a host from check to check, so that a restart of memwarden forgets nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.history import Sample
    from bot.domain.signal import Signal


@dataclass(frozen=True, slots=True)
class Start:
    """When a service's oldest process began: clock ticks since boot, and the moment that is."""

    service: str
    unit: str
    ticks: int
    at: datetime


@dataclass(frozen=True, slots=True)
class GroupKills:
    """How many OOM kills a cgroup has counted."""

    path: str
    oom_kills: int


@dataclass(frozen=True, slots=True)
class HostState:
    """A host as it was at the last check.

    `checked_at` is the last look, `answered_at` the last that was answered; `error` says why the last one was
    not, empty if it was. `oom_kills` counts since boot. `largest` names the largest process and
    `largest_bytes` its memory. `good` is the last sample while nothing was wrong. `signals` are what the
    rules found, one for each rule and subject that is not simply well.
    """

    host: str
    checked_at: datetime
    answered_at: datetime | None = None
    error: str = ""
    boot_id: str = ""
    oom_kills: int | None = None
    group_kills: tuple[GroupKills, ...] = ()
    starts: tuple[Start, ...] = ()
    largest: str = ""
    largest_bytes: int | None = None
    good: Sample | None = None
    signals: tuple[Signal, ...] = ()
