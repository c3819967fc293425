"""The tables, and the way a database gets them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.store.engine import open_database
from adapters.store.schema import HEAD
from adapters.store.store import open_store
from adapters.store.tables import REVISION_TABLE, metadata
from adapters.store.values import dump
from bot.domain.audit import check
from bot.domain.history import Retention
from bot.errors import StoreError
from tests.contracts.store import SAMPLE
from tests.contracts.store_audit import ENTRY

if TYPE_CHECKING:
    from pathlib import Path


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "adapters.store:migrations")

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_as_they_are_declared(tmp_path: Path) -> None:
    place = str(tmp_path / "memwarden.db")
    open_store(place).close()

    with closing(open_database(place, busy_timeout_s=1)) as database, database.reading() as connection:
        options = {"compare_type": True, "version_table": REVISION_TABLE}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert differences == []


def test_what_an_older_version_remembered_is_still_there(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    with closing(open_store(str(path))) as store:
        store.remember(SAMPLE)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        _take_back_0004(database)
        _take_back_0003(database)
        database.execute("DROP TABLE button")
        database.execute("UPDATE memwarden_revision SET version_num = '0001'")

    with closing(open_store(str(path))) as store:
        assert store.latest("web-1") == SAMPLE
        assert store.kept_words(store.keep_words("status")) == "status"


def test_history_and_buttons_of_the_version_before_are_still_there_and_can_be_packed(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    minutes = [replace(SAMPLE, taken_at=SAMPLE.taken_at + timedelta(minutes=n)) for n in range(180)]
    with closing(open_store(str(path))) as store:
        key = store.keep_words("status")
        for sample in minutes:
            store.remember(sample)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        _take_back_0004(database)
        _take_back_0003(database)
        database.execute("UPDATE memwarden_revision SET version_num = '0002'")

    with closing(open_store(str(path))) as store:
        assert store.kept_words(key) == "status"
        assert store.samples("web-1", minutes[0].taken_at, datetime.max.replace(tzinfo=UTC)) == tuple(minutes)
        store.thin(minutes[-1].taken_at, Retention(), most_hosts=10)
        assert store.samples("web-1", minutes[0].taken_at, datetime.max.replace(tzinfo=UTC)) == tuple(minutes)


def test_an_audit_that_was_no_chain_is_chained_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    entries = [replace(ENTRY, what=f"ack {n}", who="\udcff" * 300) for n in range(3)]
    _audit_of_0003(path, [dump(entry) for entry in entries])

    with closing(open_store(str(path))) as store:
        links = store.audited_from(1, 9)
        with store.changing() as ledger:
            added = ledger.audit(ENTRY)

    assert [link.entry for link in links] == entries
    assert check((*links, added)) == ()


def test_an_audit_that_cannot_be_read_is_not_chained(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    _audit_of_0003(path, [dump(ENTRY), b"damaged"])

    for _ in range(2):
        with pytest.raises(StoreError, match=r"memwarden\.db is damaged, the audit is unreadable; restore"):
            open_store(str(path))
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*), max(kept) FROM audit").fetchone() == (2, b"damaged")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET kept = kept",
        "UPDATE audit SET number = 9 WHERE number = 2",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE number = 2",
        "REPLACE INTO audit SELECT * FROM audit WHERE number = 2",
        "INSERT OR REPLACE INTO audit SELECT 1, previous, hash, kept FROM audit WHERE number = 1",
        "INSERT INTO audit SELECT 4, hash, hash, kept FROM audit WHERE number = 2",
        "INSERT INTO audit SELECT 3, previous, hash, kept FROM audit WHERE number = 2",
    ],
)
def test_the_audit_can_only_be_added_to_at_its_end(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "memwarden.db"
    with closing(open_store(str(path))) as store, store.changing() as ledger:
        links = (ledger.audit(ENTRY), ledger.audit(ENTRY))

    with (
        closing(sqlite3.connect(path, isolation_level=None)) as database,
        pytest.raises(sqlite3.IntegrityError, match="the audit can only be added to"),
    ):
        database.execute(statement)

    with closing(open_store(str(path))) as store:
        assert store.audited_from(1, 9) == links


def _audit_of_0003(path: Path, kept: list[bytes]) -> None:
    open_store(str(path)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        _take_back_0004(database)
        database.execute("UPDATE memwarden_revision SET version_num = '0003'")
        database.executemany("INSERT INTO audit (kept) VALUES (?)", [(line,) for line in kept])


def _take_back_0004(database: sqlite3.Connection) -> None:
    database.execute("DROP TABLE approval")
    database.execute("DROP TABLE audit")
    database.execute("CREATE TABLE audit (id INTEGER NOT NULL PRIMARY KEY, kept BLOB NOT NULL)")


def _take_back_0003(database: sqlite3.Connection) -> None:
    older = {"host", "boot", "service", "sample", "button", "approval"}
    for table in (t for t in metadata.tables if t not in older):
        database.execute(f"DROP TABLE {table}")
    for column in ("cpu_system_s", "cpu_total_s"):
        database.execute(f"ALTER TABLE sample DROP COLUMN {column}")


def test_a_new_database_is_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "memwarden.db"

    with closing(open_store(str(path))) as store:
        store.remember(SAMPLE)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert modes == {"memwarden.db": 0o600, "memwarden.db-wal": 0o600, "memwarden.db-shm": 0o600}


def test_the_permissions_of_a_file_that_is_there_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    path.touch()
    path.chmod(0o640)

    open_store(str(path)).close()

    assert path.stat().st_mode & 0o777 == 0o640


def test_a_database_writes_ahead(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    open_store(str(path)).close()

    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_database_newer_than_the_program(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    open_store(str(path)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE memwarden_revision SET version_num = '0999'")

    with pytest.raises(StoreError) as caught:
        open_store(str(path))
    assert str(caught.value) == (
        f"The database {path} was written by a newer memwarden (revision 0999, here {HEAD});"
        " upgrade memwarden, or set `database` under [bot] to a new one."
    )


def test_postgresql_would_understand_the_tables() -> None:
    dialect = make_url("postgresql://").get_dialect()()
    tables = {
        table.name: str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables
    }
    indexes = [
        str(CreateIndex(index).compile(dialect=dialect))
        for table in metadata.sorted_tables
        for index in table.indexes
    ]

    numbered = {name for name, table in tables.items() if "id SERIAL" in table}
    assert numbered == {"host", "boot", "sample", "pack", "event", "outgoing", "given_up"}
    assert "CREATE INDEX sample_by_host_id_taken_at ON sample (host_id, taken_at)" in indexes
