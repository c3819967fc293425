"""`memwarden discord invite`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import discord as library
import pytest

from adapters.chat.discord import PLATFORM, invite
from bot.errors import ChatError
from tests.adapters.chat.discord.served import options_of, surroundings_of

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord


def test_it_asks_for_the_least(discord: FakeDiscord, memory: Memory) -> None:
    address = urlsplit(invite(options_of(discord), surroundings_of(memory, discord.token)))
    query = parse_qs(address.query)

    assert (address.scheme, address.netloc) == ("https", "discord.com")
    assert query["client_id"] == [discord.application_id]
    assert query["scope"] == ["bot applications.commands"]
    assert query["guild_id"] == [discord.guild_id]
    allowed = library.Permissions(int(query["permissions"][0]))
    assert {name for name, given in allowed if given} == {
        "read_messages",
        "send_messages",
        "embed_links",
        "attach_files",
        "read_message_history",
        "create_public_threads",
        "send_messages_in_threads",
    }


def test_without_a_server_any_can_be_chosen(discord: FakeDiscord, memory: Memory) -> None:
    address = invite(options_of(discord, guild=None), surroundings_of(memory, discord.token))

    assert "guild_id" not in address


def test_without_a_configuration_it_says_what_is_needed(memory: Memory) -> None:
    with pytest.raises(ChatError, match="write `token` under"):
        invite(None, surroundings_of(memory, ""))


def test_with_a_wrong_token_it_says_where_to_get_another(discord: FakeDiscord, memory: Memory) -> None:
    with pytest.raises(ChatError, match="Reset Token"):
        invite(options_of(discord), surroundings_of(memory, "wrong"))


def test_where_discord_cannot_be_reached_it_says_so(discord: FakeDiscord, memory: Memory) -> None:
    options = options_of(discord, api_url="http://127.0.0.1:9/api/v10")

    with pytest.raises(ChatError, match="did not tell") as raised:
        invite(options, surroundings_of(memory, discord.token))

    assert not raised.value.permanent


@pytest.mark.parametrize(
    ("text", "content_type"),
    [("<html>It works!</html>", "text/html"), ("{}", "application/json"), ("{", "application/json")],
)
def test_where_something_else_answers_it_says_so(
    discord: FakeDiscord, memory: Memory, text: str, content_type: str
) -> None:
    discord.say_instead("GET /users/@me", text, content_type)

    with pytest.raises(ChatError, match="is not Discord"):
        invite(options_of(discord), surroundings_of(memory, discord.token))


def test_it_is_among_what_the_platform_prints() -> None:
    assert [printed.name for printed in PLATFORM.prints] == ["invite"]
