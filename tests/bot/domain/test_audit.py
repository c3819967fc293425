"""The chain: whatever is changed, left out or put between is noticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.audit import BEGINNING, AuditEntry, Broken, Link, check, link_hash, linked

AT = datetime(2026, 3, 2, 14, 2, 31, tzinfo=UTC)
ENTRY = AuditEntry(AT, "slack:U01", "workers web-1 gunicorn 2", "plan 42", "web-1", 42, "Alice \udcff")


def chain(length: int) -> list[Link]:
    links: list[Link] = []
    number, previous = 0, BEGINNING
    for n in range(length):
        link = linked(replace(ENTRY, plan=n), number, previous)
        number, previous = link.number, link.hash
        links.append(link)
    return links


def test_anybody_can_compute_a_hash_from_what_the_docstring_says() -> None:
    line = (
        f'[7,"{BEGINNING}","2026-03-02T14:02:31.000000+00:00","slack:U01","Alice \\udcff",'
        '"workers web-1 gunicorn 2","web-1",42,"plan 42"]'
    )

    assert json.loads(line)[0] == 7
    assert link_hash(7, ENTRY, BEGINNING) == hashlib.sha256(line.encode()).hexdigest()


def test_a_moment_is_the_same_in_every_time_zone() -> None:
    elsewhere = replace(ENTRY, at=AT.astimezone(timezone(timedelta(hours=2))))

    assert link_hash(1, elsewhere, BEGINNING) == link_hash(1, ENTRY, BEGINNING)


@pytest.mark.parametrize("length", [0, 1, 5])
def test_a_chain_holds_in_one_piece_and_in_pages(length: int) -> None:
    links = chain(length)

    assert check(links) == ()
    for cut in range(1, length):
        assert check(links[cut:], links[cut - 1]) == ()


@pytest.mark.parametrize(
    "changed",
    [
        replace(ENTRY, plan=2, at=AT + timedelta(microseconds=1)),
        replace(ENTRY, plan=2, who="slack:U02"),
        replace(ENTRY, plan=2, name=""),
        replace(ENTRY, plan=2, what="nothing"),
        replace(ENTRY, plan=2, result="refused"),
        replace(ENTRY, plan=2, host="web-2"),
        replace(ENTRY, plan=None),
    ],
)
def test_a_line_that_was_changed_is_named(changed: AuditEntry) -> None:
    links = chain(5)
    links[2] = replace(links[2], entry=changed)

    assert check(links) == (Broken(3, "line 3 is not what was written"),)


def test_a_line_that_was_changed_with_its_hash_does_not_fit_the_next() -> None:
    links = chain(5)
    links[2] = linked(replace(ENTRY, what="nothing"), 2, links[1].hash)

    assert check(links) == (Broken(4, "line 4 does not follow from the line before it"),)


@pytest.mark.parametrize(("gone", "first"), [((0,), 1), ((1, 2), 2), ((3,), 4)])
def test_a_gap_is_named_by_the_first_line_that_is_missing(gone: tuple[int, ...], first: int) -> None:
    links = [link for n, link in enumerate(chain(5)) if n not in gone]

    (broken,) = check(links)
    assert broken == Broken(first, f"after line {first - 1} comes line {gone[-1] + 2}")


def test_lines_that_changed_places_are_named() -> None:
    links = chain(4)
    links[1], links[2] = links[2], links[1]

    assert [broken.number for broken in check(links)] == [2, 4, 3]


def test_a_gap_between_pages_is_noticed() -> None:
    links = chain(5)

    assert check(links[3:], links[1]) == (Broken(3, "after line 2 comes line 4"),)
    assert check(links[1:]) == (Broken(1, "after line 0 comes line 2"),)


def test_the_first_line_has_none_before_it() -> None:
    forged = linked(ENTRY, 0, "f" * 64)

    assert check([forged]) == (Broken(1, "line 1 does not follow from the line before it"),)
