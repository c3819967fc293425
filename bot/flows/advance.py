"""An approval goes on by one: kept, shown, audited, in one transaction, if nobody else was faster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.approval import Phase
from bot.flows import progress
from bot.flows.progress import entry_of
from bot.flows.triage import store_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.approval import Approval
    from bot.ports import Ledger, Ports


class OvertakenError(Exception):
    """Somebody else has brought this approval further; nothing was written."""


def advance(
    ports: Ports,
    before: Approval,
    change: Callable[[Approval], Approval],
    *,
    what: str = "",
    result: str = "",
    note: str = "",
    besides: Callable[[Ledger, Approval], None] | None = None,
) -> Approval:
    """Change an approval that is still as it was before, and return it as it was saved.

    `what` was done stands in the audit, with the verdict as its result if nothing else is given; `note` is
    said in the card's thread; `besides` does more in the same transaction. Raises OvertakenError, StoreError.
    """
    at = ports.now()
    with store_of(ports).changing() as ledger:
        found = ledger.approval(before.number)
        if found is None or (found.phase, found.steps) != (before.phase, before.steps):
            raise OvertakenError
        now = change(found)
        if now.phase is not found.phase:
            now = replace(now, changed_at=at)
        entry = entry_of(ports, now, what, result or now.verdict or now.phase.value) if what else None
        now = progress.save(ledger, ports, now, note=note, audited=entry)
        if now.phase is Phase.WATCHED and now.undoes is not None and found.phase is not Phase.WATCHED:
            _taken_back(ledger, ports, now)
        if besides is not None:
            besides(ledger, now)
    return now


def _taken_back(ledger: Ledger, ports: Ports, undo: Approval) -> None:
    original = ledger.approval(undo.undoes or 0)
    if original is not None and original.phase is not Phase.UNDONE:
        undone = replace(
            original,
            phase=Phase.UNDONE,
            changed_at=ports.now(),
            undone_by=undo.number,
            verdict=f"undone by plan {undo.number}",
        )
        progress.save(ledger, ports, undone, audited=entry_of(ports, undone, "undone", undone.verdict))
