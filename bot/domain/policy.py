"""How serious a host's memory is: levels by MemAvailable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.memory import Snapshot


class Level(StrEnum):
    """How serious it is; UNKNOWN where the host does not tell what is available."""

    GOOD = "good"
    ACCEPTABLE = "acceptable"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"

    @property
    def severity(self) -> int:
        """Rank for sorting, worst highest; not knowing is as bad as critical but comes after it."""
        return (Level.GOOD, Level.ACCEPTABLE, Level.WARNING, Level.UNKNOWN, Level.CRITICAL).index(self)


class Severity(IntEnum):
    """How much a breach matters: NOTICE is worth knowing, CRITICAL worth waking somebody."""

    NOTICE = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The severity as people and the configuration write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least percent of memory available for a level; below `warning_percent` it is critical."""

    good_percent: float = 30
    acceptable_percent: float = 20
    warning_percent: float = 10

    def level(self, available_percent: float) -> Level:
        """Return the level of a percentage available."""
        if available_percent >= self.good_percent:
            return Level.GOOD
        if available_percent >= self.acceptable_percent:
            return Level.ACCEPTABLE
        return Level.WARNING if available_percent >= self.warning_percent else Level.CRITICAL


@dataclass(frozen=True, slots=True)
class Assessment:
    """A host's level and the two numbers it follows from, in bytes.

    `confined` is true where they are those of a cgroup limit on the whole host, tighter than its memory.
    """

    level: Level
    total_bytes: int
    available_bytes: int | None
    confined: bool = False

    @property
    def available_percent(self) -> float | None:
        """What is available in percent of the total."""
        return None if self.available_bytes is None else 100 * self.available_bytes / self.total_bytes


def assess(snapshot: Snapshot, thresholds: Thresholds) -> Assessment:
    """Judge a host by MemAvailable, or by its own cgroup limit where that leaves less."""
    meminfo = snapshot.meminfo
    machine = _assessment(meminfo.total_bytes, meminfo.available_bytes, thresholds, confined=False)
    limit = snapshot.limit
    if limit is None:
        return machine
    left = max(0, limit.limit_bytes - limit.used_bytes)
    own = _assessment(limit.limit_bytes, left, thresholds, confined=True)
    machine_percent, own_percent = machine.available_percent, own.available_percent
    if machine_percent is None or own_percent is None:
        return own
    return own if own_percent <= machine_percent else machine


def _assessment(total: int, available: int | None, thresholds: Thresholds, *, confined: bool) -> Assessment:
    level = Level.UNKNOWN if available is None else thresholds.level(100 * available / total)
    return Assessment(level, total, available, confined)
