"""Who asks, and which of the configured roles they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.adapters.chat.discord.served import served

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

ONCALL = "discord-role:50"
EVERYONE = "discord-role:10"


@pytest.mark.parametrize(("user", "groups"), [("1", (ONCALL, EVERYONE)), ("2", (EVERYONE,))])
def test_the_roles_of_a_member_are_known(
    discord: FakeDiscord, memory: Memory, user: str, groups: tuple[str, ...]
) -> None:
    with served(discord, memory, groups=[ONCALL, EVERYONE, "discord-role:99", "discord-role:x"]) as chat:
        discord.command(user, "status", group="mem")
        discord.wait_shown(user, 1)

    (request,) = chat.requests
    assert request.person.groups == groups
    assert request.group_names == {ONCALL: "@oncall", EVERYONE: "@everyone"}


@pytest.mark.parametrize("direct", [False, True])
def test_just_after_a_restart_roles_count_too(discord: FakeDiscord, memory: Memory, *, direct: bool) -> None:
    with served(discord, memory, guild=None):
        discord.wait_until(lambda: discord.syncs == 1)
    discord.delay_guild = 5

    with served(discord, memory, guild=None, groups=[ONCALL, EVERYONE]) as chat:
        channel = discord.direct_channel("1") if direct else "100"
        discord.command("1", "status", channel=channel, group="mem")
        discord.wait_shown("1", 1, channel)

    assert chat.requests[0].person.groups == (ONCALL, EVERYONE)


def test_a_role_that_is_given_or_renamed_counts_at_once(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, groups=[ONCALL]) as chat:
        discord.add_member("2", "bob", roles=("50",))
        discord.add_role("50", "duty")
        discord.command("2", "status", group="mem")
        discord.wait_shown("2", 1)

    assert chat.requests[0].person.groups == (ONCALL,)
    assert chat.requests[0].group_names == {ONCALL: "@duty"}


def test_in_direct_messages_roles_are_asked_for_and_kept(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, guild=None, groups=[ONCALL]) as chat:
        discord.wait_until(lambda: discord.syncs == 1)
        channel = discord.direct_channel("1")
        for count in (1, 2):
            discord.command("1", "status", channel=channel, group="mem")
            discord.wait_shown("1", count, channel)

    assert [request.person.groups for request in chat.requests] == [(ONCALL,), (ONCALL,)]
    assert sum("/members/1" in call.path for call in discord.calls) == 1


def test_completing_never_waits_for_roles_that_are_not_known(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, guild=None, groups=[ONCALL]) as chat:
        discord.wait_until(lambda: discord.syncs == 1)
        channel = discord.direct_channel("1")
        discord.autocomplete("1", "report", "host", "web", channel=channel, group="mem")
        assert not any("/members/1" in call.path for call in discord.calls)
        discord.command("1", "status", channel=channel, group="mem")
        discord.wait_shown("1", 1, channel)
        discord.autocomplete("1", "report", "host", "web", channel=channel, group="mem")

    assert [person.groups for person in chat.typists] == [(), (ONCALL,)]


def test_who_is_no_member_has_no_roles(discord: FakeDiscord, memory: Memory) -> None:
    discord.fail("GET /guilds/10/members/", 404, 10007)

    with served(discord, memory, guild=None, groups=[ONCALL]) as chat:
        discord.wait_until(lambda: discord.syncs == 1)
        channel = discord.direct_channel("1")
        discord.command("1", "status", channel=channel, group="mem")
        discord.wait_shown("1", 1, channel)

    assert chat.requests[0].person.groups == ()


def test_where_roles_cannot_be_asked_for_there_are_none(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    discord.fail("GET /guilds/10/members/", 403, 50001)

    with served(discord, memory, guild=None, groups=[ONCALL]) as chat:
        discord.wait_until(lambda: discord.syncs == 1)
        channel = discord.direct_channel("1")
        discord.command("1", "status", channel=channel, group="mem")
        discord.wait_shown("1", 1, channel)

    assert chat.requests[0].person.groups == ()
    assert len(caplog.records) == 1
