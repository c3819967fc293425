"""The commands are registered once, and again only when they changed."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest

from tests.adapters.chat.discord.served import USAGES, served
from tests.servers.fake_discord import payloads

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord
    from tests.servers.fake_discord.wire import JsonObject


def asked(discord: FakeDiscord, times: int) -> bool:
    """Wait until the registered commands were asked for so often."""
    return discord.wait_until(
        lambda: (
            sum(call.method == "GET" and call.path.endswith("/commands") for call in discord.calls) >= times
        )
    )


def files(memory: Memory) -> list[str]:
    """Return the names of what is remembered."""
    return sorted(file.name for file in memory.folder.glob("*"))


def meant(discord: FakeDiscord) -> list[JsonObject]:
    """Return the commands without what changes whenever they are registered."""
    return deepcopy([{**one, "version": None} for one in discord.commands])


def test_a_restart_registers_nothing(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
    for times in (1, 2):
        with served(discord, memory):
            assert asked(discord, times)

    assert discord.syncs == 1


def test_a_new_connection_registers_nothing(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
        discord.send_garbage()
        discord.wait_connected(count=2)

    assert discord.syncs == 1


def test_what_changed_is_registered(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
    with served(discord, memory, usages=USAGES[:2]):
        assert discord.wait_until(lambda: discord.syncs == 2)

    assert len(discord.commands[0]["options"]) == 2


def test_what_is_gone_is_registered_again(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
    discord._world.guild_commands.clear()
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 2)


def without_top(command: JsonObject) -> None:
    command["options"] = [option for option in command["options"] if option["name"] != "top"]


def with_another_name(command: JsonObject) -> None:
    command["options"][1]["options"][0]["name"] = "machine"


def with_another_help(command: JsonObject) -> None:
    command["options"][0]["description"] = "something else"


@pytest.mark.parametrize("change", [without_top, with_another_name, with_another_help])
def test_what_is_otherwise_at_discord_is_registered_again(
    discord: FakeDiscord, memory: Memory, change: Callable[[JsonObject], None]
) -> None:
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
    declared = meant(discord)
    discord.tamper(change)
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 2)

    assert meant(discord) == declared


def test_what_discord_always_tells_otherwise_is_not_registered_again_and_again(
    discord: FakeDiscord, memory: Memory
) -> None:
    capitals = "WHERE A SERVER'S MEMORY GOES"
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
        discord.answer_commands_with = {"description": capitals}
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 2)
    with served(discord, memory):
        assert asked(discord, 2)

    assert discord.syncs == 2


def test_a_command_that_is_not_ours_makes_it_look_again_and_not_again_and_again(
    discord: FakeDiscord, memory: Memory
) -> None:
    def renamed(command: JsonObject) -> None:
        command["options"][0]["name"] = "gone"

    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
        discord.tamper(renamed)
        discord.command("1", "gone", group="mem")
        assert discord.wait_until(lambda: discord.syncs == 2)
        discord.tamper(renamed)
        for count in (2, 3):
            discord.command("1", "gone", group="mem")
            discord.wait_shown("1", count)

    assert discord.syncs == 2


def test_typing_in_a_command_that_is_not_ours_offers_nothing(discord: FakeDiscord, memory: Memory) -> None:
    def renamed(command: JsonObject) -> None:
        command["options"][1]["name"] = "gone"

    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
        discord.tamper(renamed)
        offered = discord.autocomplete("1", "gone", "host", "web", group="mem")

    assert offered == []
    assert discord.refusals == []


PASSING: dict[str, Callable[[FakeDiscord], None]] = {
    "Discord is away": lambda discord: discord.fail("PUT /applications/", 503, times=3),
    "the proxy finds it too much": lambda discord: discord.rate_limit("PUT /", 0.3, 5, via=False),
    "the answer is lost": lambda discord: discord.lose_answer("PUT /applications/", times=3),
    "the answer is strange": lambda discord: discord.say_instead("PUT /applications/", "<html>", "text/html"),
}


@pytest.mark.parametrize("trouble", PASSING)
def test_what_did_not_succeed_at_the_start_is_tried_again(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    PASSING[trouble](discord)

    with served(discord, memory):
        assert discord.wait_until(lambda: files(memory) == ["discord-commands-900-10"])

    assert len([record for record in caplog.records if "registered" in record.message]) == 1


def test_after_another_place_is_configured_nothing_is_left_in_the_first(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory, guild=None):
        assert discord.wait_until(lambda: discord.syncs == 1)
    with served(discord, memory):
        assert discord.wait_until(lambda: files(memory) == ["discord-commands-900-10"])

    (command,) = discord.commands
    assert command["guild_id"] == discord.guild_id


def test_a_server_that_the_bot_has_left_is_cleared_by_itself(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        assert discord.wait_until(lambda: discord.syncs == 1)
    discord.kick()
    with served(discord, memory, guild=None):
        assert discord.wait_until(lambda: files(memory) == ["discord-commands-900-global"])


def test_without_the_scope_one_line_says_what_to_do_and_the_bot_goes_on(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    discord.fail("PUT /applications/", 403, 50001, times=9)

    with served(discord, memory) as chat:
        assert discord.wait_until(lambda: bool(caplog.records))
        discord.send_garbage()
        discord.wait_connected(count=2)

    lines = [record.message for record in caplog.records if "register" in record.message]
    assert len(lines) == 1
    assert "discord invite" in lines[0]
    assert chat.errors == []


def test_when_the_bot_is_invited_later_the_commands_are_registered_then(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    def invite() -> None:
        discord._world.in_guild = True
        guild = payloads.guild_create(discord._world)
        del guild["unavailable"]  # as Discord tells of one that is new
        discord._gateway.dispatch("GUILD_CREATE", guild)

    discord.kick()

    with served(discord, memory) as chat:
        assert discord.wait_until(lambda: bool(caplog.records))
        # discord.py takes what comes at the beginning for what was there before.
        assert discord.wait_until(lambda: chat.chat._client is not None and chat.chat._client.is_ready())
        discord._do(invite)
        assert discord.wait_until(lambda: discord.syncs == 1)


def test_a_long_wait_is_told_and_waited_for(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    discord.rate_limit("PUT /applications/", 60, 3600)

    with served(discord, memory):
        assert discord.wait_until(lambda: bool(caplog.records))

    assert (
        caplog.records[-1].message == "the commands cannot be registered yet: Discord asks to wait for 3600 s"
    )


def test_a_folder_that_cannot_be_written_costs_a_line(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    memory.folder.write_text("a file is in the way")

    with served(discord, memory):
        assert discord.wait_until(lambda: bool(caplog.records))
        discord.command("1", "status", group="mem")
        discord.wait_shown("1", 1)

    assert "could not be written" in caplog.text
