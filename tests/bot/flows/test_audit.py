"""The whole audit, page by page, however long it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.audit import Broken, Link, head_of, linked
from bot.errors import BadArgument, UserError
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


@pytest.mark.parametrize("number", [1, 1000, 1001, 2500])
def test_a_line_that_was_noted_is_found_again(number: int) -> None:
    store = written(2500)
    noted = head_of(store.audited_from(number, 1)[0].head)

    found = verify(store, noted)

    assert (found.broken, found.noted) == (None, noted)


def test_an_audit_whose_end_was_cut_off_is_noticed_by_who_noted_a_line() -> None:
    links = written(1200).audited_from(1, 1200)
    cut = Tampered(*links[:1100])

    assert verify(cut).broken is None
    assert verify(cut, head_of(links[-1].head)).broken == Broken(
        1101, "line 1200 was noted, but the last is line 1100: the end is missing"
    )
    assert verify(cut, head_of(links[50].head.replace(":", ":\u2060"))).broken is None


def test_an_audit_that_was_written_anew_is_noticed_by_who_noted_a_line() -> None:
    noted = written(5).audited(1)[0]
    anew = MemoryStore()
    with anew.changing() as ledger:
        new = [ledger.audit(replace(ENTRY, what="nothing", plan=n)) for n in range(9)]

    found = verify(anew, head_of(f"5:{noted.hash.upper()}"))

    assert found.broken == Broken(
        5, f"line 5 has the hash {new[4].hash}, not {noted.hash} as was noted: it is another line now"
    )


def test_an_audit_without_a_line_lacks_the_one_that_was_noted() -> None:
    assert verify(MemoryStore(), head_of(f"1:{'0' * 16}")).broken == Broken(
        1, "line 1 was noted, but there is no line at all"
    )


@pytest.mark.parametrize(
    "text", ["", "5", "5:", "5:9f3a", "0:9f3a1c02", "-1:9f3a1c02", "5:9f3a1c0g", "\u0665:9f3a1c02"]
)
def test_what_names_no_line_is_refused(text: str) -> None:
    with pytest.raises(BadArgument, match=r"as a card's last line has them: 123:9f3a1c0277b4d5e6\.$"):
        head_of(text)


def test_what_was_put_before_the_first_line_is_seen() -> None:
    before = replace(linked(ENTRY), number=-5)
    links = written(2).audited_from(1, 9)

    found = verify(Tampered(before, *links))

    assert found.lines == 3
    assert found.broken is not None


def test_where_nothing_is_remembered_there_is_no_audit() -> None:
    with pytest.raises(UserError, match=r"^memwarden remembers nothing here, so there is no audit"):
        newest(replace(Ops().ports, store=None), 5)
