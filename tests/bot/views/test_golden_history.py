"""What people see of a host's past, of whether memory is the problem, and of the time behind us.

`GOLDEN=write make test` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import os

import pytest

from adapters.chat.terminal import Screen, render
from tests.bot.views.test_golden import GOLDEN
from tests.bot.views.test_golden_chats import assert_golden
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops
from tests.fakes.past import day, incident_of, kill, sample_at


@pytest.fixture
def ops() -> Ops:
    """Three hosts: one with a bad day behind it, one that is well, one that was never read."""
    ops = Ops(
        '[bot]\ntime_zone = "Europe/Berlin"\n[[host]]\nname = "web-1"\n[[host]]\nname = "db-2"\n'
        '[[host]]\nname = "lab"\n'
    )
    ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    for sample in day(ops.clock()):
        ops.store.remember(sample)
        ops.store.remember(sample_at(sample.taken_at, 500, host="db-2"))
    with ops.store.changing() as ledger:
        ledger.save_incident(incident_of(ops.clock()))
        ledger.mark(kill(ops.clock()))
    return ops


WORDS = [
    ("history", "history web-1"),
    ("history-service", "history web-1 24h gunicorn"),
    ("history-nothing", "history lab"),
    ("why", "why web-1"),
    ("digest", "digest"),
]


@pytest.mark.parametrize(("name", "words"), WORDS)
def test_chats_show_it_as_agreed(ops: Ops, name: str, words: str) -> None:
    assert_golden(name, ops.say("alice", words), words)


@pytest.mark.parametrize("width", [100, 60])
@pytest.mark.parametrize(("name", "words"), WORDS)
def test_the_terminal_shows_it_as_agreed(ops: Ops, name: str, words: str, width: int) -> None:
    golden = GOLDEN / f"{name}-{width}.txt"

    shown = render(ops.say("alice", words), Screen(width))

    if os.environ.get("GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
