"""From readings to what is so: holds both ways, separate begins and ends, flap damping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.policy import Severity


@dataclass(frozen=True, slots=True)
class Signal:
    """What one rule says of one subject of a host, over time.

    `severity` is what holds since `since`, None if it is well. `toward` is where the readings point since
    `toward_since`, as long as that has not been held long enough to count. `changes` are the moments of the
    latest changes from well to not well, for flap damping. `sentence` is what the last reading said.
    """

    rule: str
    subject: str
    cause: str
    severity: Severity | None
    since: datetime
    sentence: str
    toward: Severity | None = None
    toward_since: datetime | None = None
    changes: tuple[datetime, ...] = ()
