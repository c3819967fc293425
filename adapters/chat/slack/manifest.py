"""The app manifest: what Slack needs to know of the app, with the least it may do.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from adapters.chat.slack.options import Options
    from bot.message import Usage

PATH = "/slack/events"
_COMMAND = "/mem"
_BETWEEN = " | "
_ASKED_MOST = ("report", "service", "status", "top")
_LONGEST_HINT = 1_000
_HOST = "https://memwarden.example.org"

SCOPES = {
    "app_mentions:read": "to hear `@memwarden report web-1`",
    "channels:history": "to look whether an alert has arrived before it is sent again",
    "chat:write": "to answer, and to post alerts in channels that the bot was invited to",
    "commands": "for the slash command",
    "files:write": "to attach what is too long for a message, and to show charts",
    "groups:history": "to look whether an alert has arrived in a private channel before it is sent again",
    "im:history": "to hear what people write to the bot directly",
    "im:write": "to open a direct message with who asked, for files that only they may see",
    "usergroups:read": "to know who is in the user groups that have a role",
    "users:read": "to call people by their names",
}
"""What the bot token must be allowed, each with its reason."""

WITHOUT = {
    "channels:history": "an alert may be seen twice in a channel after Slack or the network failed",
    "files:write": "charts are lines of characters, and what is too long for a message is cut",
    "groups:history": "an alert may be seen twice in a private channel after Slack or the network failed",
}
"""What is lost without a scope that the rest works without."""

_EVENTS = ("app_mention", "message.im")


def manifest(options: Options | None, surroundings: Surroundings) -> str:
    """Return the manifest as JSON, which Slack takes as well as YAML, ready to paste."""
    socket_mode = options is None or options.is_socket_mode
    url = {} if socket_mode else {"url": f"{_HOST}{PATH}"}
    request_url = {} if socket_mode else {"request_url": f"{_HOST}{PATH}"}
    menu_url = {} if socket_mode else {"message_menu_options_url": f"{_HOST}{PATH}"}
    return json.dumps(
        {
            "display_information": {
                "name": "memwarden",
                "description": "Tells where a server's memory goes.",
            },
            "features": {
                "app_home": {
                    "home_tab_enabled": False,
                    "messages_tab_enabled": True,
                    "messages_tab_read_only_enabled": False,
                },
                "bot_user": {"display_name": "memwarden", "always_online": True},
                "slash_commands": [
                    {
                        "command": options.command if options else _COMMAND,
                        "description": "Where does the memory go?",
                        "usage_hint": _hint(surroundings.usages),
                        "should_escape": False,
                        **url,
                    }
                ],
            },
            "oauth_config": {"scopes": {"bot": list(SCOPES)}},
            "settings": {
                "event_subscriptions": {**request_url, "bot_events": list(_EVENTS)},
                "interactivity": {"is_enabled": True, **request_url, **menu_url},
                "org_deploy_enabled": False,
                "socket_mode_enabled": socket_mode,
                "token_rotation_enabled": False,
            },
        },
        indent=2,
    )


def _hint(usages: tuple[Usage, ...]) -> str:
    """Name the commands, those that are asked most first, as many as there is room for."""
    hint = ""
    for usage in sorted(usages, key=lambda usage: usage.name not in _ASKED_MOST):
        longer = f"{hint}{_BETWEEN}{usage.name}" if hint else usage.name
        if len(longer) > _LONGEST_HINT:
            break
        hint = longer
    return hint or "help"
