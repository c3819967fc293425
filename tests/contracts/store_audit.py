"""What every Store does with the audit. A subclass provides the fixture `store`, empty."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.audit import BEGINNING, AuditEntry, Link, check
from bot.domain.history import Retention

if TYPE_CHECKING:
    from bot.ports import Store

NOW = datetime(2026, 3, 2, 14, 2, 31, 123456, tzinfo=UTC)
ENTRY = AuditEntry(NOW, "slack:U01", "workers web-1 gunicorn 2", "plan 42", "web-1", 42, "Alice")


def add(store: Store, *entries: AuditEntry) -> list[Link]:
    links = []
    for entry in entries:
        with store.changing() as ledger:
            links.append(ledger.audit(entry))
    return links


class AuditContract:
    def test_nothing_was_done_at_first(self, store: Store) -> None:
        assert store.audited(5) == ()
        assert store.audited_from(1, 5) == ()

    def test_a_line_comes_back_exactly_wherever_it_was_written(self, store: Store) -> None:
        entries = [
            ENTRY,
            replace(ENTRY, what="grün 🐘 \udcff\0\n", result="", host="\ud800", plan=None, name="x" * 5000),
        ]
        links = add(store, *entries)

        assert store.audited_from(1, 5) == tuple(links)
        assert [link.entry for link in links] == entries

    def test_lines_are_chained_in_and_across_transactions(self, store: Store) -> None:
        first, second = add(store, ENTRY, ENTRY)
        with store.changing() as ledger:
            third, fourth = ledger.audit(ENTRY), ledger.audit(ENTRY)
        links = (first, second, third, fourth)

        assert [link.number for link in links] == [1, 2, 3, 4]
        assert [link.previous for link in links] == [BEGINNING, first.hash, second.hash, third.hash]
        assert check(links) == ()

    def test_a_line_that_was_undone_leaves_no_gap(self, store: Store) -> None:
        with suppress(ZeroDivisionError), store.changing() as ledger:
            ledger.audit(ENTRY)
            raise ZeroDivisionError
        (link,) = add(store, ENTRY)

        assert link.number == 1
        assert store.audited(5) == (link,)

    def test_they_come_newest_first_or_in_order_from_a_number_on(self, store: Store) -> None:
        links = add(store, *(replace(ENTRY, plan=n) for n in range(5)))

        assert store.audited(2) == (links[4], links[3])
        assert store.audited_from(2, 3) == tuple(links[1:4])
        assert store.audited_from(0, 1) == (links[0],)
        assert store.audited_from(6, 3) == ()

    def test_it_is_never_forgotten(self, store: Store) -> None:
        links = add(store, ENTRY)
        store.thin(NOW + timedelta(days=10_000), Retention(), most_hosts=1)

        assert store.audited(5) == tuple(links)

    def test_many_threads_write_one_chain(self, store: Store) -> None:
        def write(n: int) -> None:
            add(store, replace(ENTRY, plan=n))

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(write, range(80)))
        links = store.audited_from(1, 100)

        assert check(links) == ()
        assert sorted(link.entry.plan or 0 for link in links) == list(range(80))
