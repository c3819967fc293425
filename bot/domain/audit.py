"""Who did what to memwarden itself, when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit.

    `who` is a person as the roster writes one (`slack:U01`), or `signal`; `what` they asked for and `result`,
    what came of it, are in words.
    """

    at: datetime
    who: str
    what: str
    result: str
