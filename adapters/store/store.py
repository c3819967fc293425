"""The Store port on a database."""

from __future__ import annotations

from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

from adapters.store import chain, history, outbox, records, thinning
from adapters.store.engine import open_database
from adapters.store.ledger import SqlLedger, reading_clearly
from adapters.store.schema import bring_up_to_date
from bot.message import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, RowMapping

    from adapters.store.engine import Database
    from adapters.store.numbering import Numbers
    from bot.domain.approval import Approval
    from bot.domain.audit import Link
    from bot.domain.event import Event
    from bot.domain.history import Retention, Sample
    from bot.domain.host_state import HostState
    from bot.domain.incident import Incident
    from bot.domain.route import Destination
    from bot.domain.silence import Silence
    from bot.outbox import Backlog, Entry, GivenUp


def open_store(place: str, *, busy_timeout_s: float = 5) -> SqlStore:
    """Open what is remembered in the file at a path; makes and migrates what is missing.

    `busy_timeout_s` is how long a write, here and later, waits while other threads and processes write.
    Raises StoreError, whose sentence names the place and the remedy.
    """
    database = open_database(place, busy_timeout_s=busy_timeout_s)
    try:
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)


class SqlStore:
    """Remembers in a database; many threads and processes may use it at once. All raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: dict[str, Numbers] = {}
        # A claim of another process is one that nobody will ever tell the end of.
        self._process = token_hex(16)

    @contextmanager
    def changing(self) -> Iterator[SqlLedger]:
        """Begin a transaction, when those of others have ended; what raises within it undoes it.

        Raises RuntimeError within a transaction of the same thread.
        """
        with self._database.writing() as connection:
            ledger = SqlLedger(connection, self._database.name, self._numbers)
            yield ledger
        self._numbers.update(ledger.numbered)

    def remember(self, sample: Sample) -> None:
        """Keep the sample exactly, or not at all. Raises ValueError if `taken_at` has no time zone."""
        with self.changing() as ledger:
            ledger.remember(sample)

    def latest(self, host: str) -> Sample | None:
        """Return the host's newest sample; of several at one moment, the last remembered."""
        with self._reading(f"the newest sample of {host}") as connection:
            found = history.newest(connection, host)
            return found.samples()[-1] if found else None

    def samples(
        self, host: str, since: datetime, until: datetime, *, services_every: timedelta | None = None
    ) -> tuple[Sample, ...]:
        """Return the host's samples that are kept from `since` up to before `until`, oldest first.

        With `services_every` only the worst of each such span from `since` on has its services, and the
        first and the last.
        """
        with self._clearly(f"the history of {host}"):
            with self._database.reading() as connection:
                found = history.between(connection, host, since, until)
            return found.samples(history.Wanted(since, until, services_every)) if found else ()

    def events(self, host: str | None, since: datetime, until: datetime) -> tuple[Event, ...]:
        """Return the events of a host, or of all, from `since` up to before `until`, oldest first."""
        with self._reading("an event") as connection:
            return records.events(connection, host, since, until)

    def state(self, host: str) -> HostState | None:
        """Return what was kept of a host."""
        with self._reading(f"the state of {host}") as connection:
            return records.state(connection, host)

    def incident(self, number: int) -> Incident | None:
        """Return an incident."""
        with self._reading(f"incident {number}") as connection:
            return records.incident_of(connection, number)

    def incidents(self, since: datetime | None = None) -> tuple[Incident, ...]:
        """Return those that are open, or (given `since`) were at some time since then, by number."""
        with self._reading("an incident") as connection:
            if since is None:
                return records.open_incidents(connection, None)
            return records.incidents_since(connection, since)

    def silences(self, at: datetime) -> tuple[Silence, ...]:
        """Return the silences in force."""
        with self._reading("a silence") as connection:
            return records.silences(connection, at)

    def backlog(self) -> tuple[Backlog, ...]:
        """Return what waits to be said, by destination."""
        with self._reading("something to say") as connection:
            return outbox.backlog(connection)

    def claim(self, destination: Destination, now: datetime) -> Entry | None:
        """Claim what is to be said next there, if anything is due: from then on it may have been said."""
        with self._reading("something to say") as connection:
            # Mostly nothing is to be said: nobody has to wait for that.
            if outbox.next_due(connection, destination, now, self._process) is None:
                return None
        with self._clearly("something to say"), self._database.writing() as connection:
            number = outbox.next_due(connection, destination, now, self._process)
            return None if number is None else outbox.claim(connection, number, now, self._process)

    def said(self, entry: Entry, ref: str, at: datetime) -> None:
        """Note that an entry was said, and where the platform shows its card."""
        with self._database.writing() as connection:
            outbox.said(connection, entry, ref, at)

    def postpone(self, entry: Entry, until: datetime, reason: str, *, in_doubt: bool) -> None:
        """Note that an entry was not said, or may not have been; nothing is said there before `until`."""
        with self._clearly("something to say"), self._database.writing() as connection:
            outbox.postpone(connection, entry, until, reason, in_doubt=in_doubt)

    def card_is_gone(self, entry: Entry) -> None:
        """Forget where an entry's card is shown, and that the entry was tried: it will be posted anew."""
        with self._database.writing() as connection:
            outbox.card_is_gone(connection, entry)

    def give_up(self, entry: Entry, at: datetime, reason: str) -> None:
        """Note that an entry will never be said."""
        with self._database.writing() as connection:
            outbox.give_up(connection, entry, at, reason)

    def given_up(self, since: datetime) -> tuple[GivenUp, ...]:
        """Return what was given up since then, oldest first."""
        with self._reading("something that was given up") as connection:
            return outbox.given_up_since(connection, since)

    def done_at(self, name: str) -> datetime | None:
        """Return up to when something periodic was done."""
        with self._reading(f"when {name} was done last") as connection:
            return records.done_at(connection, name)

    def approval(self, number: int) -> Approval | None:
        """Return an approval."""
        with self._reading(f"plan {number}") as connection:
            return records.approval_of(connection, number)

    def approvals(self, since: datetime) -> tuple[Approval, ...]:
        """Return those that are not over, and those whose phase last changed since then, by number."""
        with self._reading("a plan") as connection:
            return records.approvals(connection, since)

    def audited(self, most: int) -> tuple[Link, ...]:
        """Return the newest lines of the audit, newest first."""
        with self._database.reading() as connection:
            return self._links(chain.newest(connection, most))

    def audited_from(self, number: int, most: int) -> tuple[Link, ...]:
        """Return the lines of the audit from this number on, in order."""
        with self._database.reading() as connection:
            return self._links(chain.since(connection, number, most))

    def thin(self, now: datetime, keep: Retention, *, most_hosts: int) -> bool:
        """Pack and thin old samples and forget what is too old, of some hosts; tell whether more is to do."""
        cuts = thinning.cuts(now, keep)
        with self._reading("when a sample was taken") as connection:
            hosts = thinning.hosts_with_work(connection, cuts)
        for host in hosts[:most_hosts]:
            with self._clearly(f"the history of {host}"):
                thinning.thin_host(self._database, host, cuts)
        with self._database.writing() as connection:
            more = records.forget(connection, now, keep)
        with self._database.reading() as connection:
            return more or bool(thinning.hosts_with_work(connection, cuts))

    def keep_words(self, words: str) -> str:
        """Keep the words of a button and return their key."""
        key = key_of(words)
        if self.kept_words(key) is None:
            with self._database.writing() as connection:
                records.save_words(connection, key, words)
        return key

    def kept_words(self, key: str) -> str | None:
        """Return the words that were kept under this key."""
        with self._reading("what a button says") as connection:
            return records.words(connection, key)

    def close(self) -> None:
        """Close the database; it opens again when it is used."""
        self._database.close()

    def _links(self, rows: Iterable[RowMapping]) -> tuple[Link, ...]:
        found = []
        for row in rows:
            with self._clearly(f"line {row['number']} of the audit"):
                found.append(chain.link_of(row))
        return tuple(found)

    def _clearly(self, what: str) -> AbstractContextManager[None]:
        return reading_clearly(self._database.name, what)

    @contextmanager
    def _reading(self, what: str) -> Iterator[Connection]:
        with self._clearly(what), self._database.reading() as connection:
            yield connection
