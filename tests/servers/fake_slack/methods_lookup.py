"""Who and what there is: auth.test, bots, conversations, users, usergroups; and apps.connections.open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_slack.conversations import channel_of
from tests.servers.fake_slack.payloads import channel_type
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.web_api import Backend, Method, require
from tests.servers.fake_slack.workspace import APP, BOT, BOT_USER, TEAM, Channel, Group, User

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Json

_READ = {"im": "im:read", "group": "groups:read", "channel": "channels:read"}
_PAGE = ("limit", "cursor")


def _auth_test(backend: Backend, call: Json) -> Json:
    del call
    return {
        "url": backend.url("/"),
        "team": "Example",
        "user": "memwarden",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def _open_connection(backend: Backend, call: Json) -> Json:
    del call
    url = backend.url(f"/link?ticket={backend.sockets.ticket()}&app_id={APP}")
    return {"url": url.replace("http", "ws", 1)}


def _bot_info(backend: Backend, call: Json) -> Json:
    del backend
    if call.get("bot", BOT) != BOT:
        raise Refused("bot_not_found")
    return {"bot": {"id": BOT, "app_id": APP, "user_id": BOT_USER, "name": "memwarden", "deleted": False}}


def _open_conversation(backend: Backend, call: Json) -> Json:
    users = str(call.get("users", "")).split(",")
    if len(users) != 1:
        raise Refused("users_list_not_supplied")
    if users[0] not in backend.workspace.users:
        raise Refused("user_not_found")
    known = f"D{users[0][1:]}" in backend.workspace.channels
    channel = backend.workspace.im(users[0])
    return {"no_op": known, "already_open": known, "channel": {"id": channel.id}}


def _conversation_info(backend: Backend, call: Json) -> Json:
    channel = channel_of(backend, str(call["channel"]), by_name=False)
    require(_READ[channel_type(channel)], backend.credentials.scopes)
    return {"channel": _conversation(channel)}


def _conversation_list(backend: Backend, call: Json) -> Json:
    types = {"public_channel": "channel", "private_channel": "group", "im": "im"}
    wanted = {types[each] for each in str(call.get("types", "public_channel")).split(",")}
    for kind in sorted(wanted):
        require(_READ[kind], backend.credentials.scopes)
    channels = [
        _conversation(channel)
        for channel in backend.workspace.channels.values()
        if channel_type(channel) in wanted and not (channel.private and BOT_USER not in channel.members)
    ]
    return {"channels": channels, "response_metadata": {"next_cursor": ""}}


def _members(backend: Backend, call: Json) -> Json:
    channel = channel_of(backend, str(call["channel"]), by_name=False)
    require(_READ[channel_type(channel)], backend.credentials.scopes)
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}


def _user_info(backend: Backend, call: Json) -> Json:
    user = backend.workspace.users.get(str(call["user"]))
    if user is None:
        raise Refused("user_not_found")
    return {"user": _user(user)}


def _groups(backend: Backend, call: Json) -> Json:
    with_users = str(call.get("include_users", "")).lower() in ("1", "true")
    groups = [_group(group, with_users=with_users) for group in backend.workspace.groups.values()]
    return {"usergroups": groups}


def _group_users(backend: Backend, call: Json) -> Json:
    group = backend.workspace.groups.get(str(call["usergroup"]))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}


def _conversation(channel: Channel) -> Json:
    if channel.im_with:
        return {"id": channel.id, "is_im": True, "user": channel.im_with, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_member": BOT_USER in channel.members,
    }


def _user(user: User) -> Json:
    return {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.name,
        "deleted": False,
        "is_bot": False,
        "profile": {"display_name": user.name, "real_name": user.name},
        **({"enterprise_user": {"enterprise_id": user.enterprise}} if user.enterprise else {}),
    }


def _group(group: Group, *, with_users: bool) -> Json:
    body: Json = {
        "id": group.id,
        "team_id": TEAM,
        "is_usergroup": True,
        "name": group.handle,
        "handle": group.handle,
        "date_delete": 0,
        "user_count": len(group.members),
    }
    return body | ({"users": list(group.members)} if with_users else {})


METHODS = {
    "auth.test": Method(_auth_test),
    "apps.connections.open": Method(_open_connection, "connections:write", token="app"),
    "bots.info": Method(_bot_info, "users:read", (), ("bot",)),
    "conversations.open": Method(
        _open_conversation, "im:write", ("users",), ("return_im", "prevent_creation")
    ),
    "conversations.info": Method(
        _conversation_info, "", ("channel",), ("include_locale", "include_num_members")
    ),
    "conversations.list": Method(_conversation_list, "", (), ("types", "exclude_archived", *_PAGE)),
    "conversations.members": Method(_members, "", ("channel",), _PAGE),
    "users.info": Method(_user_info, "users:read", ("user",), ("include_locale",)),
    "usergroups.list": Method(
        _groups, "usergroups:read", (), ("include_users", "include_count", "include_disabled")
    ),
    "usergroups.users.list": Method(_group_users, "usergroups:read", ("usergroup",), ("include_disabled",)),
}
