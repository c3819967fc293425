"""conversations.history and conversations.replies: what was said, newest first, and in a thread.

https://docs.slack.dev/reference/methods/conversations.history. What an app keeps with its messages
(`metadata`) comes along only where `include_all_metadata` asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_slack.conversations import channel_of
from tests.servers.fake_slack.payloads import channel_type
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.web_api import Backend, Method, require
from tests.servers.fake_slack.workspace import BOT_USER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.servers.fake_slack.shapes import Json
    from tests.servers.fake_slack.workspace import Channel, Post

_READ = {"im": "im:history", "group": "groups:history", "channel": "channels:history"}
_ARGUMENTS = ("oldest", "latest", "inclusive", "limit", "cursor", "include_all_metadata")
_LIMIT, _MOST = 100, 999


def _history(backend: Backend, call: Json) -> Json:
    channel = _readable(backend, call)
    posts = [post for post in backend.workspace.posts if post.channel == channel.id and not post.only_for]
    said = [post for post in posts if post.thread_ts in (None, post.ts)]
    return _page([post for post in reversed(said) if _within(post, call)], call)


def _replies(backend: Backend, call: Json) -> Json:
    channel = _readable(backend, call)
    posts = [post for post in backend.workspace.posts if post.channel == channel.id and not post.only_for]
    begun = [post for post in posts if post.ts == call["ts"]]
    answers = [post for post in posts if post.thread_ts == call["ts"] and post not in begun]
    if not begun and not answers:
        raise Refused("thread_not_found")
    return _page([*begun, *(post for post in answers if _within(post, call))], call)


def _readable(backend: Backend, call: Json) -> Channel:
    channel = channel_of(backend, str(call["channel"]), by_name=False)
    require(_READ[channel_type(channel)], backend.credentials.scopes)
    if BOT_USER not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _within(post: Post, call: Json) -> bool:
    oldest, latest = (float(call.get(key) or 0) for key in ("oldest", "latest"))
    at = float(post.ts)
    if _is_true(call.get("inclusive")):
        return oldest <= at and (not latest or at <= latest)
    return oldest < at and (not latest or at < latest)


def _page(posts: Sequence[Post], call: Json) -> Json:
    limit = int(call.get("limit") or _LIMIT)
    if not 1 <= limit <= _MOST:
        raise Refused("invalid_limit")
    cursor = str(call.get("cursor") or "0")
    if not cursor.isdecimal():
        raise Refused("invalid_cursor")
    begin = int(cursor)
    shown = posts[begin : begin + limit]
    end = begin + len(shown)
    with_metadata = _is_true(call.get("include_all_metadata"))
    return {
        "messages": [
            post.json() | ({"metadata": post.metadata} if with_metadata and post.metadata else {})
            for post in shown
        ],
        "has_more": end < len(posts),
        "response_metadata": {"next_cursor": str(end) if end < len(posts) else ""},
    }


def _is_true(value: object) -> bool:
    return str(value).lower() in ("1", "true")


METHODS = {
    "conversations.history": Method(_history, "", ("channel",), _ARGUMENTS),
    "conversations.replies": Method(_replies, "", ("channel", "ts"), _ARGUMENTS),
}
