"""Who did what, when, where, and what came of it: lines that can only be added to, chained by their hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

BEGINNING = "0" * 64
"""What stands in place of a hash before the first line."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit.

    `who` is a person as the roster writes one (`slack:U01`), `memwarden` or `signal`; `name` what that person is
    called there. `what` they asked for or what was done, and `result`, what came of it, are in words; `host`
    is where, `plan` the number of the approval it belongs to.
    """

    at: datetime
    who: str
    what: str
    result: str
    host: str = ""
    plan: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line where it stands: its number (from 1, without gaps), its hash and that of the line before."""

    number: int
    entry: AuditEntry
    previous: str
    hash: str


def link_hash(number: int, entry: AuditEntry, previous: str) -> str:
    """Return the SHA-256, in hex, of a line and of the hash of the line before it.

    What is hashed is the UTF-8 JSON of the list [number, previous, at, who, name, what, host, plan, result]
    without blanks, all but ASCII escaped; `at` is in UTC with microseconds. Anybody can compute it again.
    """
    at = entry.at.isoformat(timespec="microseconds")
    line = [number, previous, at, entry.who, entry.name, entry.what, entry.host, entry.plan, entry.result]
    return hashlib.sha256(json.dumps(line, separators=(",", ":")).encode("ascii")).hexdigest()
