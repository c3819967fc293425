"""The Store on SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.store import history, numbering
from adapters.store.store import SqlStore, open_store
from bot.domain.history import ServiceSample
from bot.errors import StoreError
from tests.contracts.store import SAMPLE, StoreContract
from tests.contracts.store_approvals import ApprovalContract
from tests.contracts.store_audit import AuditContract
from tests.contracts.store_history import HistoryContract
from tests.contracts.store_ledger import LedgerContract
from tests.contracts.store_outbox import OutboxContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class TestSqlite(
    StoreContract, LedgerContract, OutboxContract, HistoryContract, ApprovalContract, AuditContract
):
    @pytest.fixture
    def store(self, store: SqlStore) -> SqlStore:
        return store

    @pytest.fixture
    def restarted(self, path: Path) -> Iterator[Callable[[], SqlStore]]:
        with ExitStack() as stores:
            yield lambda: stores.enter_context(closing(open_store(str(path))))


def test_what_was_remembered_outlives_the_program(path: Path) -> None:
    place = str(path)
    with closing(open_store(place)) as before:
        before.remember(SAMPLE)

    with closing(open_store(place)) as after:
        assert after.latest("web-1") == SAMPLE


def test_a_button_works_after_a_restart(path: Path) -> None:
    with closing(open_store(str(path))) as before:
        key = before.keep_words("report web-1")

    with closing(open_store(str(path))) as after:
        assert after.kept_words(key) == "report web-1"


def test_words_that_are_kept_already_wait_for_no_writer(store: SqlStore, path: Path) -> None:
    key = store.keep_words("status")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert store.keep_words("status") == key


def test_damaged_words_are_a_clear_failure(store: SqlStore, path: Path) -> None:
    key = store.keep_words("status")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE button SET words = 7")

    with pytest.raises(StoreError, match=r"is damaged, what a button says is unreadable; restore it"):
        store.kept_words(key)


def test_names_that_are_new_at_every_check_do_not_pile_up(store: SqlStore, path: Path) -> None:
    for check in range(5):
        services = tuple(ServiceSample(f"run-{check}-{n}.scope", n * 4096, "cgroup") for n in range(400))
        sample = replace(SAMPLE, taken_at=SAMPLE.taken_at + timedelta(minutes=check), services=services)
        store.remember(sample)

        assert store.latest("web-1") == sample

    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM service").fetchone() == (numbering.LABELS_PER_HOST,)


def test_a_number_that_no_database_holds_is_refused_and_nothing_is_kept(store: SqlStore) -> None:
    with pytest.raises(
        StoreError, match=r"^The check of web-1 was not kept, .* 63 bits; see .*/proc/meminfo"
    ):
        store.remember(replace(SAMPLE, mem_free_bytes=2**63))

    assert store.latest("web-1") is None


def test_the_newest_sample_is_found_by_the_index(store: SqlStore) -> None:
    store.remember(SAMPLE)
    with store._database.reading() as connection:
        query = str(history._NEWEST_ROW.compile(connection))
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (1, 1, 0)[: query.count("?")])
        plan = [row.detail for row in rows]

    assert any("USING INDEX sample_by_host_id_taken_at" in step for step in plan)
    assert not any("TEMP B-TREE" in step or "SCAN" in step for step in plan)


def test_a_check_of_30_services_takes_about_200_bytes(path: Path) -> None:
    services = tuple(ServiceSample(f"service-{n}", (n + 1) * 9_000_960, "PSS") for n in range(30))
    sizes = []
    for hours in (1, 9):
        with closing(open_store(str(path))) as store:
            for minutes in range(hours * 60):
                at = SAMPLE.taken_at + timedelta(hours=hours, minutes=minutes)
                store.remember(replace(SAMPLE, taken_at=at, services=services))
        sizes.append(path.stat().st_size)

    assert (sizes[1] - sizes[0]) / (9 * 60) < 230
