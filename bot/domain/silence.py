"""Silences: what nobody wants to hear of for a while. Checks go on and are recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is announced of what it covers, from `begins_at` until `ends_at` or until somebody lifts it.

    It covers one host, all hosts with a tag, or one rule; what is empty is not asked for, and what is given
    must all be so. `owner` is the name of who asked for it.
    """

    id: int
    host: str
    tag: str
    rule: str
    reason: str
    owner: str
    begins_at: datetime
    ends_at: datetime
    lifted_at: datetime | None = None
    lifted_by: str = ""

    def holds(self, at: datetime) -> bool:
        """Tell whether it is in force."""
        return self.lifted_at is None and self.begins_at <= at < self.ends_at

    def covers(self, host: str, tags: Collection[str], rule: str) -> bool:
        """Tell whether it is about this rule on this host."""
        return (
            (not self.host or self.host == host)
            and (not self.tag or self.tag in tags)
            and (not self.rule or self.rule == rule)
        )
