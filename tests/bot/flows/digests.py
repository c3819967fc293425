"""A host that was watched for a day, and what is to be said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.units import MIB
from tests.conversations.ops import Ops
from tests.fakes.past import day

if TYPE_CHECKING:
    from bot.outbox import Entry, Outgoing

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
EIGHT = datetime(2026, 3, 2, 8, tzinfo=BERLIN).astimezone(UTC)
ALONE = '[bot]\ntime_zone = "Europe/Berlin"\n[[host]]\nname = "web-1"\n'


def watched() -> Ops:
    """One host, that was looked at for a day, until eight o'clock in Berlin."""
    ops = Ops(ALONE)
    for sample in day(EIGHT):
        ops.store.remember(replace(sample, mem_available_bytes=500 * MIB))
    return ops


def said(ops: Ops) -> list[Outgoing]:
    """Everything that waits to be said, as the platforms would claim it."""
    found: list[Outgoing] = []
    for backlog in ops.store.backlog():
        while entry := ops.store.claim(backlog.destination, EIGHT + 4000 * DAY):
            found.append(_said(ops, entry))
    return found


def _said(ops: Ops, entry: Entry) -> Outgoing:
    ops.store.said(entry, f"ref-{entry.id}", EIGHT)
    return entry.outgoing
