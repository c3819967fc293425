"""What the core asks of the outside world; adapters provide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from bot.config import Config
    from bot.domain.approval import Approval
    from bot.domain.audit import AuditEntry, Link
    from bot.domain.event import Event
    from bot.domain.history import Retention, Sample
    from bot.domain.host_state import HostState
    from bot.domain.incident import Incident
    from bot.domain.remediation import Remediation
    from bot.domain.route import Destination
    from bot.domain.rule import Rule
    from bot.domain.service import KnownService
    from bot.domain.silence import Silence
    from bot.message import Announcement, Message, Request
    from bot.outbox import Backlog, Entry, GivenUp, Outgoing

Item = TypeVar("Item")
Result = TypeVar("Result")
Answer = Callable[["Request"], "Message"]


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended: its exit status and what it printed, as bytes."""

    status: int
    stdout: bytes
    stderr: bytes


class Shell(Protocol):
    """One host's way to run commands."""

    def run(self, argv: tuple[str, ...], *, timeout_s: float, apart: bool = False) -> Completed:
        """Run an argument vector, without input, and return what came of it.

        Words are handed to the command exactly as they are. A command must leave nothing running behind:
        what that printed later could not be told from another command's answer. One that runs `apart` shares
        its outputs with no other, before or after it.

        Raises HostError: HostUnreachable, HostKeyUnknown, HostKeyChanged, LoginRefused, CommandTimedOut.
        """
        ...


class Hosts(Protocol):
    """All configured hosts."""

    def shell(self, host: str) -> Shell:
        """Return the shell of a configured host; connects only when something runs."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class Ledger(Protocol):
    """What is remembered, within one transaction of the store: read, decide, write, all or nothing.

    Nobody else writes meanwhile, so it has to be short: no talk with a host or a chat in it.
    """

    def state(self, host: str) -> HostState | None:
        """Return what was kept of a host."""
        ...

    def states(self) -> tuple[HostState, ...]:
        """Return what was kept of all hosts, by name."""
        ...

    def incident(self, number: int) -> Incident | None:
        """Return an incident."""
        ...

    def open_incidents(self, host: str | None = None) -> tuple[Incident, ...]:
        """Return all that are not over, of one host or (None) of all and of the fleet, by number."""
        ...

    def incidents_since(self, at: datetime, host: str | None = None) -> tuple[Incident, ...]:
        """Return all that were open at some time since then, of one host or (None) of all, by number."""
        ...

    def silences(self, at: datetime) -> tuple[Silence, ...]:
        """Return the silences in force."""
        ...

    def approval(self, number: int) -> Approval | None:
        """Return an approval."""
        ...

    def open_approvals(self) -> tuple[Approval, ...]:
        """Return all that are not over (`Approval.is_open`), by number."""
        ...

    def done_at(self, name: str) -> datetime | None:
        """Return up to when something periodic was done."""
        ...

    def next_number(self, of: str) -> int:
        """Return a number that no other `incident`, `silence` or `plan` has or will have; from 1."""
        ...

    def remember(self, sample: Sample) -> None:
        """Keep the sample."""
        ...

    def save_state(self, state: HostState) -> None:
        """Keep what is known of a host, in place of what was."""
        ...

    def save_incident(self, incident: Incident) -> None:
        """Keep an incident, in place of what was kept under its number."""
        ...

    def save_silence(self, silence: Silence) -> None:
        """Keep a silence, in place of what was kept under its number."""
        ...

    def save_approval(self, approval: Approval) -> None:
        """Keep an approval, in place of what was kept under its number."""
        ...

    def mark(self, event: Event) -> None:
        """Keep an event."""
        ...

    def enqueue(self, outgoing: Outgoing) -> None:
        """Have something said. A CARD takes the place of one of the same card that nobody began to say."""
        ...

    def withdraw(self, card: str) -> bool:
        """Take back all of a card if nobody began to say any of it; tell whether that was so."""
        ...

    def done(self, name: str, at: datetime) -> None:
        """Note up to when something periodic was done."""
        ...

    def audit(self, entry: AuditEntry) -> Link:
        """Add a line to the audit, chained to the one before, and return it as it stands there."""
        ...


class Store(Protocol):
    """What memwarden remembers. Everything here raises StoreError."""

    def changing(self) -> AbstractContextManager[Ledger]:
        """Begin a transaction, when those of others have ended; what raises within it undoes it."""
        ...

    def remember(self, sample: Sample) -> None:
        """Keep the sample."""
        ...

    def latest(self, host: str) -> Sample | None:
        """Return the host's newest sample."""
        ...

    def samples(
        self, host: str, since: datetime, until: datetime, *, services_every: timedelta | None = None
    ) -> tuple[Sample, ...]:
        """Return the host's samples that are kept from `since` up to before `until`, oldest first.

        Services are what takes time to read. With `services_every` the first and the last sample and one of
        each such span from `since` on have theirs, the others none: the one with the least memory available,
        the first of equals; one of which that is not known only where it is known of none.
        """
        ...

    def events(self, host: str | None, since: datetime, until: datetime) -> tuple[Event, ...]:
        """Return the events of a host, or of all, from `since` up to before `until`, oldest first."""
        ...

    def state(self, host: str) -> HostState | None:
        """Return what was kept of a host."""
        ...

    def incident(self, number: int) -> Incident | None:
        """Return an incident."""
        ...

    def incidents(self, since: datetime | None = None) -> tuple[Incident, ...]:
        """Return those that are open, or (given `since`) were at some time since then, by number."""
        ...

    def silences(self, at: datetime) -> tuple[Silence, ...]:
        """Return the silences in force."""
        ...

    def backlog(self) -> tuple[Backlog, ...]:
        """Return what waits to be said, by destination."""
        ...

    def claim(self, destination: Destination, now: datetime) -> Entry | None:
        """Claim what is to be said next there, if anything is due: from then on it may have been said.

        Of the heads of all cards the most severe, then the oldest. Nobody else claims there at the same time.
        """
        ...

    def said(self, entry: Entry, ref: str, at: datetime) -> None:
        """Note that an entry was said, and where the platform shows its card."""
        ...

    def postpone(self, entry: Entry, until: datetime, reason: str, *, in_doubt: bool) -> None:
        """Note that an entry was not said, or may not have been; nothing is said there before `until`."""
        ...

    def card_is_gone(self, entry: Entry) -> None:
        """Forget where an entry's card is shown, and that the entry was tried: it will be posted anew."""
        ...

    def give_up(self, entry: Entry, at: datetime, reason: str) -> None:
        """Note that an entry will never be said."""
        ...

    def given_up(self, since: datetime) -> tuple[GivenUp, ...]:
        """Return what was given up since then, oldest first."""
        ...

    def done_at(self, name: str) -> datetime | None:
        """Return up to when something periodic was done."""
        ...

    def approval(self, number: int) -> Approval | None:
        """Return an approval."""
        ...

    def approvals(self, since: datetime) -> tuple[Approval, ...]:
        """Return those that are not over, and those whose phase last changed since then, by number."""
        ...

    def audited(self, most: int) -> tuple[Link, ...]:
        """Return the newest lines of the audit, newest first."""
        ...

    def audited_from(self, number: int, most: int) -> tuple[Link, ...]:
        """Return the lines of the audit from this number on, in order."""
        ...

    def thin(self, now: datetime, keep: Retention, *, most_hosts: int) -> bool:
        """Thin old samples and forget what is too old, of some hosts; tell whether more is to do."""
        ...

    def keep_words(self, words: str) -> str:
        """Keep the words of a button and return their key (`message.key_of`)."""
        ...

    def kept_words(self, key: str) -> str | None:
        """Return the words that were kept under this key."""
        ...


