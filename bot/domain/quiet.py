"""Quiet hours: by the clock on the wall, across midnight and on days that have 23 or 25 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import time, tzinfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins` until `ends` each day, as clocks in `zone` show it; equal ones are no hours at all."""

    begins: time
    ends: time
    zone: tzinfo

    def holds(self, at: datetime) -> bool:
        """Tell whether it is quiet."""
        shown = at.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= shown < self.ends
        return shown >= self.begins or shown < self.ends

    def end(self, at: datetime) -> datetime:
        """Return when the quiet that holds then ends."""
        today = at.astimezone(self.zone).date()
        # Where clocks are set back, a time comes twice, and the later may be the one.
        moments = (
            datetime.combine(today + timedelta(days=days), self.ends.replace(fold=fold), self.zone)
            for days in (0, 1)
            for fold in (0, 1)
        )
        return next(moment.astimezone(UTC) for moment in moments if moment.astimezone(UTC) > at)
