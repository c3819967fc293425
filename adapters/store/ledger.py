"""The Ledger port on one write transaction of a database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters.store import chain, history, numbering, outbox, records
from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from adapters.store.numbering import Numbers
    from bot.domain.approval import Approval
    from bot.domain.audit import AuditEntry, Link
    from bot.domain.event import Event
    from bot.domain.history import Sample
    from bot.domain.host_state import HostState
    from bot.domain.incident import Incident
    from bot.domain.silence import Silence
    from bot.outbox import Outgoing


@contextmanager
def reading_clearly(name: str, what: str) -> Iterator[None]:
    """Say that `what` in the database called `name` is damaged, where a value in it cannot be read."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, OverflowError, LookupError) as error:
        # SQLite keeps values of any type in any column, and a damaged one may be of another.
        raise StoreError(
            f"The database {name} is damaged, {what} is unreadable;"
            " restore it from a backup, or move it away and memwarden starts a new one."
        ) from error


class SqlLedger:
    """Reads and writes within a transaction. Everything raises StoreError."""

    def __init__(self, connection: Connection, name: str, numbers: Mapping[str, Numbers]) -> None:
        self._connection = connection
        self._name = name
        self._known = numbers
        self.numbered: dict[str, Numbers] = {}
        """The hosts' numbers that were read or given out here: known to all once this is kept."""

    def state(self, host: str) -> HostState | None:
        """Return what was kept of a host."""
        with reading_clearly(self._name, f"the state of {host}"):
            return records.state(self._connection, host)

    def states(self) -> tuple[HostState, ...]:
        """Return what was kept of all hosts, by name."""
        with reading_clearly(self._name, "the state of a host"):
            return records.states(self._connection)

    def incident(self, number: int) -> Incident | None:
        """Return an incident."""
        with reading_clearly(self._name, f"incident {number}"):
            return records.incident_of(self._connection, number)

    def open_incidents(self, host: str | None = None) -> tuple[Incident, ...]:
        """Return all that are not over, of one host or (None) of all and of the fleet, by number."""
        with reading_clearly(self._name, "an incident"):
            return records.open_incidents(self._connection, host)

    def incidents_since(self, at: datetime, host: str | None = None) -> tuple[Incident, ...]:
        """Return all that were open at some time since then, of one host or (None) of all, by number."""
        with reading_clearly(self._name, "an incident"):
            return records.incidents_since(self._connection, at, host)

    def silences(self, at: datetime) -> tuple[Silence, ...]:
        """Return the silences in force."""
        with reading_clearly(self._name, "a silence"):
            return records.silences(self._connection, at)

    def approval(self, number: int) -> Approval | None:
        """Return an approval."""
        with reading_clearly(self._name, f"plan {number}"):
            return records.approval_of(self._connection, number)

    def open_approvals(self) -> tuple[Approval, ...]:
        """Return all that are not over, by number."""
        with reading_clearly(self._name, "a plan"):
            return records.open_approvals(self._connection)

    def done_at(self, name: str) -> datetime | None:
        """Return up to when something periodic was done."""
        with reading_clearly(self._name, f"when {name} was done last"):
            return records.done_at(self._connection, name)

    def next_number(self, of: str) -> int:
        """Return a number that no other of its kind has or will have; from 1."""
        return records.next_number(self._connection, of)

    def remember(self, sample: Sample) -> None:
        """Keep the sample exactly. Raises ValueError if `taken_at` has no time zone."""
        if sample.taken_at.utcoffset() is None:
            raise ValueError("a sample's taken_at needs a time zone")
        numbers = self.numbered.get(sample.host) or self._known.get(sample.host)
        if numbers is None or not numbers.suffice(sample):
            numbers = self.numbered[sample.host] = numbering.number(self._connection, sample)
        try:
            history.add(self._connection, sample, numbers)
        except OverflowError as error:
            raise StoreError(
                f"The check of {sample.host} was not kept, for a number in it has more than 63 bits;"
                " see what /proc/meminfo and /proc/vmstat say there."
            ) from error

    def save_state(self, state: HostState) -> None:
        """Keep what is known of a host, in place of what was."""
        records.save_state(self._connection, state)

    def save_incident(self, incident: Incident) -> None:
        """Keep an incident, in place of what was kept under its number."""
        records.save_incident(self._connection, incident)

    def save_silence(self, silence: Silence) -> None:
        """Keep a silence, in place of what was kept under its number."""
        records.save_silence(self._connection, silence)

    def save_approval(self, approval: Approval) -> None:
        """Keep an approval, in place of what was kept under its number."""
        records.save_approval(self._connection, approval)

    def mark(self, event: Event) -> None:
        """Keep an event."""
        records.add_event(self._connection, event)

    def enqueue(self, outgoing: Outgoing) -> None:
        """Have something said; a card takes the place of one that nobody began to say."""
        with reading_clearly(self._name, "something to say"):
            outbox.enqueue(self._connection, outgoing)

    def withdraw(self, card: str) -> bool:
        """Take back all of a card if nobody began to say any of it; tell whether that was so."""
        return outbox.withdraw(self._connection, card)

    def done(self, name: str, at: datetime) -> None:
        """Note up to when something periodic was done."""
        records.save_done(self._connection, name, at)

    def audit(self, entry: AuditEntry) -> Link:
        """Add a line to the audit, chained to the one before, and return it as it stands there."""
        return chain.add(self._connection, entry)
