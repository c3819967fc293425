"""From what Slack sends to what was asked; None is nothing that anybody asked for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.chat.slack.payload import at, text_at
from adapters.chat.slack.routes import Ask, Origin
from adapters.chat.slack.said import said

if TYPE_CHECKING:
    from adapters.chat.slack.buttons import Click
    from adapters.chat.slack.forms import Filled

# What a person wrote: plainly, with a file, out of a thread into the channel too, or by /me.
_WRITTEN = frozenset(("", "file_share", "thread_broadcast", "me_message"))
_UNKNOWN_TEAM = "?"


def command(body: object) -> Ask:
    """Read a slash command."""
    return Ask(
        Origin.COMMAND,
        user=text_at(body, "user_id"),
        user_name=text_at(body, "user_name"),
        channel=text_at(body, "channel_id"),
        words=said(text_at(body, "text")),
        asked_at=time.monotonic(),
        team=text_at(body, "team_id"),
        response_url=text_at(body, "response_url"),
    )


def mention(body: object, bot_user: str) -> Ask | None:
    """Read a message in a channel that addresses the bot."""
    return _message(body, Origin.MENTION, bot_user)


def direct(body: object, bot_user: str) -> Ask | None:
    """Read a message in a person's conversation with the bot."""
    if text_at(body, "event", "channel_type") != "im":
        return None
    return _message(body, Origin.DIRECT, bot_user)


def clicked(body: object, click: Click) -> Ask:
    """Read a click on a button of a message."""
    return Ask(
        Origin.CLICK,
        user=text_at(body, "user", "id"),
        user_name=text_at(body, "user", "username"),
        channel=_channel_of(body),
        words=click.words,
        asked_at=time.monotonic(),
        team=_clickers_team(body),
        thread_ts=_thread_of(body),
        message_ts=text_at(body, "container", "message_ts") or text_at(body, "message", "ts"),
        response_url=text_at(body, "response_url"),
        in_place=click.in_place,
        on_private=_is_private(body),
        clicked=True,
    )


def submitted(body: object, form: Filled) -> Ask:
    """Read a form that was sent off: as a click on the message that offered it."""
    return Ask(
        Origin.CLICK,
        user=text_at(body, "user", "id"),
        user_name=text_at(body, "user", "username"),
        channel=form.offered.channel,
        words=form.words,
        asked_at=time.monotonic(),
        team=_clickers_team(body),
        thread_ts=form.offered.thread_ts,
        response_url=form.offered.response_url,
        on_private=form.offered.on_private,
    )


def _channel_of(body: object) -> str:
    return text_at(body, "channel", "id") or text_at(body, "container", "channel_id")


def _thread_of(body: object) -> str:
    return text_at(body, "container", "thread_ts") or text_at(body, "message", "thread_ts")


def _is_private(body: object) -> bool:
    return at(body, "container", "is_ephemeral") is True


def _message(body: object, origin: Origin, bot_user: str) -> Ask | None:
    event = at(body, "event")
    user = text_at(event, "user")
    is_of_a_person = not text_at(event, "bot_id") and user not in ("", bot_user)
    is_new = text_at(event, "subtype") in _WRITTEN and at(event, "edited") is None
    if not is_of_a_person or not is_new:
        return None
    return Ask(
        origin,
        user=user,
        user_name="",
        channel=text_at(event, "channel"),
        words=said(text_at(event, "text"), to=bot_user),
        asked_at=time.monotonic(),
        team=_authors_team(body),
        thread_ts=text_at(event, "thread_ts"),
    )


def _clickers_team(body: object) -> str:
    return text_at(body, "user", "team_id") or text_at(body, "team", "id")


def _authors_team(body: object) -> str:
    event = at(body, "event")
    team = text_at(event, "user_team") or text_at(event, "source_team") or text_at(event, "team")
    return team or (_UNKNOWN_TEAM if at(body, "is_ext_shared_channel") is True else "")
