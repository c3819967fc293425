"""Whether something was said already: Slack keeps a key of ours with each message, which people do not see.

https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.chat.slack.payload import items_at, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from slack_sdk.web import SlackResponse, WebClient

    from adapters.chat.slack.web import Answered, Patience, Web

_EVENT = "memwarden"
_KEY = "key"

# Clocks differ, and Slack's is the one that counts here.
_SKEW_S = 120.0
_PAGE = 200
_MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said: in a channel, or in a thread of it."""

    channel: str
    thread_ts: str = ""


def marked(key: str) -> dict[str, object]:
    """Return what Slack is to keep with a message."""
    return {"event_type": _EVENT, "event_payload": {_KEY: key}}


def find(web: Web, place: Place, key: str, since: datetime, patience: Patience) -> str:
    """Return the `ts` of the message with this key that was posted there since then.

    Empty if there is none among some thousand messages. Raises ChatError.
    """
    oldest = f"{since.timestamp() - _SKEW_S:.6f}"
    for answer in _pages(web, place, oldest, patience):
        for message in items_at(answer.data, "messages"):
            mark = ("metadata", "event_payload", _KEY)
            if text_at(message, "metadata", "event_type") == _EVENT and text_at(message, *mark) == key:
                return text_at(message, "ts")
    return ""


def _pages(web: Web, place: Place, oldest: str, patience: Patience) -> Iterator[Answered]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        answer = _page(web, place, oldest, cursor, patience)
        yield answer
        cursor = text_at(answer.data, "response_metadata", "next_cursor")
        if not cursor:
            return


def _page(web: Web, place: Place, oldest: str, cursor: str | None, patience: Patience) -> Answered:
    def history(client: WebClient) -> SlackResponse:
        return client.conversations_history(
            channel=place.channel, oldest=oldest, limit=_PAGE, cursor=cursor, include_all_metadata=True
        )

    def replies(client: WebClient) -> SlackResponse:
        return client.conversations_replies(
            channel=place.channel,
            ts=place.thread_ts,
            oldest=oldest,
            limit=_PAGE,
            cursor=cursor,
            include_all_metadata=True,
        )

    if place.thread_ts:
        return web.call("conversations.replies", replies, patience)
    return web.call("conversations.history", history, patience)