class Chat(Protocol):
    """One chat platform."""

    def serve(self, answer: Answer) -> None:
        """Listen and answer until the conversation ends or `close` is called.

        Raises ChatError if it cannot go on: the credentials are wrong, there is no terminal.
        """
        ...

    def announce(self, announcement: Announcement) -> str:
        """Say something that nobody asked for and return its reference, by which it can be changed later.

        May take some seconds. Raises ChatError, MessageGone.
        """
        ...

    def close(self) -> None:
        """End `serve` from another thread."""
        ...


class Live(Protocol):
    """Messages that renew themselves for a while."""

    def begin(
        self, destination: Destination, make: Callable[[int], Message], *, every_s: float, until: datetime
    ) -> int:
        """Post what `make` returns and renew it until then; returns its number, which `make` is given too.

        The last renewal, at the end or after `stop`, is made with the number 0. Raises ChatError if it could
        not be posted, UserError if too many are shown already.
        """
        ...

    def stop(self, number: int) -> bool:
        """End one before its time; tell whether there was one of this number."""
        ...


class Each(Protocol):
    """Does the same for many, several at a time, and returns the results in order."""

    def __call__(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Call `work` for each item; what one raises is raised after the others have ended."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a site answered as it should, and in words what it answered."""

    well: bool
    sentence: str


def _always() -> bool:
    return True


def _unknown(_url: str, _timeout_s: float) -> Health:
    return Health(well=True, sentence="nothing was asked")


def _no_code() -> str:
    raise LookupError("codes are made where plans are")


def _at_once(_seconds: float) -> None:
    """Wait for nothing, where there is no time that could pass."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a command or flow may use: the configuration, what we recognise, the outside world.

    `store` is None where nothing is to be remembered. `now` is aware of its time zone (UTC). `reload` reads
    the configuration again and returns what changed, a sentence each (ConfigError leaves all as it was); it
    and `live` are None where nothing is served. `linked` tells whether this machine has a network at all.
    `pause` lets so many seconds pass. `remediations` are what may be done to hosts. `health` asks a URL,
    within so many seconds, and never raises; `new_code` returns four letters and digits that nobody can
    guess. `lasting` tells whether what is stored outlives the program: an audit that does not is none.
    """

    config: Config
    known_services: tuple[KnownService, ...]
    hosts: Hosts
    store: Store | None
    now: Callable[[], datetime]
    each: Each
    rules: tuple[Rule, ...] = ()
    live: Live | None = None
    reload: Callable[[], tuple[str, ...]] | None = None
    linked: Callable[[], bool] = _always
    pause: Callable[[float], None] = _at_once
    remediations: tuple[Remediation, ...] = ()
    health: Callable[[str, float], Health] = _unknown
    new_code: Callable[[], str] = _no_code
    lasting: bool = True
