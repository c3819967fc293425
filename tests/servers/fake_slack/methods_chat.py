"""chat.*: messages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.servers.fake_slack.conversations import channel_of, open_for_posting, thread_of
from tests.servers.fake_slack.limits import check_message
from tests.servers.fake_slack.payloads import with_block_ids
from tests.servers.fake_slack.pictures import pictures_of
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.web_api import Backend, Method
from tests.servers.fake_slack.workspace import BOT_USER, Post

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Json

_CONTENT = ("text", "blocks", "attachments", "mrkdwn", "parse", "link_names", "metadata")
_UNFURL = ("unfurl_links", "unfurl_media")
# The documentation of chat.update has 4,000 as the best length; some report that more is refused.
_LONGEST_UPDATE = 4_000
_LARGEST_METADATA = 8 * 1024
_EVENT_TYPE = re.compile(r"[a-z0-9_]{1,100}")


def _post_message(backend: Backend, call: Json) -> Json:
    channel = open_for_posting(backend, str(call["channel"]))
    check_message(call)
    post = backend.workspace.post(_post(backend, call, channel.id))
    return {"channel": channel.id, "ts": post.ts, "message": post.json()}


def _post_ephemeral(backend: Backend, call: Json) -> Json:
    channel = open_for_posting(backend, str(call["channel"]), public=False)
    if call["user"] not in channel.members:
        raise Refused("user_not_in_channel")
    check_message(call)
    post = _post(backend, call, channel.id, for_everybody=False)
    post.only_for = str(call["user"])
    backend.workspace.post(post)
    return {"message_ts": post.ts}


def _update(backend: Backend, call: Json) -> Json:
    post = _own(backend, call, "cant_update_message")
    check_message(call)
    if len(call.get("text") or "") > _LONGEST_UPDATE:
        raise Refused("msg_too_long")
    metadata = _metadata(call)
    pictures = pictures_of(backend.workspace, call.get("blocks") or [])
    post.text = call.get("text", post.text)
    # What is left out stays as it was; an empty array removes it.
    if call.get("blocks") is not None:
        post.blocks = with_block_ids(backend.workspace, call["blocks"])
        post.pictures = pictures
    if call.get("attachments") is not None:
        post.attachments = call["attachments"]
    if metadata is not None:
        post.metadata = metadata
    post.edited = True
    backend.workspace.tell("changed", post)
    return {"channel": post.channel, "ts": post.ts, "text": post.text, "message": post.json()}


def _delete(backend: Backend, call: Json) -> Json:
    post = _own(backend, call, "cant_delete_message")
    backend.workspace.remove(post)
    return {"channel": post.channel, "ts": post.ts}


def _permalink(backend: Backend, call: Json) -> Json:
    channel = channel_of(backend, str(call["channel"]))
    post = backend.workspace.find(channel.id, str(call["message_ts"]))
    if post is None or post.only_for:
        raise Refused("message_not_found")
    path = f"/archives/{channel.id}/p{post.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": backend.url(path)}


def _own(backend: Backend, call: Json, refusal: str) -> Post:
    channel = channel_of(backend, str(call["channel"]), by_name=False)
    post = backend.workspace.find(channel.id, str(call["ts"]))
    # To these methods ephemeral messages do not exist.
    if post is None or post.only_for:
        raise Refused("message_not_found")
    if not post.from_app:
        raise Refused(refusal)
    return post


def _metadata(call: Json) -> Json | None:
    """Return what the app wants to keep with the message, None where it does not say."""
    metadata = call.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not (
        metadata == {} or isinstance(metadata.get("event_payload"), dict)
    ):
        raise Refused("invalid_metadata_format")
    if metadata and not _EVENT_TYPE.fullmatch(str(metadata.get("event_type"))):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > _LARGEST_METADATA:
        raise Refused("metadata_too_large")
    return metadata


def _post(backend: Backend, call: Json, channel: str, *, for_everybody: bool = True) -> Post:
    metadata = _metadata(call)
    return Post(
        ts=backend.workspace.ts(),
        channel=channel,
        author=BOT_USER,
        text=call.get("text") or "",
        blocks=with_block_ids(backend.workspace, call.get("blocks") or []),
        attachments=call.get("attachments") or [],
        thread_ts=thread_of(backend, channel, call.get("thread_ts")),
        pictures=pictures_of(backend.workspace, call.get("blocks") or [], for_everybody=for_everybody),
        metadata=metadata or {},
    )


METHODS = {
    "chat.postMessage": Method(
        _post_message,
        "chat:write",
        ("channel",),
        (*_CONTENT, *_UNFURL, "thread_ts", "reply_broadcast", "client_msg_id"),
    ),
    "chat.postEphemeral": Method(
        _post_ephemeral, "chat:write", ("channel", "user"), (*_CONTENT, "thread_ts")
    ),
    "chat.update": Method(
        _update, "chat:write", ("channel", "ts"), (*_CONTENT, "file_ids", "reply_broadcast")
    ),
    "chat.delete": Method(_delete, "chat:write", ("channel", "ts")),
    "chat.getPermalink": Method(_permalink, "", ("channel", "message_ts")),
}
