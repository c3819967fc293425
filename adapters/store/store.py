"""The Store port on a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.store import queries
from adapters.store.engine import open_database
from adapters.store.schema import bring_up_to_date
from bot.errors import StoreError
from bot.message import key_of

if TYPE_CHECKING:
    from adapters.store.engine import Database
    from bot.domain.history import Sample


def open_store(place: str, *, busy_timeout_s: float = 5) -> SqlStore:
    """Open what is remembered in the file at a path; makes and migrates what is missing.

    `busy_timeout_s` is how long a write, here and later, waits while other threads and processes write.
    Raises StoreError, whose sentence names the place and the remedy.
    """
    database = open_database(place, busy_timeout_s=busy_timeout_s)
    try:
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)


class SqlStore:
    """Remembers in a database; many threads and processes may use it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, sample: Sample) -> None:
        """Keep the sample exactly, or not at all.

        Raises StoreError, and ValueError if `taken_at` has no time zone.
        """
        if sample.taken_at.utcoffset() is None:
            raise ValueError("a sample's taken_at needs a time zone")
        try:
            with self._database.writing() as connection:
                queries.add(connection, sample)
        except OverflowError as error:
            raise StoreError(
                f"The check of {sample.host} was not kept, for a number in it has more than 63 bits;"
                " see what /proc/meminfo and /proc/vmstat say there."
            ) from error

    def latest(self, host: str) -> Sample | None:
        """Return the host's newest sample; of several at one moment, the last remembered.

        Raises StoreError.
        """
        try:
            with self._database.reading() as connection:
                return queries.latest(connection, host)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            # SQLite keeps values of any type in any column, and a damaged one may be of another.
            raise StoreError(
                f"The database {self._database.name} is damaged, the newest sample of {host} is unreadable;"
                " restore it from a backup, or move it away and memwarden starts a new one."
            ) from error

    def keep_words(self, words: str) -> str:
        """Keep the words of a button and return their key. Raises StoreError."""
        key = key_of(words)
        if self.kept_words(key) is None:
            with self._database.writing() as connection:
                queries.add_button(connection, key, words)
        return key

    def kept_words(self, key: str) -> str | None:
        """Return the words that were kept under this key. Raises StoreError."""
        try:
            with self._database.reading() as connection:
                return queries.button_words(connection, key)
        except (ValueError, AttributeError) as error:
            raise StoreError(
                f"The database {self._database.name} is damaged, the words of a button are unreadable;"
                " restore it from a backup, or move it away and memwarden starts a new one."
            ) from error

    def close(self) -> None:
        """Close the database; it opens again when it is used."""
        self._database.close()
