"""The audit, read back: its newest lines, all of them, and whether their chain holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import Verified, check
from bot.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.audit import Head, Link
    from bot.ports import Ports, Store

_PAGE = 1000
_LOWEST = -(2**63)
"""From here on all lines are read: also what somebody put before the first."""


def newest(ports: Ports, most: int) -> tuple[Link, ...]:
    """Return the newest lines, newest first. Raises UserError where nothing is remembered, StoreError."""
    if ports.store is None:
        raise UserError("memwarden remembers nothing here, so there is no audit: start it with a database.")
    return ports.store.audited(most)


def everything(store: Store) -> Iterator[Link]:
    """Yield all lines in order, read a page at a time. Raises StoreError."""
    for page in _pages(store):
        yield from page


def verify(store: Store, noted: Head | None = None) -> Verified:
    """Check the whole chain, and that a line which was `noted` elsewhere is still in it.

    Raises StoreError, which names the line, where one cannot even be read.
    """
    lines, head, first = 0, None, None
    for page in _pages(store):
        broken = check(page, head)
        first = first or next(iter(broken), None) or (noted.missed_in(page) if noted else None)
        lines, head = lines + len(page), page[-1]
    cut = noted.missed_after(head.number if head else 0) if noted else None
    return Verified(lines, head, first or cut, noted)


def _pages(store: Store) -> Iterator[tuple[Link, ...]]:
    number = _LOWEST
    while page := store.audited_from(number, _PAGE):
        yield page
        number = page[-1].number + 1
