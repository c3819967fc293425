"""The first word to an interaction, when something comes in between."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bot.message import Button, Form, Message
from tests.adapters.chat.discord.served import USAGES, echo, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.message import Request
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

TOP = next(usage for usage in USAGES if usage.name == "top")
FIRST_WORD = "POST /interactions/"
LOSSES: dict[str, Callable[[FakeDiscord], None]] = {
    "its answer is lost": lambda discord: discord.lose_answer(FIRST_WORD),
    "its answer is lost twice": lambda discord: discord.lose_answer(FIRST_WORD, times=2),
    "Discord has trouble": lambda discord: discord.fail(FIRST_WORD, 500),
    "Discord is away": lambda discord: discord.fail(FIRST_WORD, 503),
    "it is too much": lambda discord: discord.rate_limit(FIRST_WORD, 0.3, 0.3),
    "the proxy finds it too much": lambda discord: discord.rate_limit(FIRST_WORD, 0.3, 5, via=False),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_command_is_answered_once_though(discord: FakeDiscord, memory: Memory, loss: str) -> None:
    with served(discord, memory) as chat:
        LOSSES[loss](discord)
        asked = discord.command("1", "status", group="mem")
        (answer,) = discord.wait_shown("1", 1)

    assert "you said status" in answer.plain
    assert (asked.acknowledged_after_s or 9) < 3
    assert len(chat.requests) == 1


@pytest.mark.parametrize("loss", LOSSES)
def test_a_click_is_answered_once_though(discord: FakeDiscord, memory: Memory, loss: str) -> None:
    def answer(request: Request) -> Message:
        return Message(f"you said {request.text}", buttons=(Button("Top", "top"),))

    with served(discord, memory, answer) as chat:
        discord.command("1", "status", group="mem")
        (shown,) = discord.wait_shown("1", 1)
        LOSSES[loss](discord)
        discord.click("1", shown, "Top")
        assert discord.wait_until(lambda: "you said top" in discord.shown("1")[0].plain)

    assert len(chat.requests) == 2


def test_a_form_opens_though_its_answer_is_lost(discord: FakeDiscord, memory: Memory) -> None:
    def missing(request: Request) -> Message:
        return Message("Which?", form=Form(TOP), refusal=True) if request.text == "top" else echo(request)

    with served(discord, memory, missing) as chat:
        discord.command("1", "top", group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.lose_answer(FIRST_WORD)
        discord.click("1", answer, "Fill in…")
        discord.fill_in("1", discord.wait_modal("1"), {"n": "5"})
        assert discord.wait_until(lambda: len(chat.requests) == 2)

    assert chat.requests[-1].text == "top 5"


def test_what_another_process_has_acknowledged_is_left_to_it(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    with served(discord, memory) as chat:
        discord.fail(FIRST_WORD, 400, 40060)
        discord.command("1", "status", group="mem")
        assert discord.wait_until(
            lambda: any(call.path.startswith("/interactions") for call in discord.calls)
        )
        discord.command("1", "report", group="mem")
        discord.wait_shown("1", 1)

    assert [request.text for request in chat.requests] == ["report"]
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
