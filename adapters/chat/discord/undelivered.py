"""Why something was not said, for whoever keeps it until it is."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import discord

from adapters.chat.discord.trouble import Code, code_of, reason
from bot.errors import ChatError, MessageGone

if TYPE_CHECKING:
    from bot.message import Announcement

_NO_CHANNEL = "[chat.discord] names no `channel` to say this in: write the id of one there."
# Until Discord has forgotten the nonce of a message that was deleted at once.
_FORGOTTEN_AFTER_S = 300.0
_NO_PLACES = {Code.NO_TEXT_CHANNEL, Code.WRONG_CHANNEL_TYPE}
_GONE = {Code.UNKNOWN_MESSAGE, Code.NOT_OURS}


def no_channel(named: str) -> ChatError:
    """Return what is raised where it is not known where to say something."""
    if named:
        return ChatError(
            f"“{named[:60]}” is no id of a channel of Discord: correct the route.", permanent=True
        )
    return ChatError(_NO_CHANNEL, permanent=True)


def not_connected(announcement: Announcement) -> ChatError:
    """Return what is raised while there is no connection."""
    return ChatError(
        "Discord is not connected; it is tried again.", permanent=False, in_doubt=announcement.doubtful
    )


def ended(announcement: Announcement) -> ChatError:
    """Return what is raised where we ended while it was being said."""
    return ChatError(
        "It is not known whether a message appeared in Discord: memwarden was ending.",
        permanent=False,
        in_doubt=not announcement.edits,
    )


def too_many(channel: int, announcement: Announcement) -> ChatError:
    """Return what is raised where others took too long."""
    return ChatError(
        f"A message for Discord's channel {channel} was not said: too many are waiting.",
        permanent=False,
        in_doubt=announcement.doubtful,
    )


def not_known(channel: int, announcement: Announcement) -> ChatError:
    """Return what is raised where a message may have appeared; to change one twice does no harm."""
    return ChatError(
        f"It is not known whether a message appeared in Discord's channel {channel}: there was no answer.",
        permanent=False,
        in_doubt=not announcement.edits,
    )


def deleted(channel: int) -> ChatError:
    """Return what is raised where a message with this nonce was deleted before we knew of it."""
    return ChatError(
        f"A message in Discord's channel {channel} was deleted at once; it is said again later.",
        permanent=False,
        retry_after_s=_FORGOTTEN_AFTER_S,
        in_doubt=True,
    )


def not_said(error: BaseException, channel: int, announcement: Announcement) -> ChatError:
    """Return what trouble with Discord means to whoever wanted something said."""
    if not isinstance(error, discord.DiscordException):
        return not_known(channel, announcement)
    sentence = f"Discord did not take a message for channel {channel}: {reason(error)}"
    if code_of(error) in _GONE:
        return MessageGone(f"{sentence}.", permanent=True)
    remedy = _remedy(error, channel)
    may_be_there = isinstance(error, discord.DiscordServerError) and not announcement.edits
    return ChatError(
        f"{sentence}: {remedy}." if remedy else f"{sentence}.",
        permanent=bool(remedy),
        retry_after_s=_wanted_pause_s(error),
        in_doubt=announcement.doubtful or may_be_there,
    )


def _remedy(error: discord.DiscordException, channel: int) -> str:
    """Return what somebody has to do before it can be said; empty if waiting may help."""
    if isinstance(error, discord.NotFound) or code_of(error) in _NO_PLACES:
        return "correct `channel` under [chat.discord], or the route that names it"
    if isinstance(error, discord.Forbidden):
        return f"allow the bot View Channel and Send Messages in channel {channel}"
    return ""


def _wanted_pause_s(error: discord.DiscordException) -> float:
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if isinstance(error, discord.HTTPException) and error.status == HTTPStatus.TOO_MANY_REQUESTS:
        try:
            return float(error.response.headers.get("Retry-After", ""))
        except ValueError:
            return 0.0
    return 0.0
