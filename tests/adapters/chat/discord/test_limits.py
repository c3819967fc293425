"""What is too long for Discord is cut as Discord counts, in units of UTF-16: an emoji is two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adapters.chat.discord.components import controls, view
from adapters.chat.discord.forms import modal
from adapters.monospace.page import length
from bot.message import Button, Form, Kind, Parameter, Usage
from tests.adapters.chat.discord.served import served

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

EMOJI = "\N{OCTOPUS}" * 90
USAGE = Usage("look", EMOJI, (Parameter("host", Kind.HOST, EMOJI),))


def test_descriptions_of_commands(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, usages=(USAGE,)):
        assert discord.wait_until(lambda: discord.syncs == 1)
        (subcommand,) = discord.commands[0]["options"]

    assert 90 < length(subcommand["description"]) <= 100
    assert 90 < length(subcommand["options"][0]["description"]) <= 100


def test_labels_of_buttons() -> None:
    shown = view(controls([Button(EMOJI, "look")], "", lambda words: words))

    assert shown is not None
    (row,) = shown.to_components()
    assert 70 < length(row["components"][0]["label"]) <= 80


def test_titles_of_forms() -> None:
    async def title() -> str:
        return modal(Form(USAGE), [()]).title

    assert 40 < length(asyncio.run(title())) <= 45
