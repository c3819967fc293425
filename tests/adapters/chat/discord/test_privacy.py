"""What is meant for one is shown to one, and nobody is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.message import Button, Message, Text
from tests.adapters.chat.discord.served import said, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.message import Request
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

REMOVAL = "DELETE /webhooks/"
FAILURES: dict[str, Callable[[FakeDiscord], None]] = {
    "it is forbidden": lambda discord: discord.fail(REMOVAL, 403, 50001),
    "it is too much": lambda discord: discord.rate_limit(REMOVAL, 60, 60, via=False),
    "it is unknown": lambda discord: discord.fail(REMOVAL, 404, 10015),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_private_answer_never_takes_the_place_of_what_all_see(
    discord: FakeDiscord, memory: Memory, failure: str
) -> None:
    FAILURES[failure](discord)

    with served(discord, memory, lambda _: Message("for alice only", refusal=True)):
        discord.command("1", "status", {"share": True}, group="mem")
        _, answer = discord.wait_shown("1", 2)

    assert "for alice only" in answer.plain
    assert answer.ephemeral
    assert [shown.plain for shown in discord.shown("2")] == ["The answer is for you alone."]
    assert discord.thinking("2") == 0


def test_a_removal_whose_answer_is_lost_leaves_the_answer_alone(discord: FakeDiscord, memory: Memory) -> None:
    discord.lose_answer(REMOVAL)

    with served(discord, memory, lambda _: Message("for alice only", refusal=True)):
        discord.command("1", "status", {"share": True}, group="mem")
        (answer,) = discord.wait_shown("1", 1)

    assert "for alice only" in answer.plain
    assert discord.shown("2") == []


def test_whatever_is_sent_forbids_discord_to_call_anybody(discord: FakeDiscord, memory: Memory) -> None:
    def answer(request: Request) -> Message:
        return Message(
            f"@everyone <@1> <@&50> {request.text}",
            (Text("word " * 3000),),
            (Button("Stop", "stop", confirm="Really @here?"), Button("Top", "top")),
            private=not request.text.startswith("share"),
        )

    with served(discord, memory, answer) as chat:
        chat.chat.announce(said(Message("@everyone", (Text("<@1>"),))))
        discord.command("1", "status", {"share": True}, group="mem")
        _, shared = discord.wait_shown("1", 2)
        discord.click("2", shared, "Top")
        discord.click("1", shared, "Stop")
        discord.wait_shown("2", 3)
        *_, question = discord.wait_shown("1", 3)
        discord.click("1", question, "Yes")
        assert discord.wait_until(lambda: len(chat.requests) == 3 and discord.shown("1")[-1].edited)

    sent = [
        call for call in discord.calls if call.method in {"POST", "PATCH"} and isinstance(call.body, dict)
    ]
    messages = [call for call in sent if call.path.startswith(("/channels", "/webhooks"))]
    assert {(call.method, call.path.split("/")[1]) for call in messages} == {
        ("POST", "channels"),
        ("POST", "webhooks"),
        ("PATCH", "webhooks"),
    }
    assert all(
        call.body["allowed_mentions"] == {"parse": []} for call in messages if isinstance(call.body, dict)
    )
    assert all(shown.pings == () for shown in discord.shown("1"))
