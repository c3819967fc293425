"""`audit`: who did what."""

from __future__ import annotations

from bot.domain.people import Person
from tests.conversations.ops import Ops, text_of

CONFIGURATION = """
[[host]]
name = "web-1"
[people]
viewers = ["*"]
operators = ["slack:U01"]
"""
ALICE = Person("slack", "U01", "Alice")


def test_operators_see_who_did_what_newest_first() -> None:
    ops = Ops(CONFIGURATION)
    ops.say("bob", "silence web-1 2h")
    ops.say(ALICE, "silence web-1 2h deploy")

    answer = ops.say(ALICE, "audit")

    first, second = text_of(answer).splitlines()[2:4]
    assert "Alice (slack:U01)" in first
    assert "silence web-1 for 2 h: deploy" in first
    assert "Bob (terminal:bob)" in second
    assert "refused: Only operators may do that" in second
    assert ops.say(ALICE, "audit 1").headline == "1 line of the audit, newest first"


def test_viewers_do_not() -> None:
    assert Ops(CONFIGURATION).say("bob", "audit").headline.startswith("Only operators may do that")


def test_to_look_at_it_is_not_audited() -> None:
    ops = Ops(CONFIGURATION)
    ops.say("bob", "audit")
    ops.say(ALICE, "audit")

    assert ops.store.audited(5) == ()
