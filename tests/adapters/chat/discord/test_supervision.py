"""Whatever ends the connection, another is made; and when nothing is heard, the others are told."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from adapters.chat.discord.supervision import Patience
from tests.adapters.chat.discord.served import IMPATIENT, echo, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.message import Message, Request
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

TROUBLES: dict[str, Callable[[FakeDiscord], None]] = {
    "closed by Discord": lambda discord: discord.disconnect(4000),
    "asked to reconnect": lambda discord: discord.request_reconnect(),
    "the session is over but can be resumed": lambda discord: discord.invalidate_session(resumable=True),
    "the connection is reset": lambda discord: discord.cut(),
    "something that is no JSON": lambda discord: discord.send_garbage(),
    "JSON that is no frame": lambda discord: discord.send_garbage("[]"),
    "an event that lacks everything": lambda discord: discord.send_garbage(
        '{"op":0,"t":"READY","d":{},"s":9}'
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_after_trouble_it_answers_again(discord: FakeDiscord, memory: Memory, trouble: str) -> None:
    with served(discord, memory) as chat:
        before = discord.identifies + discord.resumes
        TROUBLES[trouble](discord)
        discord.wait_connected(count=before + 1)
        discord.command("1", "status", group="mem")
        (answer,) = discord.wait_shown("1", 1)

    assert "you said status" in answer.plain
    assert chat.outages == []
    assert chat.errors == []


@pytest.mark.parametrize("trouble", ["the connection is reset", "something that is no JSON"])
def test_a_new_connection_in_the_middle_of_an_answer_loses_nothing(
    discord: FakeDiscord, memory: Memory, trouble: str
) -> None:
    connected_again = threading.Event()

    def slow(request: Request) -> Message:
        connected_again.wait(60)
        return echo(request)

    with served(discord, memory, slow):
        discord.command("1", "status", group="mem")
        assert discord.wait_until(lambda: discord.thinking("1") == 1)
        TROUBLES[trouble](discord)
        discord.wait_connected(count=2)
        connected_again.set()
        (answer,) = discord.wait_shown("1", 1)

    assert "you said status" in answer.plain


def test_sessions_that_end_at_once_again_and_again_are_given_up(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, patience=IMPATIENT):
        for count in range(1, 6):
            discord.wait_connected(count=count)
            discord.disconnect(4000)
        assert discord.wait_until(lambda: discord.identifies == 2)

    assert discord.resumes <= 5


def test_while_discord_cannot_be_reached_it_goes_on_trying(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    discord.gateway_down = True

    with served(discord, memory, connected=False):
        discord.wait_until(lambda: discord.connections >= 3)
        discord.gateway_down = False
        discord.wait_connected()

    lines = [record.message for record in caplog.records if "trying again" in record.message]
    assert len(lines) == 1
    assert "Traceback" not in caplog.text


def test_when_nothing_is_heard_the_others_are_told_and_a_new_connection_is_made(
    discord: FakeDiscord, memory: Memory
) -> None:
    discord.heartbeat_interval_s = 0.1

    with served(discord, memory, patience=IMPATIENT) as chat:
        discord.deafen()
        assert discord.wait_until(lambda: len(chat.outages) >= 1)
        discord.undeafen()
        assert discord.wait_until(lambda: len(chat.outages) >= 2)
        discord.command("1", "status", group="mem")
        discord.wait_shown("1", 1)

    deaf, again = chat.outages[:2]
    assert (deaf.platform, deaf.until) == ("discord", None)
    assert again.since == deaf.since
    assert again.until is not None
    assert again.until > again.since


def test_an_idle_connection_that_answers_heartbeats_is_not_deaf(discord: FakeDiscord, memory: Memory) -> None:
    discord.heartbeat_interval_s = 0.1

    with served(discord, memory, patience=IMPATIENT) as chat:
        time.sleep(1.5 * IMPATIENT.deaf_s)

    assert chat.outages == []
    assert discord.connections == 1


def test_what_cannot_be_reached_from_the_start_is_told_too(discord: FakeDiscord, memory: Memory) -> None:
    discord.gateway_down = True

    with served(discord, memory, patience=IMPATIENT, connected=False) as chat:
        assert discord.wait_until(lambda: len(chat.outages) == 1)

    assert "503" in chat.outages[0].reason


@pytest.mark.parametrize(
    ("code", "remedy"), [(4004, "Reset Token"), (4013, "update"), (4014, "no privileged")]
)
def test_what_trying_again_cannot_mend_ends_it_with_the_remedy(
    discord: FakeDiscord, memory: Memory, code: int, remedy: str
) -> None:
    with served(discord, memory) as chat:
        discord.disconnect(code)
        assert chat.ended()

    assert [remedy in str(error) for error in chat.errors] == [True]


def test_a_revoked_token_ends_it(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.revoke()
        assert chat.ended()

    assert ["Reset Token" in str(error) for error in chat.errors] == [True]


def test_closing_takes_no_time_even_while_nothing_is_heard(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, patience=Patience()) as chat:
        discord.deafen()
        chat.chat.close()

        assert chat.ended(Patience().deaf_s / 5)
