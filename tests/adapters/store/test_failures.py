"""What goes wrong with a database is one clear sentence: what, which file, what to do."""

from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.store.sqlite import sentence
from adapters.store.store import open_store
from bot.domain.history import ServiceSample
from bot.errors import StoreError
from tests.adapters.store.permissions import permissions_count
from tests.contracts.store import SAMPLE
from tests.contracts.store_approvals import APPROVAL, keep
from tests.contracts.store_audit import ENTRY, add

ELSEWHERE = "set `database` under [bot] to another path."


@pytest.fixture
def path(path: Path) -> Path:
    """Return the file of a database in which something is remembered."""
    with closing(open_store(str(path))) as store:
        store.remember(SAMPLE)
    return path


def said_when_opening(path: Path, *, busy_timeout_s: float = 5) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(str(path), busy_timeout_s=busy_timeout_s)
    return str(caught.value)


def test_locked_by_another_process_when_opening(path: Path) -> None:
    with closing(_other(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = said_when_opening(path, busy_timeout_s=0.1)

    assert said == (
        f"The database {path} is busy, most likely locked by another process;"
        " end that process or wait until it is done, then try again."
    )


def test_locked_by_another_process_later(path: Path) -> None:
    with closing(open_store(str(path), busy_timeout_s=0.1)) as store:
        with closing(_other(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is busy, most likely locked by another process"):
                store.remember(SAMPLE)
            assert store.latest("web-1") == SAMPLE
        store.remember(replace(SAMPLE, mem_free_bytes=7))

        assert store.latest("web-1") == replace(SAMPLE, mem_free_bytes=7)


def test_a_write_waits_for_another_process_that_is_soon_done(path: Path) -> None:
    with closing(open_store(str(path))) as store, closing(_other(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as threads:
            writing = threads.submit(store.remember, replace(SAMPLE, mem_free_bytes=7))
            time.sleep(0.2)
            waited = not writing.done()
            other.execute("COMMIT")

        assert waited
        assert store.latest("web-1") == replace(SAMPLE, mem_free_bytes=7)


def test_threads_behind_one_that_waits_do_not_wait_longer_than_it(path: Path) -> None:
    with closing(open_store(str(path), busy_timeout_s=0.3)) as store, closing(_other(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(8) as threads:
            began = time.monotonic()
            writes = [threads.submit(store.remember, SAMPLE) for _ in range(8)]
            failures = [str(write.exception()) for write in writes]
            took_s = time.monotonic() - began

    assert all("is busy, most likely locked by another process" in failure for failure in failures)
    assert took_s < 1.5


def test_a_read_only_file(path: Path) -> None:
    path.chmod(0o400)

    with permissions_count():
        said = said_when_opening(path)

    assert said == (
        f"The database {path} is read-only for this user;"
        f" make the file and its directory writable, or {ELSEWHERE}"
    )


def test_a_read_only_directory(path: Path) -> None:
    path.parent.chmod(0o500)

    with permissions_count():
        said = said_when_opening(path)
    path.parent.chmod(0o700)

    assert said.startswith(f"The database {path} ")
    assert said.endswith(ELSEWHERE)
    assert "directory" in said


def test_a_file_that_this_user_may_not_read(path: Path) -> None:
    path.chmod(0)

    with permissions_count():
        said = said_when_opening(path)

    assert said == (
        f"The database {path} cannot be opened;"
        f" let this user read and write the file and its directory, or {ELSEWHERE}"
    )


def test_a_directory_in_which_this_user_may_make_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with permissions_count():
        said = said_when_opening(tmp_path / "state" / "memwarden.db")
    tmp_path.chmod(0o700)

    assert said == (
        f"The database {tmp_path}/state/memwarden.db cannot be opened: permission denied;"
        f" let this user read and write the file and its directory, or {ELSEWHERE}"
    )


def test_a_directory_instead_of_a_file(tmp_path: Path) -> None:
    assert said_when_opening(tmp_path) == (
        f"The database {tmp_path} cannot be opened: that is a directory;"
        " name a file in `database` under [bot]."
    )


def test_a_device_instead_of_a_file() -> None:
    assert said_when_opening(Path("/dev/null")) == (
        "The database /dev/null cannot be opened: that is not an ordinary file;"
        " name a file in `database` under [bot]."
    )


def test_a_file_where_a_directory_should_be(path: Path) -> None:
    said = said_when_opening(path / "memwarden.db")

    assert said.startswith(f"The database {path}/memwarden.db cannot be opened: ")
    assert said.endswith(ELSEWHERE)


def test_a_link_to_where_nothing_is_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "memwarden.db"
    link.symlink_to(tmp_path / "victim")

    assert said_when_opening(link).startswith(f"The database {link} cannot be opened: ")
    assert not (tmp_path / "victim").exists()


def test_a_link_to_a_database_is_followed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)

    with closing(open_store(str(link))) as store:
        assert store.latest("web-1") == SAMPLE


def test_a_disk_that_fails_or_is_full_is_said_with_both_causes() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE

    said = sentence("/var/memwarden.db", error)

    assert "the disk is full, a quota is used up, or the disk fails" in said


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert "cannot be opened: file name too long; " in said_when_opening(tmp_path / ("x" * 300))


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("buy milk\n" * 1000)

    assert said_when_opening(path) == (
        f"The file {path} is not a database; move it away and memwarden starts a new one, or {ELSEWHERE}"
    )
    assert path.read_text() == "buy milk\n" * 1000


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")

    assert said_when_opening(path) == (
        f"The database {path} belongs to another program; set `database` under [bot] to a new one."
    )


def test_a_damaged_file(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))

    assert said_when_opening(path) == (
        f"The database {path} is damaged;"
        " restore it from a backup, or move it away and memwarden starts a new one."
    )


def test_a_file_cut_off_in_the_middle(path: Path) -> None:
    os.truncate(path, 3 * 4096)

    assert said_when_opening(path).startswith(f"The database {path} is damaged; restore it from a backup, ")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sample SET services = x'8080'",
        "UPDATE sample SET services = 'abc'",
        "UPDATE sample SET taken_at = 'x'",
        "UPDATE sample SET taken_at = 9223372036854775807",
        "UPDATE boot SET name = 'abc'",
    ],
)
def test_a_damaged_sample(path: Path, damage: str) -> None:
    with closing(_other(path)) as other:
        other.execute(damage)

    with closing(open_store(str(path))) as store, pytest.raises(StoreError) as caught:
        store.latest("web-1")
    assert str(caught.value) == (
        f"The database {path} is damaged, the newest sample of web-1 is unreadable;"
        " restore it from a backup, or move it away and memwarden starts a new one."
    )


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE approval SET kept = 7",
        "UPDATE approval SET kept = 'abc'",
        "UPDATE approval SET kept = x''",
        "UPDATE approval SET kept = x'00'",
        "UPDATE approval SET kept = x'007b7d'",
        "UPDATE approval SET kept = x'01ffff'",
    ],
)
def test_a_damaged_plan(path: Path, damage: str) -> None:
    with closing(open_store(str(path))) as store:
        keep(store, APPROVAL)
        with closing(_other(path)) as other:
            other.execute(damage)

        one, some = (
            r"is damaged, plan 42 is unreadable; restore",
            r"is damaged, a plan is unreadable; restore",
        )
        with pytest.raises(StoreError, match=one):
            store.approval(42)
        with pytest.raises(StoreError, match=some):
            store.approvals(APPROVAL.changed_at)
        with store.changing() as ledger:
            with pytest.raises(StoreError, match=one):
                ledger.approval(42)
            with pytest.raises(StoreError, match=some):
                ledger.open_approvals()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit SET kept = 7 WHERE number = 2",
        "UPDATE audit SET kept = x'007b7d' WHERE number = 2",
        "UPDATE audit SET hash = x'00' WHERE number = 2",
        "UPDATE audit SET previous = x'00' WHERE number = 2",
    ],
)
def test_a_damaged_line_of_the_audit_is_named(path: Path, damage: str) -> None:
    with closing(open_store(str(path))) as store:
        add(store, ENTRY, ENTRY)
        with closing(_other(path)) as other:
            other.execute("DROP TRIGGER audit_is_never_changed")
            other.execute(damage)

        named = r"is damaged, line 2 of the audit is unreadable; restore"
        with pytest.raises(StoreError, match=named):
            store.audited(5)
        with pytest.raises(StoreError, match=named):
            store.audited_from(1, 5)
        assert len(store.audited_from(1, 1)) == 1


