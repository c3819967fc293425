"""`memwarden audit`: the record of who did what, checked and exported by a process of its own."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from adapters.store.store import open_store
from tests.contracts.store_audit import ENTRY, add

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.audit import Link

Memwarden = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "state" / "memwarden" / "memwarden.sqlite3"


@pytest.fixture
def links(database: Path) -> list[Link]:
    with closing(open_store(str(database))) as store:
        return add(store, ENTRY, ENTRY, ENTRY)


def test_an_audit_that_holds_is_said_to_with_the_hash_to_compare(
    memwarden: Memwarden, links: list[Link]
) -> None:
    ended = memwarden("audit", "verify")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[:2] == [
        "The audit holds: 3 lines, each follows from the one before.",
        f"The last is line 3 with the hash {links[2].hash}",
    ]


def test_a_line_that_was_noted_tells_that_the_end_was_cut_off(
    memwarden: Memwarden, database: Path, links: list[Link]
) -> None:
    whole = memwarden("audit", "verify", "--head", links[2].head)
    with closing(sqlite3.connect(database, isolation_level=None)) as opened:
        opened.execute("DROP TRIGGER audit_is_never_deleted")
        opened.execute("DELETE FROM audit WHERE number = 3")

    cut, unreadable = (memwarden("audit", "verify", "--head", head) for head in (links[2].head, "3"))

    assert (whole.returncode, whole.stdout.splitlines()[1]) == (0, "Line 3 is the one that was noted.")
    assert cut.returncode == 1
    assert cut.stdout.startswith("The audit is broken at line 3: line 3 was noted, but the last is line 2")
    assert (unreadable.returncode, unreadable.stdout) == (1, "")
    assert unreadable.stderr.startswith("A line of the audit is named by its number and hash")


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM audit WHERE number = 2", "The audit is broken at line 2: after line 1 comes line 3."),
        (
            "UPDATE audit SET previous = hash WHERE number = 3",
            "The audit is broken at line 3: line 3 does not follow from the line before it.",
        ),
    ],
)
def test_one_that_somebody_changed_all_the_same_is_broken(
    memwarden: Memwarden, database: Path, links: list[Link], statement: str, sentence: str
) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as opened:
        opened.execute("DROP TRIGGER audit_is_never_changed")
        opened.execute("DROP TRIGGER audit_is_never_deleted")
        opened.execute(statement)

    ended = memwarden("audit", "verify")

    assert len(links) == 3
    assert ended.returncode == 1
    assert ended.stdout.startswith(sentence)


def test_it_is_exported_as_a_line_of_json_each(memwarden: Memwarden, links: list[Link]) -> None:
    ended = memwarden("audit", "export")

    found = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(line["number"], line["previous"], line["hash"]) for line in found] == [
        (link.number, link.previous, link.hash) for link in links
    ]
    assert found[0]["who"] == "slack:U01"
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("deed", ["verify", "export"])
def test_a_database_that_is_not_there_is_no_audit_that_holds(
    memwarden: Memwarden, database: Path, deed: str
) -> None:
    ended = memwarden("audit", deed)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"There is no database {database}; name the configuration of the memwarden you mean with --config.\n"
    )
    assert not database.exists()
