"""All that is particular to SQLite: its file, its connections, its transactions, its ways to fail."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import QueuePool, create_engine, event

from bot.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

_ELSEWHERE = "set `database` under [bot] to another path"
_PRIMARY_CODE = 0xFF
_LOG_BYTES = 16 * 1024**2
"""To so much the log of what is not in the database yet shrinks, after a reader made it grow."""

BUSY = (
    "The database {name} is busy, most likely locked by another process;"
    " end that process or wait until it is done, then try again."
)
_SENTENCES = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_READONLY: "The database {name} is read-only for this user;"
    f" make the file and its directory writable, or {_ELSEWHERE}.",
    sqlite3.SQLITE_FULL: f"There is no space left for the database {{name}}; free some, or {_ELSEWHERE}.",
    sqlite3.SQLITE_CORRUPT: "The database {name} is damaged;"
    " restore it from a backup, or move it away and memwarden starts a new one.",
    sqlite3.SQLITE_NOTADB: "The file {name} is not a database;"
    f" move it away and memwarden starts a new one, or {_ELSEWHERE}.",
    sqlite3.SQLITE_CANTOPEN: "The database {name} cannot be opened;"
    f" let this user read and write the file and its directory, or {_ELSEWHERE}.",
    sqlite3.SQLITE_IOERR: "The database {name} could not be read or written: the disk is full, a quota is"
    f" used up, or the disk fails; see `df`, `quota` and `dmesg`, or {_ELSEWHERE}.",
}


def open_file(path: Path, busy_timeout_s: float) -> tuple[Engine, Engine]:
    """Return an engine to read and one to write the database at `path`; they connect when first used.

    Makes the file (0600) and its directory (0700) if missing. Raises StoreError.
    """
    _make_file(path)
    reader = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, busy_timeout_s),
        poolclass=QueuePool,
        max_overflow=-1,
        hide_parameters=True,
    )
    # One connection, for which threads queue: waiting for each other within SQLite starves some of them.
    writer = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, busy_timeout_s),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=busy_timeout_s,
        hide_parameters=True,
    )
    # The driver would begin by itself, but not before statements that change tables. A write takes the lock
    # at once: a transaction that began by reading can be refused it later without having waited.
    event.listen(reader, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return reader, writer


def sentence(name: str, error: sqlite3.Error) -> str:
    """Say what went wrong with the database called `name`, and what to do about it."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    known = _SENTENCES.get(code & _PRIMARY_CODE)
    if known:
        return known.format(name=name)
    return f"The database {name} cannot be used ({error}); restore it from a backup, or {_ELSEWHERE}."


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make_new(path)
        kind = stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        raise StoreError(_cannot_make(path, error)) from error
    if kind != stat.S_IFREG:
        what = "a directory" if kind == stat.S_IFDIR else "not an ordinary file"
        raise StoreError(
            f"The database {path} cannot be opened: that is {what}; name a file in `database` under [bot]."
        )


def _make_new(path: Path) -> None:
    # Not through a link to where nothing is: whoever may write this directory would say where we write.
    flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR | os.O_CLOEXEC
    with suppress(FileExistsError):
        os.close(os.open(path, flags, 0o600))


def _cannot_make(path: Path, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _SENTENCES[sqlite3.SQLITE_FULL].format(name=path)
    reason = (error.strerror or "unknown reason").lower()
    return (
        f"The database {path} cannot be opened: {reason};"
        f" let this user read and write the file and its directory, or {_ELSEWHERE}."
    )


def _connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    # Not made here (`rw`): a file that was moved away would come back empty, and readable for others.
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _write_ahead(connection, busy_timeout_s)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection, busy_timeout_s: float) -> None:
    # Nothing happens but in a new database. There SQLite does not wait if another process does the same.
    give_up = time.monotonic() + busy_timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return
