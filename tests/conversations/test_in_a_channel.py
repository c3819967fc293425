"""People talk to the bot in a channel where others read along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.people import Person
from bot.errors import HostUnreachable
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops

if TYPE_CHECKING:
    from bot.message import Message

FLEET = """
[people]
viewers = ["slack-group:S01", "slack:U01"]
[[host]]
name = "web-1"
tags = ["production"]
[[host]]
name = "web-2"
tags = ["production"]
[[host]]
name = "lab"
"""

ALICE = Person("slack", "U01", "Alice")
BOB = Person("slack", "U02", "Bob", ("slack-group:S01",))
MALLORY = Person("slack", "U99", "Mallory")


@pytest.fixture
def ops() -> Ops:
    """Three hosts that answer, two of them in production."""
    ops = Ops(FLEET)
    for host in ops.hosts.shells.values():
        host.says("sh", captured(SEED_AS_ROOT))
    return ops


def labels(answer: Message) -> list[str]:
    return [button.label for button in answer.buttons]


def test_somebody_looks_alone_and_then_shows_the_others(ops: Ops) -> None:
    alone = ops.say(ALICE, "/mem report web-1", in_channel=True)
    assert alone.private
    assert labels(alone) == ["Top processes", "Refresh", "Share"]

    shared = ops.click(ALICE, "Share", in_channel=True)
    assert not shared.private
    assert shared.blocks == alone.blocks
    assert labels(shared) == ["Top processes", "Refresh"]


def test_what_was_shared_is_still_shared_when_a_colleague_refreshes_it(ops: Ops) -> None:
    ops.say(ALICE, "share wide status production", in_channel=True)

    refreshed = ops.click(BOB, "Refresh", in_channel=True)

    assert refreshed.headline == "2 critical"
    assert not refreshed.private
    assert refreshed.wide
    assert "Share" not in labels(refreshed)


def test_a_next_step_from_what_was_shared_is_for_the_one_who_takes_it(ops: Ops) -> None:
    ops.say(ALICE, "share report web-1", in_channel=True)

    assert ops.click(BOB, "Top processes", in_channel=True).private


def test_a_refresh_that_fails_replaces_nothing(ops: Ops) -> None:
    ops.say(ALICE, "share report web-1", in_channel=True)
    ops.hosts["web-1"].fails(HostUnreachable("web-1 does not answer."))

    answer = ops.click(BOB, "Refresh", in_channel=True)

    assert answer.headline == "web-1 does not answer."
    assert answer.refusal
    assert answer.private


def test_alone_with_the_bot_there_is_nobody_to_share_with(ops: Ops) -> None:
    assert labels(ops.say(ALICE, "report web-1")) == ["Top processes", "Refresh"]


def test_somebody_who_forgot_the_words_is_handed_a_form(ops: Ops) -> None:
    answer = ops.say(ALICE, "service", in_channel=True)

    assert answer.form is not None
    assert answer.form.usage.synopsis == "service [host] <name>"
    assert labels(answer) == ["Help"]


def test_a_stranger_learns_whom_to_ask_and_nobody_else_sees_it(ops: Ops) -> None:
    names = {"slack-group:S01": "@oncall"}

    answer = ops.say(MALLORY, "share report web-1", in_channel=True, group_names=names)

    assert answer.headline == (
        "Only viewers may do that: you need the role viewer (given to @oncall)."
        " Whoever configures memwarden can give it to `slack:U99` under [people]."
    )
    assert answer.private
    assert answer.buttons == ()
