"""A chat platform that is not heard any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a platform was deaf: what people wrote there reached nobody.

    `since` is when it was last heard; `until` is None while it lasts. `reason` is what the platform's
    library said last, safe to show, or empty. `ended` is true where nobody tries any more: then `reason` is
    the sentence that says why, and what to do.
    """

    platform: str
    since: datetime
    until: datetime | None = None
    reason: str = ""
    ended: bool = False
