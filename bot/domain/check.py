"""What a look at a host came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.attribution import Service
    from bot.domain.breakdown import Breakdown
    from bot.domain.memory import Snapshot
    from bot.domain.policy import Assessment
    from bot.errors import HostError


@dataclass(frozen=True, slots=True)
class Checked:
    """A host that answered.

    `swap_in_bytes_per_s` is measured since the check before; None where there is none to compare with.
    `not_remembered` says why the store could not keep it, empty where it did.
    """

    snapshot: Snapshot
    services: tuple[Service, ...]
    breakdown: Breakdown
    assessment: Assessment
    swap_in_bytes_per_s: float | None = None
    not_remembered: str = ""

    @property
    def host(self) -> str:
        """The host's name."""
        return self.snapshot.host


@dataclass(frozen=True, slots=True)
class Failed:
    """A host that did not: why, and when we knew."""

    host: str
    error: HostError
    at: datetime
