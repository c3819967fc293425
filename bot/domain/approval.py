"""A plan somebody asked for, from the question to the proof that it helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.plan import Plan
    from bot.domain.route import Destination


class Phase(StrEnum):
    """Where an approval is.

    ASKED waits for people, APPROVED for whoever executes, RUNNING is under way, WATCHED was done and is
    looked after for a while. All others are ends: VERIFIED helped and stayed so; NOT_HELPED was done, but is
    not what it should be; FAILED stopped at a step; INTERRUPTED was cut off, and the host was looked at
    since; UNDONE was taken back by another approval.
    """

    ASKED = "asked"
    APPROVED = "approved"
    RUNNING = "running"
    WATCHED = "watched"
    VERIFIED = "verified"
    NOT_HELPED = "not helped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DENIED = "denied"
    EXPIRED = "expired"
    CHANGED = "changed"
    UNDONE = "undone"


KEPT_FOR = timedelta(days=730)
"""An approval that is over for longer is forgotten; what the audit says of it stays."""

_OPEN = frozenset({Phase.ASKED, Phase.APPROVED, Phase.RUNNING, Phase.WATCHED})
_UNDOABLE = frozenset({Phase.WATCHED, Phase.VERIFIED, Phase.NOT_HELPED, Phase.FAILED, Phase.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Who:
    """A person as an approval remembers one: the roster's entry (`slack:U01`) and the name to show.

    `groups` are the roster's entries for groups this person was in then (`Person.groups`).
    """

    entry: str
    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """What it takes to approve: how many people, whether the asker may be one, and after what delay.

    `typed` tells that a click is not enough: the code has to be typed (solo mode).
    """

    quorum: int = 1
    others_only: bool = True
    typed: bool = False
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Vote:
    """Somebody said yes."""

    by: Who
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was begun; `ended_at` is None as long as nobody knows what came of it.

    `status` is the command's exit status, `note` what went wrong or is worth saying.
    """

    began_at: datetime
    ended_at: datetime | None = None
    status: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """The host and the service before and after: MemAvailable, and what the service's processes held."""

    available_before_bytes: int | None
    available_after_bytes: int | None
    service_before_bytes: int | None
    service_after_bytes: int | None

    @property
    def freed_bytes(self) -> int | None:
        """By how much more memory is available than before; negative where it is less."""
        if self.available_before_bytes is None or self.available_after_bytes is None:
            return None
        return self.available_after_bytes - self.available_before_bytes


@dataclass(frozen=True, slots=True)
class Approval:
    """One plan and what became of it. `number` and `code` name it: `approve 42 k7f3`.

    `changed_at` is when its phase last changed. `undoes` is the number of the approval it takes back,
    `undone_by` that of the one that took this back. `incident` is the one it was asked for. `steps` has one
    entry for each step that was begun; what `measured` has of before was measured just before the first.
    `verdict` says in words how it ended or stands; `watch_until` is how long it is looked after. `untouched`
    tells that it ended with its service found as it was before, `ill_before` what was wrong with its health
    before anything was done. `audited` is the newest line about it in the
    audit (`audit.Link.head`).
    """

    number: int
    code: str
    plan: Plan
    needs: Needs
    asked_by: Who
    asked_at: datetime
    expires_at: datetime
    phase: Phase
    changed_at: datetime
    destinations: tuple[Destination, ...] = ()
    incident: int | None = None
    undoes: int | None = None
    undone_by: int | None = None
    votes: tuple[Vote, ...] = ()
    denied_by: Who | None = None
    approved_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    steps: tuple[Done, ...] = ()
    measured: Measured | None = None
    watch_until: datetime | None = None
    verdict: str = ""
    untouched: bool = False
    ill_before: str = ""
    audited: str = ""

    @property
    def is_open(self) -> bool:
        """Whether anything may still be done or said about it by itself."""
        return self.phase in _OPEN

    @property
    def can_be_undone(self) -> bool:
        """Whether something was done that has a way back which nobody went yet."""
        return bool(self.plan.undo) and self.phase in _UNDOABLE and self.undone_by is None

    @property
    def card(self) -> str:
        """The name of its card in the outbox."""
        return f"plan {self.number}"
