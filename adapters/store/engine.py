"""A database, from the place a person wrote to transactions that fail with one clear sentence."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.store import sqlite
from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True)
class Database:
    """A database: its path, which names it in sentences, and its engines."""

    name: str
    reader: Engine
    writer: Engine
    writing_threads: set[int] = field(default_factory=set)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run a block in a transaction that sees one state of the database. Raises StoreError."""
        with self._failing_clearly(), self.reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run a block in a transaction whose changes are kept all or, if it raises, not at all.

        Writers take turns. Raises StoreError, also when the turn does not come within the busy timeout, and
        RuntimeError within such a block of the same thread, which would wait for itself.
        """
        thread = get_ident()
        if thread in self.writing_threads:
            raise RuntimeError("a transaction within a transaction of the same thread")
        self.writing_threads.add(thread)
        try:
            with self._failing_clearly(), self.writer.begin() as connection:
                yield connection
        finally:
            self.writing_threads.discard(thread)

    def close(self) -> None:
        """Close the connections that nobody uses, the others when they are given back."""
        self.reader.dispose()
        self.writer.dispose()

    @contextmanager
    def _failing_clearly(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(self._sentence(error)) from error

    def _sentence(self, error: SQLAlchemyError) -> str:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, sqlite3.Error):
            return sqlite.sentence(self.name, cause)
        if isinstance(cause, PoolTimeout):
            return sqlite.BUSY.format(name=self.name)
        said = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
        return f"The database {self.name} cannot be used ({said}); restore it from a backup, or use another."


def open_database(place: str, *, busy_timeout_s: float) -> Database:
    """Open the SQLite database in a file; `~` is known. Nothing is read yet. Raises StoreError."""
    if "\0" in place or not Path(place).name:
        raise StoreError("The path under `database` in [bot] names no file; write the path of a file.")
    try:
        path = Path(place).expanduser().absolute()
    except RuntimeError as error:
        raise StoreError(
            f"The database {place} is in no known home directory; write the whole path."
        ) from error
    reader, writer = sqlite.open_file(path, busy_timeout_s)
    return Database(str(path), reader, writer)
