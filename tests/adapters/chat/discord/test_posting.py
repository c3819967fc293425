"""What is said without having been asked for: it appears once, or it is told that it did not."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import ChatError
from bot.message import Message, Text
from tests.adapters.chat.discord.served import QUICK, served

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

ALERT = Message("web-1 is critical", (Text("96 MiB left"),))
OTHER = Message("web-2 is critical", (Text("12 MiB left"),))
POSTS = "POST /channels/"
HURRIED = replace(QUICK, post_s=1)


def test_a_post_waits_as_long_as_discord_asks(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.rate_limit(POSTS, 0.5, 0.6)
        began = time.monotonic()
        chat.chat.post(ALERT)

    assert time.monotonic() - began > 0.5
    assert len(discord.shown("2")) == 1


def test_a_wait_without_end_is_told_as_not_said(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.rate_limit(POSTS, 60, 3600)
        with pytest.raises(ChatError, match="asks to wait for 3600 s") as raised:
            chat.chat.post(ALERT)

    assert not raised.value.permanent
    assert discord.shown("2") == []


def test_many_at_once_all_appear_and_each_once(discord: FakeDiscord, memory: Memory) -> None:
    discord.buckets[f"{POSTS}{{channel_id}}/messages"] = (5, 0.3)

    with served(discord, memory) as chat, ThreadPoolExecutor(16) as threads:
        said = [threads.submit(chat.chat.post, Message(f"alert {number}.")) for number in range(16)]
        outcomes = [saying.exception(30) for saying in said]

    assert outcomes == [None] * 16
    assert len({shown.content for shown in discord.shown("2")}) == len(discord.shown("2")) == 16


def test_a_post_whose_answer_is_lost_appears_once(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.lose_answer(POSTS)
        chat.chat.post(ALERT)

    assert len(discord.shown("2")) == 1


def test_what_is_not_known_is_told_so_and_can_be_repeated(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, patience=HURRIED) as chat:
        discord.rate_limit(POSTS, 0.5, 2)
        with pytest.raises(ChatError, match="not known") as raised:
            chat.chat.post(ALERT)
        discord.wait_shown("2", 1)
        chat.chat.post(ALERT)

    assert not raised.value.permanent
    assert len(discord.shown("2")) == 1


def test_the_same_can_be_said_again_later(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        chat.chat.post(ALERT)
        chat.chat.post(ALERT)

    assert len(discord.shown("2")) == 2


def test_what_waited_in_vain_for_its_turn_is_never_said(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, patience=HURRIED) as chat, ThreadPoolExecutor(2) as threads:
        discord.rate_limit(POSTS, 0.5, 2.5)
        first = threads.submit(chat.chat.post, ALERT)
        discord.wait_until(lambda: any(call.path.startswith("/channels/") for call in discord.calls))
        second = threads.submit(chat.chat.post, OTHER)
        outcomes = [str(saying.exception(15)) for saying in (first, second)]
        discord.wait_shown("2", 1)
        time.sleep(0.2)

    assert "not known" in outcomes[0]
    assert "too many are waiting" in outcomes[1]
    assert ["web-1" in shown.content for shown in discord.shown("2")] == [True]
