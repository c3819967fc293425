"""Where a request came from: what is begun there can be announced there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.message import Button, Message
from tests.adapters.chat.discord.served import echo, served
from tests.servers.fake_discord import permissions

if TYPE_CHECKING:
    from bot.message import Request
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord


def test_a_request_tells_the_channel_it_came_from(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_thread("300", "100", "outage")
    direct = discord.direct_channel("1")

    with served(discord, memory, guild=None) as chat:
        for channel in ("100", "300", direct):
            discord.command("1", "status", channel=channel, group="mem")
            discord.wait_shown("1", 1, channel)
        discord.wait_until(lambda: len(chat.requests) == 3)

    assert [request.channel for request in chat.requests] == ["100", "300", direct]
    assert [request.in_channel for request in chat.requests] == [True, True, False]


def test_a_click_tells_the_channel_it_came_from(discord: FakeDiscord, memory: Memory) -> None:
    def answer(request: Request) -> Message:
        return replace(echo(request), buttons=(Button("Top", "top"),))

    with served(discord, memory, answer) as chat:
        discord.command("1", "status", group="mem")
        (shown,) = discord.wait_shown("1", 1)
        discord.click("1", shown, "Top")
        discord.wait_until(lambda: len(chat.requests) == 2)

    assert chat.requests[-1].channel == "100"


@pytest.mark.parametrize(
    ("channel", "denied"),
    [
        ("200", permissions.VIEW_CHANNEL),
        ("200", permissions.SEND_MESSAGES),
        ("300", permissions.SEND_MESSAGES_IN_THREADS),
    ],
)
def test_where_the_bot_itself_can_say_nothing_no_channel_is_told(
    discord: FakeDiscord, memory: Memory, channel: str, denied: int
) -> None:
    discord.add_channel("200", "closed", denied=denied)
    discord.add_thread("300", "200", "outage")

    with served(discord, memory) as chat:
        discord.command("1", "status", channel=channel, group="mem")
        discord.wait_shown("1", 1, channel)

    assert [request.channel for request in chat.requests] == [""]
