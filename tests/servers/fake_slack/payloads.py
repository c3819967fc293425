"""What Slack tells the app when a person does something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.servers.fake_slack.workspace import APP, BOT, BOT_USER, TEAM

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Json
    from tests.servers.fake_slack.workspace import Channel, OpenView, Post, User, Workspace

_DOMAIN = "example"
# Slack knows which words end a host's name; a few of them do here.
_ADDRESS = re.compile(
    r"(?P<url>https?://[^\s<>]+)|(?<![\w.@-])(?:[\w.+-]+@)?(?:[a-z0-9-]+\.)+(?:com|dev|io|net|org)(?![\w.-])"
)
_TOKEN = "verification-token-nobody-should-use"


def slash_command(
    user: User, channel: Channel, *, command: str, text: str, trigger_id: str, response_url: str
) -> Json:
    """Return the fields of a slash command. Its text comes with `&`, `<` and `>` escaped, as messages do."""
    return {
        "token": _TOKEN,
        "team_id": user.team,
        "team_domain": _DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": escaped(text.strip()),
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def event(event: Json, event_id: str, at: float, *, by_stranger: bool = False) -> Json:
    """Return an event wrapped as the Events API does."""
    return {
        "token": _TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": by_stranger,
        "event_context": f"4-{event_id}",
    }


def message_event(post: Post, channel: Channel, *, number: int) -> Json:
    """Return a `message` event; the app's own messages carry its bot_id."""
    body = post.json() | {"channel": channel.id, "event_ts": post.ts, "channel_type": channel_type(channel)}
    if not post.from_app:
        body["client_msg_id"] = f"client-{number}"
    elif post.files:
        body["subtype"] = "file_share"
    return body


def changed_event(post: Post, channel: Channel, subtype: str, ts: str) -> Json:
    """Return what follows an edited (`message_changed`) or deleted (`message_deleted`) message."""
    body: Json = {
        "type": "message",
        "subtype": subtype,
        "channel": channel.id,
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
        "channel_type": channel_type(channel),
        "previous_message": post.json(),
    }
    return body | ({"message": post.json()} if subtype == "message_changed" else {"deleted_ts": post.ts})


def mention_event(post: Post, *, number: int) -> Json:
    body = post.json() | {"type": "app_mention", "channel": post.channel, "event_ts": post.ts}
    return body | {"client_msg_id": f"client-{number}"}


def block_actions(
    user: User, post: Post, channel: Channel, action: Json, *, trigger_id: str, response_url: str
) -> Json:
    """Return a click; on an ephemeral message the payload has no `message`."""
    body = _interaction("block_actions", user) | {
        "container": {
            "type": "message",
            "message_ts": post.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(post.only_for),
            **({"thread_ts": post.thread_ts} if post.thread_ts else {}),
        },
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }
    return body if post.only_for else body | {"message": post.json()}


def view_actions(user: User, view: OpenView, action: Json, *, trigger_id: str) -> Json:
    """Return a click within a modal."""
    return _interaction("block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": view.body,
        "actions": [action],
    }


def view_submission(user: User, view: OpenView, values: Json, *, trigger_id: str) -> Json:
    return _interaction("view_submission", user) | {
        "trigger_id": trigger_id,
        "view": view.body | {"state": {"values": values}},
        "response_urls": [],
    }


def view_closed(user: User, view: OpenView) -> Json:
    return _interaction("view_closed", user) | {"view": view.body, "is_cleared": False}


def block_suggestion(user: User, view: OpenView, block_id: str, action_id: str, typed: str) -> Json:
    return _interaction("block_suggestion", user) | {
        "container": {"type": "view", "view_id": view.id},
        "action_id": action_id,
        "block_id": block_id,
        "value": typed,
        "view": view.body,
    }


def view(workspace: Workspace, sent: Json, previous: OpenView | None) -> Json:
    """Return a view as Slack keeps it: what was sent, and what Slack adds."""
    number = workspace.number()
    view_id = f"V{number:06d}"
    text = {"title": None, "submit": None, "close": None} | {
        key: sent[key] for key in ("title", "submit", "close") if key in sent
    }
    return {
        "id": view_id,
        "team_id": TEAM,
        "type": "modal",
        "blocks": with_block_ids(workspace, sent["blocks"]),
        "private_metadata": sent.get("private_metadata", ""),
        "callback_id": sent.get("callback_id", ""),
        "state": {"values": {}},
        "hash": f"{int(workspace.now())}.hash{number}",
        **text,
        "clear_on_close": sent.get("clear_on_close", False),
        "notify_on_close": sent.get("notify_on_close", False),
        "previous_view_id": previous.id if previous else None,
        "root_view_id": previous.body["root_view_id"] if previous else view_id,
        "app_id": APP,
        "external_id": sent.get("external_id", ""),
        "app_installed_team_id": TEAM,
        "bot_id": BOT,
    }


def with_block_ids(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """Return the blocks with the ids that Slack makes up: of blocks, and of actions in them."""
    return [{"block_id": f"b{workspace.number()}"} | _with_action_ids(workspace, block) for block in blocks]


def escaped(text: str) -> str:
    """Return a person's text as Slack hands it out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def written(text: str) -> str:
    """Return a message's text as Slack hands it out: with links where it sees addresses and hosts."""
    return _ADDRESS.sub(_linked, escaped(text))


def _linked(found: re.Match[str]) -> str:
    address = found[0]
    if found["url"]:
        return f"<{address}>"
    return f"<{'mailto:' if '@' in address else 'http://'}{address}|{address}>"


def channel_type(channel: Channel) -> str:
    if channel.im_with:
        return "im"
    return "group" if channel.private else "channel"


def _with_action_ids(workspace: Workspace, block: Json) -> Json:
    block = dict(block)
    if block.get("type") == "actions":
        block["elements"] = [{"action_id": f"a{workspace.number()}"} | each for each in block["elements"]]
    for key in ("element", "accessory"):
        if key in block and block[key].get("type") != "image":
            block[key] = {"action_id": f"a{workspace.number()}"} | block[key]
    return block


def _interaction(kind: str, user: User) -> Json:
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "api_app_id": APP,
        "token": _TOKEN,
        "team": {"id": user.team, "domain": _DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }
