"""`/mem status`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import HostUnreachable
from bot.message import Button, Table
from tests.cases import SEED_AS_ROOT, SEED_AS_USER, captured
from tests.conversations.ops import Ops

FLEET = """
[bot]
time_zone = "Europe/Berlin"
[[host]]
name = "web-1"
tags = ["production", "web"]
[[host]]
name = "web-2"
tags = ["web"]
[[host]]
name = "db-1"
tags = ["production"]
"""


@pytest.fixture
def ops() -> Ops:
    """Three hosts, one of them down, read in Berlin."""
    ops = Ops(FLEET)
    ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    ops.hosts["web-2"].says("sh", captured(SEED_AS_USER))
    ops.hosts["db-1"].fails(HostUnreachable("db-1 does not answer."))
    return ops


@pytest.mark.parametrize(
    ("words", "hosts"),
    [
        ("status", {"web-1", "web-2", "db-1"}),
        ("status web", {"web-1", "web-2"}),
        ("status PRODUCTION", {"web-1", "db-1"}),
    ],
)
def test_the_hosts_that_are_meant_are_looked_at_and_no_others(ops: Ops, words: str, hosts: set[str]) -> None:
    (table,) = (block for block in ops.say("alice", words).blocks if isinstance(block, Table))

    assert {row.cells[1] for row in table.rows} == hosts
    assert {name for name, shell in ops.hosts.shells.items() if shell.ran} == hosts


@pytest.mark.parametrize("words", ["status", "status web", "status web-1", "status db-1"])
def test_to_look_again_is_to_say_the_same_words_again_in_the_same_place(ops: Ops, words: str) -> None:
    answer = ops.say("alice", words)

    label = "Try again" if words == "status db-1" else "Refresh"
    assert answer.buttons[-1] == Button(label, words, in_place=True)


def test_one_host_is_shown_in_brief(ops: Ops) -> None:
    assert ops.say("alice", "status web-1").headline == "web-1 is critical: 82 of 961 MiB available (8 %)"


@pytest.mark.parametrize("words", ["status", "status web-1", "status db-1", "report web-1", "top web-1"])
def test_the_moment_of_the_figures_is_told_in_the_zone_in_which_people_read_it(ops: Ops, words: str) -> None:
    answer = ops.say("alice", words)

    assert answer.measured_at == ops.ports.now()
    assert answer.measured_at.utcoffset() == timedelta(hours=1)
    assert answer.measured_at.strftime("%H:%M") not in answer.footnote


def test_a_host_or_tag_that_there_is_not_is_refused(ops: Ops) -> None:
    answer = ops.say("alice", "status prodcution")

    assert answer.headline == (
        "There is no host or tag `prodcution`. Did you mean `production`?"
        " Known hosts: `web-1`, `web-2` and `db-1`. Known tags: `production` and `web`."
    )
    assert answer.refusal
