"""`memwarden slack manifest`: what to paste where the app is made."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import bot.commands
from adapters.chat.slack import PLATFORM
from adapters.chat.slack.manifest import manifest
from bot.catalogue import entries
from bot.commands import Command
from bot.message import Usage
from tests.adapters.chat.slack.served import World, options_of

if TYPE_CHECKING:
    from adapters.chat.slack import Options
    from tests.servers.fake_slack import FakeSlack


def printed(options: Options | None) -> dict[str, dict[str, object]]:
    (manifest,) = PLATFORM.prints
    read: dict[str, dict[str, object]] = json.loads(manifest.text(options, World().surroundings))
    return read


def test_it_is_there_before_anything_is_configured() -> None:
    manifest = printed(None)

    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in json.dumps(manifest)


def test_it_asks_for_the_least(slack: FakeSlack) -> None:
    scopes = printed(options_of(slack))["oauth_config"]["scopes"]

    assert scopes == {
        "bot": [
            "app_mentions:read",
            "channels:history",
            "chat:write",
            "commands",
            "files:write",
            "groups:history",
            "im:history",
            "im:write",
            "usergroups:read",
            "users:read",
        ]
    }


def test_every_command_is_hinted_at_and_what_is_used_most_comes_first() -> None:
    real = tuple(command.usage for command in entries(bot.commands, "COMMAND", Command))

    first, *others = hint_of(real).split(" | help")
    assert first.startswith("report | service | status | top")
    assert others
    assert sorted(hint_of(real).split(" | ")) == sorted(usage.name for usage in real)
    assert hint_of(()) == "help"


def test_a_hint_is_as_long_as_slack_takes_it() -> None:
    hint = hint_of(tuple(Usage(f"command-{number}", "does something") for number in range(200)))

    assert 950 < len(hint) <= 1000
    assert hint.startswith("command-0 | command-1 | ")
    assert re.search(r"command-[0-9]+$", hint)


def hint_of(usages: tuple[Usage, ...]) -> str:
    """What Slack shows next to the command for these commands."""
    (command,) = json.loads(manifest(None, replace(World().surroundings, usages=usages)))["features"][
        "slash_commands"
    ]
    return str(command["usage_hint"])


def test_people_can_write_to_the_bot(slack: FakeSlack) -> None:
    features = printed(options_of(slack))["features"]

    assert features["app_home"] == {
        "home_tab_enabled": False,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_http_mode_has_addresses_to_fill_in(slack: FakeSlack) -> None:
    options = options_of(
        slack, app_token=None, signing_secret={"env": "S"}, listen="127.0.0.1:3000", command="/memory"
    )

    manifest = printed(options)

    url = "https://memwarden.example.org/slack/events"
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": url,
        "message_menu_options_url": url,
    }
    (command,) = [manifest["features"]["slash_commands"]]
    assert isinstance(command, list)
    assert (command[0]["command"], command[0]["url"]) == ("/memory", url)
