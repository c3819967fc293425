"""The whole audit, page by page, however long it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.audit import Broken, Link, linked
from bot.errors import UserError
from bot.flows.audit import everything, newest, verify
from tests.contracts.store_audit import ENTRY
from tests.conversations.ops import Ops
from tests.fakes.store import MemoryStore


def written(count: int) -> MemoryStore:
    store = MemoryStore()
    with store.changing() as ledger:
        for n in range(count):
            ledger.audit(replace(ENTRY, plan=n))
    return store


class Tampered(MemoryStore):
    """A store in which somebody has put other lines in the place of those that were written."""

    def __init__(self, *links: Link) -> None:
        super().__init__()
        self._links = links

    def audited_from(self, number: int, most: int) -> tuple[Link, ...]:
        return tuple(link for link in self._links if link.number >= number)[:most]


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 2500])
def test_a_chain_of_any_length_holds(count: int) -> None:
    store = written(count)

    found = verify(store)

    assert (found.lines, found.broken) == (count, None)
    assert found.head == store.audited(1)[0]
    assert [link.number for link in everything(store)] == list(range(1, count + 1))


def test_an_audit_without_a_line_holds() -> None:
    found = verify(MemoryStore())

    assert (found.lines, found.head, found.broken) == (0, None, None)


def test_the_first_line_that_is_broken_is_named_on_whatever_page_it_is() -> None:
    links = list(written(2500).audited_from(1, 2500))
    for n in (1700, 2200):
        links[n] = replace(links[n], entry=replace(ENTRY, what="nothing"))

    found = verify(Tampered(*links))

    assert found.broken == Broken(1701, "line 1701 is not what was written")
    assert (found.lines, found.head) == (2500, links[-1])


def test_a_line_missing_between_two_pages_is_named() -> None:
    links = written(2500).audited_from(1, 2500)

    assert verify(Tampered(*links[:1000], *links[1001:])).broken == Broken(
        1001, "after line 1000 comes line 1002"
    )


def test_what_was_put_before_the_first_line_is_seen() -> None:
    before = replace(linked(ENTRY), number=-5)
    links = written(2).audited_from(1, 9)

    found = verify(Tampered(before, *links))

    assert found.lines == 3
    assert found.broken is not None


def test_where_nothing_is_remembered_there_is_no_audit() -> None:
    with pytest.raises(UserError, match=r"^memwarden remembers nothing here, so there is no audit"):
        newest(replace(Ops().ports, store=None), 5)
