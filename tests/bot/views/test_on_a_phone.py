"""What is left of every table where a telephone has room for some forty characters."""

from __future__ import annotations

import pytest

from adapters.chat.terminal import Screen, render
from bot.errors import HostUnreachable
from bot.message import Table
from tests.cases import SEED_AS_ROOT, SEED_AS_USER, captured
from tests.conversations.ops import Ops


@pytest.fixture
def ops() -> Ops:
    """Three hosts: one read as root, one without, one that is down."""
    ops = Ops('[[host]]\nname = "web-1"\n[[host]]\nname = "web-2"\n[[host]]\nname = "db-1"')
    ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    ops.hosts["web-2"].says("sh", captured(SEED_AS_USER))
    ops.hosts["db-1"].fails(HostUnreachable("db-1 does not answer."))
    return ops


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        ("status", ["level", "host", "available"]),
        ("report web-1", ["where", "size", "share"]),
        ("report web-2", ["where", "size", "share"]),
        ("top web-1 5", ["pid", "memory", "share", "service"]),
        ("top web-2 5", ["pid", "memory", "share", "service"]),
    ],
)
def test_a_phone_shows_what_matters(ops: Ops, words: str, columns: list[str]) -> None:
    shown = render(ops.say("alice", words), Screen(40)).splitlines()

    assert columns in [line.split() for line in shown]
    assert max(map(len, shown)) <= 40


def test_of_a_report_the_advice_goes_first_then_the_method_then_the_detail(ops: Ops) -> None:
    (table,) = (block for block in ops.say("alice", "report web-1").blocks if isinstance(block, Table))

    going = sorted((column for column in table.columns if column.dispensable), key=lambda c: -c.dispensable)

    assert [column.title for column in going] == ["what can be done", "measured by", ""]
