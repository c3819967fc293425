"""What is to be said, kept until it was said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.policy import Severity
    from bot.domain.route import Destination
    from bot.message import Message


class Part(StrEnum):
    """Which part of a card an entry is: the card itself, as it shall look now, or a note in its thread."""

    CARD = "card"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something to say.

    `card` names what it belongs to (`incident 12`, `digest ops 2026-03-02`): the first CARD of that name is
    posted, each later one takes its place; a NOTE goes into its thread. Entries of one card are said in
    order; of different cards of a destination the most severe first. A CARD that was not said yet is replaced
    by the next one. `occurred_at` is when it became true, `not_before` the earliest moment to say it.
    `mentions` are roster entries of who shall be notified: `slack:U01`, `discord-role:456`.
    """

    destination: Destination
    card: str
    part: Part
    message: Message
    severity: Severity
    occurred_at: datetime
    not_before: datetime
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An Outgoing that was claimed to be said now.

    `key` is the same at every try, and no other entry's. `ref` is where the platform shows the card, None as
    long as it does not. `attempts` counts from 1. `doubtful` tells that an earlier try may have arrived,
    begun not before `first_tried_at`.
    """

    id: int
    key: str
    outgoing: Outgoing
    ref: str | None
    attempts: int
    doubtful: bool
    first_tried_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for one destination: how many entries, since when, and when the next may be tried."""

    destination: Destination
    count: int
    oldest_at: datetime
    due_at: datetime
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An entry that was never said: what, where, why, and when we stopped trying."""

    outgoing: Outgoing
    at: datetime
    reason: str
