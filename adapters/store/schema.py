"""Which revision of the tables a database has, and bringing it to the one this program needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, false, inspect, select

from adapters.store.ledger import reading_clearly
from adapters.store.tables import REVISION_TABLE, revision
from bot.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adapters.store.engine import Database

HEAD = "0004"
"""The newest migration's revision, known without importing Alembic."""


def bring_up_to_date(database: Database) -> None:
    """Make or migrate the tables unless they are as this program needs them; all or nothing.

    Of several processes at once the first does it, the others wait. Raises StoreError, also for a database
    of a newer memwarden or of another program.
    """
    with database.writing() as connection:
        if _stored_revision(connection, database.name) == HEAD:
            _prove_writable(connection)
            return
    _upgrade(database)


def _stored_revision(connection: Connection, name: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if REVISION_TABLE in tables:
        return connection.scalars(select(revision.c.version_num)).first()
    if tables:
        raise StoreError(
            f"The database {name} belongs to another program; set `database` under [bot] to a new one."
        )
    return None


def _prove_writable(connection: Connection) -> None:
    # It is better to hear now than after the first check that a file is read-only.
    connection.execute(delete(revision).where(false()))


def _upgrade(database: Database) -> None:
    # Alembic is slow to import: not if it is not needed, and not while others wait for the database.
    from adapters.store.migrations import upgrade  # noqa: PLC0415 - see above

    with database.writing() as connection:
        stored = _stored_revision(connection, database.name)
        if stored is not None and stored not in upgrade.known_revisions():
            raise StoreError(
                f"The database {database.name} was written by a newer memwarden"
                f" (revision {stored}, here {HEAD});"
                " upgrade memwarden, or set `database` under [bot] to a new one."
            )
        with reading_clearly(database.name, "the audit"):
            upgrade.upgrade(connection)
