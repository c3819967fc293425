"""Memory that lasts as long as the test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import RLock, get_ident
from typing import TYPE_CHECKING

from bot.domain.approval import KEPT_FOR
from bot.domain.audit import linked
from bot.message import key_of
from tests.fakes import outbox
from tests.fakes.thinning import brief, thinned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from bot.domain.approval import Approval
    from bot.domain.audit import AuditEntry, Link
    from bot.domain.event import Event
    from bot.domain.history import Retention, Sample
    from bot.domain.host_state import HostState
    from bot.domain.incident import Incident
    from bot.domain.route import Destination
    from bot.domain.silence import Silence
    from bot.errors import StoreError
    from bot.outbox import Backlog, Entry, GivenUp, Outgoing


@dataclass
class Memory:
    """Everything that is remembered. What is in these collections is never changed, only replaced."""

    samples: dict[str, tuple[Sample, ...]] = field(default_factory=dict)
    states: dict[str, HostState] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    silences: dict[int, Silence] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    approvals: dict[int, Approval] = field(default_factory=dict)
    audit: tuple[Link, ...] = ()
    done: dict[str, datetime] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    outbox: outbox.Outbox = field(default_factory=outbox.Outbox)

    def copy(self) -> Memory:
        return replace(
            self,
            samples=dict(self.samples),
            states=dict(self.states),
            incidents=dict(self.incidents),
            silences=dict(self.silences),
            approvals=dict(self.approvals),
            done=dict(self.done),
            numbers=dict(self.numbers),
            outbox=self.outbox.copy(),
        )


class MemoryLedger:
    """`ports.Ledger` on a copy of the memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def state(self, host: str) -> HostState | None:
        return self._memory.states.get(host)

    def states(self) -> tuple[HostState, ...]:
        return tuple(state for _, state in sorted(self._memory.states.items()))

    def incident(self, number: int) -> Incident | None:
        return self._memory.incidents.get(number)

    def open_incidents(self, host: str | None = None) -> tuple[Incident, ...]:
        return tuple(i for i in _by_number(self._memory) if i.is_open and host in {None, i.host})

    def incidents_since(self, at: datetime, host: str | None = None) -> tuple[Incident, ...]:
        return tuple(
            i
            for i in _by_number(self._memory)
            if host in {None, i.host} and (i.is_open or (i.resolved_at or i.changed_at) >= at)
        )

    def silences(self, at: datetime) -> tuple[Silence, ...]:
        return tuple(silence for _, silence in sorted(self._memory.silences.items()) if silence.holds(at))

    def approval(self, number: int) -> Approval | None:
        return self._memory.approvals.get(number)

    def open_approvals(self) -> tuple[Approval, ...]:
        return tuple(a for _, a in sorted(self._memory.approvals.items()) if a.is_open)

    def done_at(self, name: str) -> datetime | None:
        return self._memory.done.get(name)

    def next_number(self, of: str) -> int:
        number = self._memory.numbers.get(of, 0) + 1
        self._memory.numbers[of] = number
        return number

    def remember(self, sample: Sample) -> None:
        if sample.taken_at.utcoffset() is None:
            raise ValueError("a sample's taken_at needs a time zone")
        # Nearly always the newest: then sorting is no more than looking.
        kept = (*self._memory.samples.get(sample.host, ()), sample)
        self._memory.samples[sample.host] = tuple(sorted(kept, key=lambda s: s.taken_at))

    def save_state(self, state: HostState) -> None:
        self._memory.states[state.host] = state

    def save_incident(self, incident: Incident) -> None:
        self._memory.incidents[incident.id] = incident

    def save_silence(self, silence: Silence) -> None:
        self._memory.silences[silence.id] = silence

    def save_approval(self, approval: Approval) -> None:
        self._memory.approvals[approval.number] = approval

    def mark(self, event: Event) -> None:
        self._memory.events = (*self._memory.events, event)

    def enqueue(self, outgoing: Outgoing) -> None:
        self._memory.outbox.enqueue(outgoing)

    def withdraw(self, card: str) -> bool:
        return self._memory.outbox.withdraw(card)

    def done(self, name: str, at: datetime) -> None:
        self._memory.done[name] = at

    def audit(self, entry: AuditEntry) -> Link:
        before = self._memory.audit
        link = linked(entry, before[-1].number, before[-1].hash) if before else linked(entry)
        self._memory.audit = (*before, link)
        return link


@dataclass
class _Place:
    """What a database file is: what was kept, and whose turn it is to write."""

    memory: Memory = field(default_factory=Memory)
    words: dict[str, str] = field(default_factory=dict)
    turn: RLock = field(default_factory=RLock)
    writer: int | None = None
    processes: int = 0


