"""The least and the most memory available over a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.check import Checked

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.check import Failed


@dataclass(frozen=True, slots=True)
class Extremes:
    """What was seen since `begun_at`: bytes available at the least and at the most, and when that was.

    `looks` were made in all, of which the host did not answer `missed`.
    """

    begun_at: datetime
    looks: int = 0
    missed: int = 0
    least: tuple[int, datetime] | None = None
    most: tuple[int, datetime] | None = None

    def with_look(self, outcome: Checked | Failed) -> Extremes:
        """Return the same after one more look."""
        if not isinstance(outcome, Checked):
            return replace(self, looks=self.looks + 1, missed=self.missed + 1)
        available = outcome.assessment.available_bytes
        if available is None:
            return replace(self, looks=self.looks + 1)
        seen = (available, outcome.snapshot.taken_at)
        return replace(
            self,
            looks=self.looks + 1,
            least=seen if self.least is None or available < self.least[0] else self.least,
            most=seen if self.most is None or available > self.most[0] else self.most,
        )
