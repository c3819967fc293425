"""The audit, into its table and back: each line is chained to the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from adapters.store.tables import audit
from adapters.store.values import dump, load
from bot.domain.audit import BEGINNING, AuditEntry, Link, linked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, RowMapping

_LAST = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
_NEWEST = select(audit).order_by(audit.c.number.desc()).limit(bindparam("most"))
_FROM = (
    select(audit)
    .where(audit.c.number >= bindparam("least"))
    .order_by(audit.c.number)
    .limit(bindparam("most"))
)


def add(connection: Connection, new: AuditEntry) -> Link:
    """Write a line. In a write transaction nobody else can write one after the same line."""
    last = connection.execute(_LAST).one_or_none()
    link = linked(new, *(last or (0, BEGINNING)))
    row = {"number": link.number, "previous": link.previous, "hash": link.hash, "kept": dump(new)}
    connection.execute(insert(audit), row)
    return link


def newest(connection: Connection, most: int) -> Sequence[RowMapping]:
    """Find the newest lines, newest first."""
    return connection.execute(_NEWEST, {"most": most}).mappings().all()


def since(connection: Connection, number: int, most: int) -> Sequence[RowMapping]:
    """Find lines from a number on, in order."""
    return connection.execute(_FROM, {"least": number, "most": most}).mappings().all()


def link_of(row: RowMapping) -> Link:
    """Read a line. Raises ValueError or TypeError where it is damaged."""
    if not (isinstance(row["previous"], str) and isinstance(row["hash"], str)):
        raise TypeError("a hash is text")
    return Link(row["number"], load(AuditEntry, row["kept"]), row["previous"], row["hash"])
