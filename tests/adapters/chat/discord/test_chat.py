"""The chat as the core sees it: serve, announce, close."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from discord.http import Route

from adapters.chat.discord import build
from adapters.chat.discord.chat import DiscordChat
from bot.errors import ChatError, ConfigError, Mistake
from bot.message import Button, Message, Text
from tests.adapters.chat.discord.served import echo, options_of, said, served, surroundings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Secret
    from bot.message import Request
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

ALERT = Message("web-1 is critical", (Text("96 MiB left"),), (Button("Report", "report web-1"),))


def test_what_is_posted_is_seen_by_all_in_the_channel(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        chat.chat.announce(said(ALERT))
        (alert,) = discord.wait_shown("2", 1)
        discord.click("2", alert, "Report")
        _, answer = discord.wait_shown("2", 2)

    assert "web-1 is critical" in alert.content  # notifications show no embeds
    assert "96 MiB left" in alert.plain
    assert not alert.ephemeral
    assert "you said report web-1" in answer.plain


def test_nothing_that_is_posted_calls_anybody(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        chat.chat.announce(said(Message("@everyone <@1> <@&50>", (Text("@here"),))))
        (alert,) = discord.wait_shown("1", 1)

    assert alert.pings == ()
    assert "everyone" in alert.plain


def test_what_has_no_channel_says_so(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, channel=None) as chat, pytest.raises(ChatError, match="names no") as raised:
        chat.chat.announce(said(ALERT))

    assert raised.value.permanent


@pytest.mark.parametrize(
    ("status", "code", "permanent"), [(403, 50001, True), (404, 10003, True), (503, 0, False)]
)
def test_what_could_not_be_posted_tells_whether_later_helps(
    discord: FakeDiscord, memory: Memory, status: int, code: int, *, permanent: bool
) -> None:
    with served(discord, memory) as chat:
        discord.fail("POST /channels/", status, code)
        with pytest.raises(ChatError, match="channel 100") as raised:
            chat.chat.announce(said(ALERT))

    assert raised.value.permanent == permanent
    assert discord.token not in str(raised.value)


def test_before_it_is_connected_nothing_can_be_posted(discord: FakeDiscord, memory: Memory) -> None:
    chat = DiscordChat(options_of(discord), surroundings_of(memory, discord.token))

    with pytest.raises(ChatError, match="not connected") as raised:
        chat.announce(said(ALERT))

    assert not raised.value.permanent


def test_a_rate_limit_delays_answers_and_loses_and_doubles_none(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.rate_limit("PATCH /webhooks/", 0.5, 0.3)
        for _ in range(5):
            discord.command("1", "status", group="mem")
        answers = discord.wait_shown("1", 5)

    assert len(chat.requests) == len(answers) == 5


def test_fifty_commands_at_once_are_acknowledged_at_once(
    discord: FakeDiscord, memory: Memory, record_property: Callable[[str, object], None]
) -> None:
    def slow(request: Request) -> Message:
        time.sleep(0.1)
        return echo(request)

    # A machine that does much else may stand still for longer than Discord waits.
    discord.acknowledge_within_s = 15
    with served(discord, memory, slow):
        asked = [discord.command("1", "top", {"n": n + 1}, group="mem") for n in range(50)]
        waited = sorted(interaction.acknowledged_after_s or math.inf for interaction in asked)
        answers = discord.wait_shown("1", 50)

    p50, p99 = waited[25] * 1000, waited[49] * 1000
    record_property("p50_ms", p50)
    record_property("p99_ms", p99)
    print(f"acknowledged after p50 {p50:.0f} ms, p99 {p99:.0f} ms")  # noqa: T201 - it is for who measures
    assert len({answer.plain for answer in answers}) == 50
    assert math.inf not in waited


@pytest.mark.parametrize("token", ["", "two words", "tök.en", "a\nb"])
def test_what_cannot_be_a_token_is_not_sent_anywhere(
    discord: FakeDiscord, memory: Memory, token: str
) -> None:
    chat = DiscordChat(options_of(discord), surroundings_of(memory, token))

    with pytest.raises(ChatError, match="cannot be a bot's token") as raised:
        chat.serve(echo)

    assert raised.value.permanent
    assert discord.calls == []


def test_a_token_that_is_not_there_is_told(discord: FakeDiscord, memory: Memory) -> None:
    def reveal(_secret: Secret) -> str:
        raise ConfigError("environment", (Mistake("TOKEN", "is not set"),))

    chat = DiscordChat(options_of(discord), replace(surroundings_of(memory, ""), reveal=reveal))

    with pytest.raises(ChatError, match="TOKEN: is not set"):
        chat.serve(echo)


def test_a_wrong_token_says_where_to_get_another(discord: FakeDiscord, memory: Memory) -> None:
    chat = DiscordChat(options_of(discord), surroundings_of(memory, "wrong.token"))

    with pytest.raises(ChatError, match="Reset Token") as raised:
        chat.serve(echo)

    assert raised.value.permanent
    assert "wrong.token" not in str(raised.value)


def test_closed_before_it_was_served_it_never_begins(discord: FakeDiscord, memory: Memory) -> None:
    chat = build(options_of(discord), surroundings_of(memory, discord.token))

    chat.close()
    chat.serve(echo)

    assert discord.calls == []


def test_closing_leaves_slow_answers_behind(discord: FakeDiscord, memory: Memory) -> None:
    going_on = threading.Event()

    with served(discord, memory, lambda request: (going_on.wait(60), echo(request))[1]) as chat:
        discord.command("1", "status", group="mem")
        discord.wait_until(lambda: len(chat.requests) == 1)
        chat.chat.close()

        assert chat.ended()
    going_on.set()
    (told,) = discord.shown("1")
    assert "ask again in a minute" in told.plain
    assert discord.thinking("1") == 0


def test_closing_tells_who_clicked_and_leaves_what_they_clicked_on(
    discord: FakeDiscord, memory: Memory
) -> None:
    going_on = threading.Event()

    def answer(request: Request) -> Message:
        if request.text == "report web-1":
            going_on.wait(60)
        return ALERT

    with served(discord, memory, answer) as chat:
        discord.command("1", "status", group="mem")
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Report")
        discord.wait_until(lambda: len(chat.requests) == 2)
        chat.chat.close()

        assert chat.ended()
    going_on.set()
    before, told = discord.shown("1")
    assert "96 MiB left" in before.plain
    assert "ask again in a minute" in told.plain


def test_closing_waits_a_little_for_answers(discord: FakeDiscord, memory: Memory) -> None:
    closing = threading.Event()

    with served(discord, memory, lambda request: (closing.wait(60), echo(request))[1]) as chat:
        discord.command("1", "status", group="mem")
        discord.wait_until(lambda: len(chat.requests) == 1)
        chat.chat.close()
        closing.set()

        assert chat.ended()
    (answer,) = discord.shown("1")
    assert "you said status" in answer.plain


def test_the_addresses_hold_only_while_it_is_served(discord: FakeDiscord, memory: Memory) -> None:
    before = Route.BASE

    with served(discord, memory):
        assert discord.api_url == Route.BASE

    assert before == Route.BASE


def test_a_proxy_is_used_unless_it_is_to_be_passed_by(
    discord: FakeDiscord, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    with served(discord, memory) as chat:
        discord.command("1", "status", group="mem")
        discord.wait_shown("1", 1)

    assert chat.errors == []


def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    discord: FakeDiscord, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "socks5://user:secret@127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    chat = DiscordChat(options_of(discord), surroundings_of(memory, discord.token))

    with pytest.raises(ChatError, match="HTTP_PROXY") as raised:
        chat.serve(echo)

    assert "secret" not in str(raised.value)


def test_a_long_rate_limit_or_a_lost_answer_loses_and_doubles_nothing(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory) as chat:
        discord.rate_limit("PATCH /webhooks/", 0.3, 0.01)
        discord.command("1", "status", group="mem")
        discord.wait_shown("1", 1)
        discord.lose_answer("PATCH /webhooks/")
        discord.command("1", "report", group="mem")
        discord.wait_shown("1", 2)
        time.sleep(0.2)

    assert len(chat.requests) == len(discord.shown("1")) == 2