class MemoryStore:
    """`Ports.store` without a database."""

    def __init__(self, place: _Place | None = None) -> None:
        self._place = place or _Place()
        self._place.processes += 1
        self._process = self._place.processes
        self._error: StoreError | None = None

    def restarted(self) -> MemoryStore:
        """Return what another process finds, after this one ended without a word."""
        return MemoryStore(self._place)

    def fails(self, error: StoreError | None) -> None:
        """From now on nothing can be kept or read; with None it can again."""
        self._error = error

    @contextmanager
    def changing(self) -> Iterator[MemoryLedger]:
        with self._writing() as memory:
            yield MemoryLedger(memory)

    def remember(self, sample: Sample) -> None:
        with self.changing() as ledger:
            ledger.remember(sample)

    def latest(self, host: str) -> Sample | None:
        samples = self._memory().samples.get(host, ())
        return samples[-1] if samples else None

    def samples(
        self, host: str, since: datetime, until: datetime, *, services_every: timedelta | None = None
    ) -> tuple[Sample, ...]:
        found = tuple(s for s in self._memory().samples.get(host, ()) if since <= s.taken_at < until)
        return found if services_every is None else brief(found, since, services_every)

    def events(self, host: str | None, since: datetime, until: datetime) -> tuple[Event, ...]:
        found = [e for e in self._memory().events if host in {None, e.host} and since <= e.at < until]
        return tuple(sorted(found, key=lambda event: event.at))

    def state(self, host: str) -> HostState | None:
        return MemoryLedger(self._memory()).state(host)

    def incident(self, number: int) -> Incident | None:
        return MemoryLedger(self._memory()).incident(number)

    def incidents(self, since: datetime | None = None) -> tuple[Incident, ...]:
        ledger = MemoryLedger(self._memory())
        return ledger.open_incidents() if since is None else ledger.incidents_since(since)

    def silences(self, at: datetime) -> tuple[Silence, ...]:
        return MemoryLedger(self._memory()).silences(at)

    def backlog(self) -> tuple[Backlog, ...]:
        return self._memory().outbox.backlog()

    def claim(self, destination: Destination, now: datetime) -> Entry | None:
        with self._writing() as memory:
            return memory.outbox.claim(destination, now, self._process)

    def said(self, entry: Entry, ref: str, at: datetime) -> None:
        with self._writing() as memory:
            memory.outbox.said(entry, ref, at)

    def postpone(self, entry: Entry, until: datetime, reason: str, *, in_doubt: bool) -> None:
        with self._writing() as memory:
            memory.outbox.postpone(entry, until, reason, in_doubt=in_doubt)

    def card_is_gone(self, entry: Entry) -> None:
        with self._writing() as memory:
            memory.outbox.card_is_gone(entry)

    def give_up(self, entry: Entry, at: datetime, reason: str) -> None:
        with self._writing() as memory:
            memory.outbox.give_up(entry, at, reason)

    def given_up(self, since: datetime) -> tuple[GivenUp, ...]:
        return self._memory().outbox.given_up_since(since)

    def done_at(self, name: str) -> datetime | None:
        return self._memory().done.get(name)

    def approval(self, number: int) -> Approval | None:
        return self._memory().approvals.get(number)

    def approvals(self, since: datetime) -> tuple[Approval, ...]:
        found = sorted(self._memory().approvals.items())
        return tuple(a for _, a in found if a.is_open or a.changed_at >= since)

    def audited(self, most: int) -> tuple[Link, ...]:
        return self._memory().audit[::-1][:most]

    def audited_from(self, number: int, most: int) -> tuple[Link, ...]:
        return self._memory().audit[max(number - 1, 0) :][:most]

    def thin(self, now: datetime, keep: Retention, *, most_hosts: int) -> bool:
        with self._writing() as memory:
            _forget(memory, now - keep.hourly)
            over = now - KEPT_FOR
            memory.approvals = {
                n: a for n, a in memory.approvals.items() if a.is_open or a.changed_at >= over
            }
            work = {host: thinned(samples, now, keep) for host, samples in memory.samples.items()}
            changed = [host for host, samples in sorted(work.items()) if samples != memory.samples[host]]
            memory.samples |= {host: work[host] for host in changed[:most_hosts]}
        return len(changed) > most_hosts

    def keep_words(self, words: str) -> str:
        self._raise()
        key = key_of(words)
        self._place.words[key] = words
        return key

    def kept_words(self, key: str) -> str | None:
        self._raise()
        return self._place.words.get(key)

    @contextmanager
    def _writing(self) -> Iterator[Memory]:
        self._raise()
        if self._place.writer == get_ident():
            raise RuntimeError("a transaction within a transaction of the same thread")
        with self._place.turn:
            self._place.writer = get_ident()
            try:
                memory = self._place.memory.copy()
                yield memory
                self._raise()
                self._place.memory = memory
            finally:
                self._place.writer = None

    def _memory(self) -> Memory:
        self._raise()
        return self._place.memory

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error


def _by_number(memory: Memory) -> list[Incident]:
    return [incident for _, incident in sorted(memory.incidents.items())]


def _forget(memory: Memory, before: datetime) -> None:
    memory.events = tuple(e for e in memory.events if e.at >= before)
    memory.states = {host: s for host, s in memory.states.items() if s.checked_at >= before}
    memory.silences = {n: s for n, s in memory.silences.items() if s.ends_at >= before}
    memory.incidents = {
        n: i for n, i in memory.incidents.items() if i.is_open or (i.resolved_at or i.changed_at) >= before
    }
    memory.outbox.forget(before)
