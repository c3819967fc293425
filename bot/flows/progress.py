"""An approval is kept, audited and shown as it is now, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry
from bot.domain.concealment import concealed
from bot.domain.consent import MEMWARDEN
from bot.domain.policy import Severity
from bot.outbox import Outgoing, Part
from bot.views import plan as view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.approval import Approval, Who
    from bot.message import Message
    from bot.ports import Ledger, Ports

_LONGEST = 400


def save(
    ledger: Ledger, ports: Ports, approval: Approval, *, note: str = "", audited: AuditEntry | None = None
) -> Approval:
    """Keep an approval and have its card show it, with a note in its thread if there is one; return it.

    What is `audited` is written first: the card names that line. Quiet hours do not hold it back, and it is
    said before all that is less than critical: somebody waits.
    """
    if audited is not None:
        approval = replace(approval, audited=ledger.audit(audited).head)
    ledger.save_approval(approval)
    for outgoing in _said(ports, approval, note):
        ledger.enqueue(outgoing)
    return approval


def _said(ports: Ports, approval: Approval, note: str) -> Iterator[Outgoing]:
    zone, now = ports.config.bot.zone, ports.now()
    parts: list[tuple[Part, Message]] = [(Part.CARD, view.card(approval, zone, now))]
    if note:
        parts.append((Part.NOTE, view.note(approval, note, zone)))
    for place in approval.destinations:
        for part, message in parts:
            yield Outgoing(
                destination=place,
                card=approval.card,
                part=part,
                message=message,
                severity=Severity.CRITICAL,
                occurred_at=now,
                not_before=now,
            )


def entry_of(ports: Ports, approval: Approval, what: str, result: str, *, by: Who = MEMWARDEN) -> AuditEntry:
    """Write what became of an approval as a line for the audit, without secrets that a host told."""
    return AuditEntry(
        ports.now(),
        by.entry,
        concealed(what)[:_LONGEST],
        concealed(result)[:_LONGEST],
        host=approval.plan.order.host,
        plan=approval.number,
        name="" if by == MEMWARDEN else by.name,
    )
