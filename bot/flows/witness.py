"""What people ask of audited commands is in the audit, with what came of it.

A flow that changes something adds its own line to the audit, in the transaction of the change: what cannot be
audited is undone with it. All other ends of a call are written down here afterwards: refusals of every kind
and answers that changed nothing. Which of the two a call was is not for anybody to declare, and so not to
forget either: the store that the command is given tells whether a line of the asking person was kept.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from bot.domain.audit import AuditEntry
from bot.domain.rule import plain
from bot.errors import StoreError
from bot.message import Text, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.people import Person
    from bot.message import Message
    from bot.ports import Ledger, Ports, Store

_LONGEST = 200
_LONGEST_NAME = 40
_NOTHING_UNAUDITED = "What cannot be written to the audit is not done."


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for: the words, and the host and the plan they mean, as far as that is known."""

    by: Person
    words: str
    host: str = ""
    plan: int | None = None


def witnessed(ports: Ports, asked: Asked, answer: Callable[[Ports], Message]) -> Message:
    """Return the answer, which is in the audit then; it must not raise what a person can cause.

    Where it could not be written, the answer says so.
    """
    if ports.store is None:
        return answer(ports)
    store = _WatchedStore(ports.store, _entry_of(asked.by))
    said = answer(replace(ports, store=cast("Store", store)))
    return said if store.heard else _written_down(ports.store, ports, asked, said)


def _written_down(store: Store, ports: Ports, asked: Asked, said: Message) -> Message:
    result = f"refused: {said.headline}" if said.refusal else said.headline
    entry = AuditEntry(
        ports.now(),
        _entry_of(asked.by),
        plain(asked.words, _LONGEST),
        plain(result, _LONGEST),
        host=asked.host,
        plan=asked.plan,
        name=plain(asked.by.name, _LONGEST_NAME),
    )
    try:
        with store.changing() as ledger:
            ledger.audit(replace(entry, host=entry.host or _host_of(ledger, asked.plan)))
    except StoreError as error:
        # Mostly that is what the refusal says already.
        note = _NOTHING_UNAUDITED if said.refusal else f"This could not be written to the audit: {error}"
        return replace(said, blocks=(*said.blocks, Text(note, Tone.WARNING)))
    return said


def _host_of(ledger: Ledger, plan: int | None) -> str:
    approval = None if plan is None else ledger.approval(plan)
    return approval.plan.order.host if approval else ""


def _entry_of(person: Person) -> str:
    return f"{person.platform}:{person.id}"


class _WatchedStore:
    """A store that notices whether lines of a person were kept in the audit; else it is as it is."""

    def __init__(self, store: Store, who: str) -> None:
        self._store = store
        self._who = who
        self.heard = False

    @contextmanager
    def changing(self) -> Iterator[Ledger]:
        """Begin a transaction; what is audited in it counts when it is kept."""
        entries: list[AuditEntry] = []
        with self._store.changing() as ledger:
            yield cast("Ledger", _WatchedLedger(ledger, entries))
        self.heard = self.heard or any(entry.who == self._who for entry in entries)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class _WatchedLedger:
    """A ledger that notes what is audited; else it is as it is."""

    def __init__(self, ledger: Ledger, entries: list[AuditEntry]) -> None:
        self._ledger = ledger
        self._entries = entries

    def audit(self, entry: AuditEntry) -> object:
        """Add a line to the audit."""
        self._entries.append(entry)
        return self._ledger.audit(entry)

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)
