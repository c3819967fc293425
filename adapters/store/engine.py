"""A database, from the place a person wrote to transactions that fail with one clear sentence."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.store import sqlite
from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine


@dataclass(frozen=True, slots=True)
class Database:
    """A database: its name in sentences (path, or URL without password), and its engines, for SQLite two."""

    name: str
    reader: Engine
    writer: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run a block in a transaction that sees one state of the database. Raises StoreError."""
        with self._failing_clearly(), self.reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run a block in a transaction whose changes are kept all or, if it raises, not at all.

        Writers take turns. Raises StoreError, also when the turn does not come within the busy timeout.
        """
        with self._failing_clearly(), self.writer.begin() as connection:
            yield connection

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
        return f"The database {self.name} cannot be used ({said}); see that it runs and lets memwarden in."


def open_database(place: str, *, busy_timeout_s: float) -> Database:
    """Open the database at a path (SQLite; `~` is known) or a URL (`postgresql+psycopg://…`, `sqlite:///…`).

    Nothing is read yet. Raises StoreError.
    """
    if "://" not in place:
        return _open_path(place, busy_timeout_s)
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        # What could not be read may hold a password: it is not shown, nor kept as the cause.
        raise StoreError(
            "The URL under `database` in [bot] cannot be read; write dialect+driver://user:password@host/name,"
            " or the path of a file."
        ) from None
    if url.get_backend_name() == "sqlite":
        return _open_path(_path_in(url), busy_timeout_s)
    return _open_url(url)


def _open_path(written: str, busy_timeout_s: float) -> Database:
    if "\0" in written or not Path(written).name:
        raise StoreError("The path under `database` in [bot] names no file; write the path of a file.")
    try:
        path = Path(written).expanduser().absolute()
    except RuntimeError as error:
        raise StoreError(
            f"The database {written} is in no known home directory; write the whole path."
        ) from error
    reader, writer = sqlite.open_file(path, busy_timeout_s)
    return Database(str(path), reader, writer)


def _path_in(url: URL) -> str:
    plain = url.drivername in {"sqlite", "sqlite+pysqlite"} and not url.host and not url.query
    if not plain or url.database in {None, "", ":memory:"}:
        raise StoreError(
            f"The database {_named(url)} is not a file; write its path, or sqlite:/// and its path alone."
        )
    return str(url.database)


def _open_url(url: URL) -> Database:
    try:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except ImportError as error:
        raise StoreError(
            f"The database {_named(url)} needs the Python package {error.name}; install it beside memwarden."
        ) from error
    except (NoSuchModuleError, ArgumentError) as error:
        raise StoreError(
            f"The database {_named(url)} is of a kind that is not known here; use SQLite or PostgreSQL."
        ) from error
    return Database(_named(url), engine, engine)


def _named(url: URL) -> str:
    return url.set(query={}).render_as_string(hide_password=True)