def test_a_table_that_is_gone(path: Path) -> None:
    with closing(_other(path)) as other:
        other.execute("DROP TABLE sample")

    with closing(open_store(str(path))) as store, pytest.raises(StoreError) as caught:
        store.latest("web-1")
    assert str(caught.value) == (
        f"The database {path} cannot be used (no such table: sample);"
        f" restore it from a backup, or {ELSEWHERE}"
    )


def test_a_full_disk_keeps_nothing_of_the_sample_and_all_before_it(path: Path) -> None:
    large = replace(SAMPLE, services=tuple(ServiceSample(f"service-{n}", n, "PSS") for n in range(2000)))
    with closing(open_store(str(path))) as store:
        with store._database.writer.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(StoreError) as caught:
            store.remember(large)
        after_failure = store.latest("web-1")
        with store._database.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        store.remember(large)

        assert (
            str(caught.value) == f"There is no space left for the database {path}; free some, or {ELSEWHERE}"
        )
        assert after_failure == SAMPLE
        assert store.latest("web-1") == large


def test_a_file_moved_away_does_not_come_back_empty(path: Path) -> None:
    with closing(open_store(str(path))) as store:
        path.rename(path.with_suffix(".old"))
        with pytest.raises(StoreError, match=f"^The database {path} cannot be opened; "):
            store.latest("web-1")

    assert not path.exists()


def _other(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)
