"""The outbox of the store in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from bot.outbox import Backlog, Entry, GivenUp, Outgoing, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.domain.policy import Severity
    from bot.domain.route import Destination

Thread = tuple["Destination", str]
"""A card at a destination."""


@dataclass(frozen=True)
class Waiting:
    """An entry that was not said yet, as far as we know."""

    id: int
    outgoing: Outgoing
    claimed_by: int | None = None
    attempts: int = 0
    first_tried_at: datetime | None = None
    in_doubt: bool = False

    @property
    def thread(self) -> Thread:
        return self.outgoing.destination, self.outgoing.card

    @property
    def is_replaceable(self) -> bool:
        return self.outgoing.part is Part.CARD and self.claimed_by is None and not self.in_doubt


@dataclass
class Outbox:
    """What waits, where cards are shown, where nothing is said for a while, what was given up."""

    waiting: dict[int, Waiting] = field(default_factory=dict)
    shown: dict[Thread, tuple[str | None, datetime]] = field(default_factory=dict)
    pauses: dict[Destination, tuple[datetime, str]] = field(default_factory=dict)
    given_up: tuple[GivenUp, ...] = ()
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def copy(self) -> Outbox:
        return replace(self, waiting=dict(self.waiting), shown=dict(self.shown), pauses=dict(self.pauses))

    def enqueue(self, outgoing: Outgoing) -> None:
        if outgoing.part is Part.CARD:
            thread = outgoing.destination, outgoing.card
            for old in self.waiting.values():
                if old.thread == thread and old.is_replaceable:
                    self.waiting[old.id] = replace(old, outgoing=replacing(old.outgoing, outgoing))
                    return
        number = next(self.ids)
        self.waiting[number] = Waiting(number, outgoing)

    def withdraw(self, card: str) -> bool:
        mine = [entry for entry in self.waiting.values() if entry.outgoing.card == card]
        if any(name == card for _, name in self.shown) or any(
            entry.claimed_by is not None or entry.in_doubt for entry in mine
        ):
            return False
        for entry in mine:
            del self.waiting[entry.id]
        return True

    def backlog(self) -> tuple[Backlog, ...]:
        return tuple(
            self._backlog(place, [w for w in self.waiting.values() if w.outgoing.destination == place])
            for place in sorted({w.outgoing.destination for w in self.waiting.values()})
        )

    def claim(self, destination: Destination, now: datetime, process: int) -> Entry | None:
        if destination in self.pauses and self.pauses[destination][0] > now:
            return None
        here = [w for w in self.waiting.values() if w.outgoing.destination == destination]
        if any(w.claimed_by == process for w in here):
            return None
        due = [queue for queue in _queues(here) if _due_at(queue) <= now]
        if not due:
            return None
        head = min((self._rank(queue) for queue in due), key=lambda rank: rank[:3])[3]
        claimed = replace(
            head,
            claimed_by=process,
            attempts=head.attempts + 1,
            first_tried_at=head.first_tried_at or now,
            in_doubt=head.in_doubt or head.claimed_by is not None,
        )
        self.waiting[head.id] = claimed
        return self._entry(claimed, claimed.first_tried_at or now)

    def said(self, entry: Entry, ref: str, at: datetime) -> None:
        if self.waiting.pop(entry.id, None) is None:
            return
        known, _ = self.shown.get(_thread(entry), (None, at))
        self.shown[_thread(entry)] = (ref if entry.outgoing.part is Part.CARD else known), at
        self.pauses.pop(entry.outgoing.destination, None)

    def postpone(self, entry: Entry, until: datetime, reason: str, *, in_doubt: bool) -> None:
        known = self.waiting.get(entry.id)
        if known is None:
            return
        self.pauses[entry.outgoing.destination] = until, reason
        freed = replace(known, claimed_by=None, in_doubt=known.in_doubt or in_doubt)
        self.waiting[entry.id] = freed
        newer = [w for w in self.waiting.values() if w.id > freed.id and w.thread == freed.thread]
        for later in newer:
            if freed.is_replaceable and later.is_replaceable:
                del self.waiting[later.id]
                self.enqueue(later.outgoing)

    def card_is_gone(self, entry: Entry) -> None:
        _, at = self.shown.get(_thread(entry), (None, None))
        if at is not None:
            self.shown[_thread(entry)] = None, at
        known = self.waiting.get(entry.id)
        if known is not None:
            self.waiting[entry.id] = Waiting(known.id, known.outgoing)

    def give_up(self, entry: Entry, at: datetime, reason: str) -> None:
        known = self.waiting.pop(entry.id, None)
        if known is None:
            return
        self.given_up = (*self.given_up, GivenUp(known.outgoing, at, reason))
        if known.in_doubt:
            self.shown.setdefault(_thread(entry), (None, at))
        self.pauses.pop(entry.outgoing.destination, None)

    def given_up_since(self, since: datetime) -> tuple[GivenUp, ...]:
        return tuple(sorted((g for g in self.given_up if g.at >= since), key=lambda g: g.at))

    def forget(self, before: datetime) -> None:
        self.given_up = tuple(g for g in self.given_up if g.at >= before)
        self.shown = {thread: shown for thread, shown in self.shown.items() if shown[1] >= before}

    def _backlog(self, destination: Destination, entries: list[Waiting]) -> Backlog:
        due_at = min(map(_due_at, _queues(entries)))
        paused_until, trouble = self.pauses.get(destination, (due_at, ""))
        oldest_at = min(w.outgoing.occurred_at for w in entries)
        return Backlog(destination, len(entries), oldest_at, max(due_at, paused_until), trouble)

    def _rank(self, queue: list[Waiting]) -> tuple[Severity | int, datetime, int, Waiting]:
        head = self._head(queue)
        return -max(w.outgoing.severity for w in queue), head.outgoing.occurred_at, head.id, head

    def _head(self, queue: list[Waiting]) -> Waiting:
        if self._ref(queue[0].thread) is None:
            return next((w for w in queue if w.outgoing.part is Part.CARD), queue[0])
        return queue[0]

    def _ref(self, thread: Thread) -> str | None:
        return self.shown[thread][0] if thread in self.shown else None

    def _entry(self, claimed: Waiting, first_tried_at: datetime) -> Entry:
        return Entry(
            id=claimed.id,
            key=f"mw-{claimed.id}",
            outgoing=claimed.outgoing,
            ref=self._ref(claimed.thread),
            attempts=claimed.attempts,
            doubtful=claimed.in_doubt,
            first_tried_at=first_tried_at,
        )


def replacing(old: Outgoing, new: Outgoing) -> Outgoing:
    """Return a card's new look in the place of its old one, which nobody saw."""
    return replace(
        new,
        severity=max(old.severity, new.severity),
        occurred_at=old.occurred_at,
        not_before=min(old.not_before, new.not_before),
        mentions=tuple(dict.fromkeys((*old.mentions, *new.mentions))),
    )


def _thread(entry: Entry) -> Thread:
    return entry.outgoing.destination, entry.outgoing.card


def _queues(entries: Iterable[Waiting]) -> list[list[Waiting]]:
    queues: dict[Thread, list[Waiting]] = {}
    for entry in sorted(entries, key=lambda w: w.id):
        queues.setdefault(entry.thread, []).append(entry)
    return list(queues.values())


def _due_at(queue: list[Waiting]) -> datetime:
    # What is said in order waits for what is before it: the most urgent of a card hurries all of it.
    return min(w.outgoing.not_before for w in queue)
