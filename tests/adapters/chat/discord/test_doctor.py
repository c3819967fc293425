"""`memwarden doctor`, as far as it is about Discord."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.chat.discord import examine
from adapters.secrets import reveal
from bot.domain.finding import Finding, State
from tests.adapters.chat.discord.served import USAGES, Memory, options_of, served, surroundings_of
from tests.servers.fake_discord import permissions

if TYPE_CHECKING:
    from tests.servers.fake_discord import FakeDiscord
    from tests.servers.fake_discord.wire import JsonObject


@pytest.fixture
def registered(discord: FakeDiscord, memory: Memory) -> FakeDiscord:
    """A Discord where everything is right."""
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
    return discord


def found(
    discord: FakeDiscord,
    memory: Memory,
    *,
    token: str = "",
    groups: tuple[str, ...] = (),
    places: tuple[str, ...] = (),
    mentioned: tuple[str, ...] = (),
    **given: object,
) -> dict[str, Finding]:
    surroundings = surroundings_of(
        memory, token or discord.token, groups=groups, places=places, mentioned=mentioned
    )
    return {finding.subject: finding for finding in examine(options_of(discord, **given), surroundings)}


def wrong(findings: dict[str, Finding]) -> dict[str, Finding]:
    return {subject: finding for subject, finding in findings.items() if finding.state is not State.RIGHT}


def test_where_all_is_right_nothing_is_left_behind(registered: FakeDiscord, memory: Memory) -> None:
    findings = found(registered, memory, groups=("discord-role:50",), channels=("100",))

    assert wrong(findings) == {}
    assert list(findings) == [
        f"discord: {subject}"
        for subject in ("token", "application", "clock", "server", "commands", "channel", "roles")
    ]
    assert registered.shown("1") == []
    assert registered.refusals == []


def test_a_wrong_token_is_all_that_can_be_said(discord: FakeDiscord, memory: Memory) -> None:
    (finding,) = found(discord, memory, token="wrong").values()

    assert finding.state is State.WRONG
    assert finding.sentence == "Discord does not accept the bot's token."
    assert finding.remedy.startswith("In the Developer Portal open the application, choose Bot > Reset Token")


def test_an_address_that_leads_nowhere_is_told(discord: FakeDiscord, memory: Memory) -> None:
    (finding,) = found(discord, memory, api_url="http://127.0.0.1:9/api/v10").values()

    assert finding.state is State.WRONG
    assert "`api_url`" in finding.remedy


def test_a_bot_that_was_not_invited_is_told_how(registered: FakeDiscord, memory: Memory) -> None:
    registered.kick()

    findings = wrong(found(registered, memory))

    assert "discord invite" in findings["discord: server"].remedy
    assert findings["discord: server"].state is State.WRONG


def test_commands_that_are_missing_or_otherwise_are_told(discord: FakeDiscord, memory: Memory) -> None:
    assert "memwarden run" in wrong(found(discord, memory))["discord: commands"].remedy

    with served(discord, memory, usages=USAGES[:1]):
        discord.wait_until(lambda: discord.syncs == 1)

    assert "registered otherwise" in wrong(found(discord, memory))["discord: commands"].sentence


def test_commands_that_differ_in_a_detail_are_told(registered: FakeDiscord, memory: Memory) -> None:
    def reworded(command: JsonObject) -> None:
        command["options"][0]["description"] = "something else"

    registered.tamper(reworded)

    assert "registered otherwise" in wrong(found(registered, memory))["discord: commands"].sentence


def test_commands_that_are_left_over_elsewhere_are_told(registered: FakeDiscord, memory: Memory) -> None:
    with served(registered, Memory(memory.folder / "other"), guild=None):
        registered.wait_until(lambda: registered.syncs == 2)

    assert "globally too" in wrong(found(registered, memory))["discord: commands"].sentence
    assert "in Operations too" in wrong(found(registered, memory, guild=None))["discord: commands"].sentence


HTML = ("<html>It works!</html>", "text/html")
NOTHING = ("{}", "application/json")
BROKEN = ("[", "application/json")


@pytest.mark.parametrize("route", ["GET /users/@me", "GET /oauth2/applications/@me"])
@pytest.mark.parametrize("answer", [HTML, NOTHING, BROKEN])
def test_where_something_else_answers_it_says_so(
    discord: FakeDiscord, memory: Memory, route: str, answer: tuple[str, str]
) -> None:
    discord.say_instead(route, *answer, times=9)

    (finding,) = found(discord, memory).values()

    assert "is not Discord" in finding.sentence
    assert "`api_url`" in finding.remedy


@pytest.mark.parametrize(
    ("route", "subject"),
    [
        ("GET /users/@me/guilds", "server"),
        ("GET /applications/900/guilds/10/commands", "commands"),
        ("GET /guilds/10/channels", "channel"),
    ],
)
@pytest.mark.parametrize("answer", [HTML, BROKEN])
def test_one_strange_answer_leaves_the_other_findings(
    registered: FakeDiscord, memory: Memory, route: str, subject: str, answer: tuple[str, str]
) -> None:
    registered.say_instead(route, *answer)

    findings = found(registered, memory)

    assert "is not Discord" in findings[f"discord: {subject}"].sentence
    assert findings["discord: application"].state is State.RIGHT


@pytest.mark.parametrize("date", ["Mon, 23 Nov 2026 18:00:00 -0000", "yesterday", "Mon, 99 Nov 2026"])
def test_a_strange_date_does_no_harm(registered: FakeDiscord, memory: Memory, date: str) -> None:
    registered.date = date
    now = datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC)
    surroundings = surroundings_of(memory, registered.token, now=lambda: now)

    findings = {finding.subject: finding for finding in examine(options_of(registered), surroundings)}

    assert findings["discord: channel"].state is State.RIGHT
    assert wrong(findings) == {}


@pytest.mark.parametrize(
    ("denied", "name"),
    [
        (1 << 10, "View Channel"),
        (1 << 11, "Send Messages"),
        (1 << 14, "Embed Links"),
        (1 << 15, "Attach Files"),
    ],
)
def test_a_permission_that_is_missing_is_named(
    registered: FakeDiscord, memory: Memory, denied: int, name: str
) -> None:
    registered.add_channel("100", "ops", denied=denied)

    finding = wrong(found(registered, memory))["discord: channel"]

    assert finding.state is State.WRONG
    assert name in finding.remedy
    assert registered.shown("1") == []


@pytest.mark.parametrize(
    ("denied", "name", "lost"),
    [
        (1 << 16, "Read Message History", "can appear twice"),
        (1 << 35, "Create Public Threads", "as replies"),
        (1 << 38, "Send Messages in Threads", "as replies"),
    ],
)
def test_a_permission_one_can_do_without_is_noted_with_what_is_lost(
    registered: FakeDiscord, memory: Memory, denied: int, name: str, lost: str
) -> None:
    registered.add_channel("100", "ops", denied=denied)

    (finding,) = wrong(found(registered, memory)).values()

    assert (finding.subject, finding.state) == (f"discord: {name}", State.NOTE)
    assert lost in finding.sentence
    assert name in finding.remedy


def test_every_channel_that_a_route_names_is_looked_at(registered: FakeDiscord, memory: Memory) -> None:
    registered.add_channel("200", "dba", denied=permissions.EMBED_LINKS)
    places = ("100", "200", "404", "#ops")

    findings = wrong(found(registered, memory, channel=None, places=places))

    assert set(findings) == {f"discord: channel {place}" for place in ("200", "404", "#ops")}
    assert "Embed Links" in findings["discord: channel 200"].remedy
    assert findings["discord: channel 404"].remedy == "Correct the route that names it."
    assert registered.shown("1", "200") == []


def test_where_nothing_can_be_written_the_route_is_wrong(registered: FakeDiscord, memory: Memory) -> None:
    registered.fail("POST /channels/200", 400, 50008)
    registered.add_channel("200", "a forum")

    (finding,) = wrong(found(registered, memory, places=("200",))).values()

    assert "nothing can be written there" in finding.sentence


def test_whom_a_route_mentions_is_looked_for(registered: FakeDiscord, memory: Memory) -> None:
    mentioned = ("discord:1", "discord:77", "discord-role:50", "discord-role:406")

    findings = wrong(found(registered, memory, mentioned=mentioned))

    assert set(findings) == {"discord: person 77", "discord: roles"}
    assert "discord-role:406" in findings["discord: roles"].sentence


def test_a_role_that_cannot_be_mentioned_is_noted(registered: FakeDiscord, memory: Memory) -> None:
    registered.add_role("50", "oncall", mentionable=False)

    (finding,) = wrong(found(registered, memory, mentioned=("discord-role:50",))).values()

    assert finding.state is State.NOTE
    assert "@oncall notifies nobody" in finding.sentence

    registered.permissions |= permissions.MENTION_EVERYONE
    assert wrong(found(registered, memory, mentioned=("discord-role:50",))) == {}


def test_channels_and_roles_that_do_not_exist_are_told(registered: FakeDiscord, memory: Memory) -> None:
    findings = wrong(
        found(registered, memory, channel="404", channels=("405",), groups=("discord-role:406",))
    )

    assert "`channel`" in findings["discord: channel"].remedy
    assert "405" in findings["discord: channels"].sentence
    assert "discord-role:406" in findings["discord: roles"].sentence


def test_no_channel_is_worth_a_note(registered: FakeDiscord, memory: Memory) -> None:
    assert wrong(found(registered, memory, channel=None))["discord: channel"].state is State.NOTE


@pytest.mark.parametrize(("ahead_s", "state"), [(-90, State.WRONG), (20, State.NOTE)])
def test_a_clock_that_is_wrong_is_told(
    registered: FakeDiscord, memory: Memory, ahead_s: int, state: State
) -> None:
    surroundings = surroundings_of(
        memory, registered.token, now=lambda: datetime.now(UTC) + timedelta(seconds=ahead_s)
    )
    findings = {f.subject: f for f in examine(options_of(registered), surroundings)}

    assert findings["discord: clock"].state is state
    assert ("behind" in findings["discord: clock"].sentence) == (ahead_s < 0)


def test_a_token_that_is_not_there_is_one_sentence_with_its_place(
    discord: FakeDiscord, memory: Memory
) -> None:
    surroundings = replace(
        surroundings_of(memory, ""), reveal=lambda secret: reveal(secret, {}, lambda path: path)
    )

    (finding,) = examine(options_of(discord), surroundings)

    assert finding == Finding(
        "discord: token",
        State.WRONG,
        "environment: TOKEN is not set, and a secret should be in it.",
        "Put the token there, or correct `token` under [chat.discord].",
    )


def test_what_cannot_be_a_token_is_told_with_where_to_copy_it_from(
    discord: FakeDiscord, memory: Memory
) -> None:
    (finding,) = found(discord, memory, token="two words").values()

    assert finding.sentence.endswith("cannot be a bot's token.")
    assert finding.remedy == "Copy it again from Bot > Reset Token in the Developer Portal."
