"""What the fake Discord lets go wrong, as the real discord.py meets it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest

from tests.servers.fake_discord import FakeDiscord
from tests.servers.fake_discord.sample_bot import Running, SampleBot, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_discord import Shown

ALICE = "1"


@pytest.fixture
def server() -> Iterator[FakeDiscord]:
    with FakeDiscord() as server:
        server.add_member(ALICE, "alice")
        yield server


@pytest.fixture
def bot(server: FakeDiscord) -> Iterator[Running]:
    with running(server, SampleBot()) as bot:
        server.wait_connected()
        yield bot


def answered(server: FakeDiscord) -> Shown:
    """Use a command and return the answer."""
    before = len(server.shown(ALICE))
    server.command(ALICE, "report", {"host": "web-1"}, group="mem")
    return server.wait_shown(ALICE, before + 1)[-1]


# Connections


@pytest.mark.usefixtures("bot")
def test_a_closed_connection_is_resumed_and_nothing_is_missed(server: FakeDiscord) -> None:
    server.disconnect(4000)
    server.command(ALICE, "report", {"host": "web-1"}, group="mem")
    (shown,) = server.wait_shown(ALICE, 1)
    assert shown.plain == "web-1\n[Again]"
    assert (server.identifies, server.resumes) == (1, 1)


@pytest.mark.usefixtures("bot")
def test_a_session_that_timed_out_is_begun_anew(server: FakeDiscord) -> None:
    server.disconnect(4009)
    server.wait_connected(count=2)
    assert (server.identifies, server.resumes) == (2, 0)
    assert answered(server).plain == "web-1\n[Again]"


@pytest.mark.usefixtures("bot")
def test_the_bot_reconnects_when_asked_to(server: FakeDiscord) -> None:
    server.request_reconnect()
    server.wait_connected(count=2)
    assert server.resumes == 1


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(("resumable", "begun"), [(True, 1), (False, 2)])
def test_an_invalid_session_is_resumed_or_begun_anew(
    server: FakeDiscord, *, resumable: bool, begun: int
) -> None:
    server.invalidate_session(resumable=resumable)
    server.wait_connected(count=2)
    assert server.identifies == begun
    assert answered(server).plain == "web-1\n[Again]"


@pytest.mark.usefixtures("bot")
def test_a_reset_connection_is_noticed_at_once(server: FakeDiscord) -> None:
    server.cut()
    server.wait_connected(count=2)
    assert answered(server).plain == "web-1\n[Again]"


def test_a_deaf_gateway_is_noticed_by_missing_answers_to_heartbeats() -> None:
    with FakeDiscord(heartbeat_interval_s=0.1) as server:
        server.add_member(ALICE, "alice")
        with running(server, SampleBot(heartbeat_timeout=0.3)):
            server.wait_connected()
            server.deafen()
            heartbeats = server.heartbeats
            unheard = server.command(ALICE, "report", {"host": "web-1"}, group="mem")
            assert server.wait_until(lambda: server.connections >= 2)
            assert server.heartbeats > heartbeats
            server.undeafen()
            (shown,) = server.wait_shown(ALICE, 1)
            assert (unheard.failed, shown.plain) == (False, "web-1\n[Again]")


def test_a_frame_that_is_no_json_ends_the_library(server: FakeDiscord, bot: Running) -> None:
    server.send_garbage()
    assert server.wait_until(lambda: bot.ended_with is not None)
    assert isinstance(bot.ended_with, json.JSONDecodeError)


def test_a_gateway_that_is_down_lets_the_library_wait(server: FakeDiscord, bot: Running) -> None:
    server.gateway_down = True
    server.disconnect(4000)
    assert server.wait_until(lambda: server.connections == 2)
    assert not server.connected
    assert bot.ended_with is None


# Tokens and intents


def test_a_wrong_token_is_refused_before_anything_else(server: FakeDiscord) -> None:
    with running(server, SampleBot(), token="wrong") as bot:
        assert server.wait_until(lambda: bot.ended_with is not None)
    assert isinstance(bot.ended_with, discord.LoginFailure)
    assert server.connections == 0


def test_a_revoked_token_closes_the_connection_for_good(server: FakeDiscord, bot: Running) -> None:
    server.revoke()
    assert server.wait_until(lambda: bot.ended_with is not None)
    assert isinstance(bot.ended_with, discord.ConnectionClosed)
    assert bot.ended_with.code == 4004


def test_privileged_intents_must_be_granted(server: FakeDiscord) -> None:
    intents = 1 | 1 << 15
    with running(server, SampleBot(intents=intents)) as bot:
        assert server.wait_until(lambda: bot.ended_with is not None)
    assert isinstance(bot.ended_with, discord.PrivilegedIntentsRequired)
    server.privileged_intents = 1 << 15
    with running(server, SampleBot(intents=intents)):
        server.wait_connected()


# Interactions


def test_an_interaction_delivered_twice_can_be_acknowledged_once(server: FakeDiscord, bot: Running) -> None:
    interaction = server.command(ALICE, "report", {"host": "web-1"}, group="mem")
    server.redeliver(interaction)
    assert server.wait_until(lambda: bot.bot.errors == [40060])
    assert len(server.wait_shown(ALICE, 1)) == 1


def test_an_interaction_that_comes_too_late_is_unknown(server: FakeDiscord, bot: Running) -> None:
    server.acknowledge_within_s = 0.05
    server.delay_dispatch = 0.1
    server.command(ALICE, "report", {"host": "web-1"}, group="mem")
    assert server.wait_until(lambda: bot.bot.errors == [10062])
    assert server.shown(ALICE) == []


def test_a_token_ends(server: FakeDiscord, bot: Running) -> None:
    interaction = server.command(ALICE, "slow", {"wait_ms": 100}, group="mem")
    assert interaction.acknowledged_after_s is not None
    server.expire(interaction)
    assert server.wait_until(lambda: bot.bot.errors == [50027])
    assert (server.thinking(ALICE), server.shown(ALICE)) == (1, [])


def test_a_message_can_be_deleted_meanwhile(server: FakeDiscord, bot: Running) -> None:
    message = bot.do(bot.bot.get_partial_messageable(100).send("look"))
    server.delete(server.shown(ALICE)[0])
    with pytest.raises(discord.NotFound) as caught:
        bot.do(message.edit(content="again"))
    assert caught.value.code == 10008


# Calls


def test_the_library_waits_as_long_as_a_rate_limit_says(server: FakeDiscord, bot: Running) -> None:
    server.rate_limit("POST /channels/100/messages", for_s=0.2, retry_after=0.25)
    began = time.monotonic()
    bot.do(bot.bot.get_partial_messageable(100).send("at last"))
    assert time.monotonic() - began >= 0.25
    assert [call.status for call in server.calls if call.route.endswith("/messages")] == [429, 200]
    assert server.refusals == []


def test_a_rate_limit_that_looks_like_a_ban_is_not_waited_for(server: FakeDiscord, bot: Running) -> None:
    server.rate_limit("/channels", for_s=5, retry_after=5, via=False)
    with pytest.raises(discord.HTTPException, match="429"):
        bot.do(bot.bot.get_partial_messageable(100).send("never"))


def test_a_followup_waits_for_its_rate_limit_too(server: FakeDiscord, bot: Running) -> None:
    server.rate_limit("/webhooks", for_s=0.1, retry_after=0.15)
    assert answered(server).plain == "web-1\n[Again]"
    assert bot.bot.errors == []


def test_calls_fail_as_often_as_planned(server: FakeDiscord, bot: Running) -> None:
    server.fail("POST /channels", 403, 50013)
    channel = bot.bot.get_partial_messageable(100)
    with pytest.raises(discord.Forbidden) as caught:
        bot.do(channel.send("no"))
    bot.do(channel.send("yes"))
    assert (caught.value.code, [shown.content for shown in server.shown(ALICE)]) == (50013, ["yes"])


def test_an_answer_can_be_lost_though_the_call_was_done(server: FakeDiscord, bot: Running) -> None:
    server.lose_answer("POST /channels")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        bot.do(bot.bot.get_partial_messageable(100).send("done"))
    assert [shown.content for shown in server.shown(ALICE)] == ["done"]


@pytest.mark.parametrize(
    ("granted", "code"),
    [(0, 50001), (1 << 10, 50013), (1 << 10 | 1 << 11, 50013)],
    ids=["cannot see the channel", "cannot write", "cannot embed"],
)
def test_permissions_are_needed_to_post(server: FakeDiscord, bot: Running, granted: int, code: int) -> None:
    server.permissions = granted
    with pytest.raises(discord.Forbidden) as caught:
        bot.do(bot.bot.get_partial_messageable(100).send(embed=discord.Embed(title="web-1")))
    assert caught.value.code == code


def test_a_guild_that_the_bot_was_removed_from_is_unknown(server: FakeDiscord, bot: Running) -> None:
    server.kick()
    with pytest.raises(discord.NotFound) as caught:
        bot.do(bot.bot.fetch_guild(10))
    assert caught.value.code == 10004
