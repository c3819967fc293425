"""Forms: each kind of word is asked for as what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.usage import words as read
from tests.adapters.chat.discord.served import USAGES, asking_for, served

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("history", {"host": "web-1", "period": "7d"}),
        ("silence", {"what": "web-1", "how_long": "90m", "reason": "deploy of tonight"}),
        ("ack", {"number": "12"}),
        ("maxmemory", {"service": "redis", "size": "64mb"}),
        ("approve", {"plan": "42", "code": "k7f3"}),
    ],
)
def test_a_form_asks_for_each_kind_of_word(
    discord: FakeDiscord, memory: Memory, name: str, inputs: dict[str, str]
) -> None:
    usage = next(usage for usage in USAGES if usage.name == name)

    with served(discord, memory, asking_for(usage)) as chat:
        discord.command("1", "status", group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Fill in…")
        discord.fill_in("1", discord.wait_modal("1"), inputs)
        discord.wait_until(lambda: len(chat.requests) == 2)

    assert read(chat.requests[-1].text) == (name, *inputs.values())
    assert not chat.requests[-1].clicked
    assert discord.refusals == []
