"""The bot's own commands, answered in Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bot.commands
from bot.catalogue import entries
from bot.commands import Command
from bot.dispatch import dispatch
from tests.adapters.chat.slack.served import serving, world_of
from tests.conversations.ops import Ops

if TYPE_CHECKING:
    from bot.ports import Answer
    from tests.servers.fake_slack import FakeSlack

CONFIGURATION = """
[[host]]
name = "web-1"

[people]
viewers = ["slack-group:S01"]
"""


def answer() -> Answer:
    return dispatch(entries(bot.commands, "COMMAND", Command), Ops(CONFIGURATION).ports)


def test_every_command_is_answered_to_who_may(slack: FakeSlack) -> None:
    slack.add_group("S01", "oncall", ("U01",))
    commands = ("help", "hosts", "status", "report web-1", "top web-1", "service web-1 nginx")

    with serving(slack, answer(), world=world_of(slack, groups=("slack-group:S01",))):
        for command in commands:
            slack.command("U01", command)
        shown = slack.wait_shown("U01", len(commands))

        assert all(each.ephemeral for each in shown)
        assert not [each.plain for each in shown if "mistake of ours" in each.plain]


def test_who_may_not_is_told_which_group_may(slack: FakeSlack) -> None:
    slack.add_group("S01", "oncall", ())

    with serving(slack, answer(), world=world_of(slack, groups=("slack-group:S01",))):
        slack.command("U01", "status")
        (shown,) = slack.wait_shown("U01", 1)

        assert "viewer" in shown.plain
        assert "@oncall" in shown.plain


def test_an_unknown_command_offers_help_by_a_button(slack: FakeSlack) -> None:
    with serving(slack, answer()):
        slack.mention("U01", "nosuchthing")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Help")

        slack.wait_until("U01", lambda seen: "/mem" in seen[-1].plain)
