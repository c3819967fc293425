"""Somebody meets the bot for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conversations.ops import text_of

if TYPE_CHECKING:
    from tests.conversations.ops import Ops


def test_a_newcomer_finds_the_way_from_nothing_to_a_command(ops: Ops) -> None:
    assert "report [host]" in text_of(ops.say("alice", ""))

    assert "/mem top web-1 5" in text_of(ops.say("alice", "/mem help top"))

    assert text_of(ops.say("alice", "/mem hosts")).startswith("1 host")


def test_somebody_who_mistypes_is_led_back(ops: Ops) -> None:
    assert ops.say("alice", "rpeort").headline == "There is no command `rpeort`. Did you mean `report`?"

    assert ops.click("alice", "Help") == ops.say("alice", "help")

    assert ops.say("alice", "report wbe-1").headline == ("There is no host `wbe-1`. Known hosts: `local`.")


def test_a_click_needs_a_button_that_is_there(ops: Ops) -> None:
    ops.say("alice", "hosts")

    with pytest.raises(ValueError, match="not enough values"):
        ops.click("alice", "Reboot")
