"""Where a note about a message stands: in its thread or, where that cannot be, in the channel as a reply."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import discord
from cachetools import LRUCache

from adapters.chat.discord.limits import THREAD_NAME
from adapters.chat.discord.trouble import Code, code_of
from adapters.monospace.page import cut_to
from adapters.plain_text import visible

if TYPE_CHECKING:
    from adapters.chat.discord.reference import Reference

_ARCHIVED_AFTER_MIN: Final = 1440
_MOST = 1000
_PASSING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}


class Threads:
    """Knows which messages have a thread, and what each is about."""

    def __init__(self) -> None:
        self._known: LRUCache[int, None] = LRUCache(_MOST)
        self._headlines: LRUCache[int, str] = LRUCache(_MOST)

    def note(self, message: int, headline: str) -> None:
        """Note what a message is about."""
        self._headlines[message] = headline

    def forget(self, message: int) -> None:
        """Note that a message may have no thread any more."""
        self._known.pop(message, None)

    async def begin(self, client: discord.Client, card: Reference, headline: str) -> bool:
        """Have a thread begin with this message, and tell whether there is one.

        It is named after the message, or after this headline where that is not known. Raises
        discord.HTTPException: the message is gone, or it cannot be known now.
        """
        if card.message in self._known:
            return True
        try:
            await client.http.start_thread_with_message(
                card.channel,
                card.message,
                name=_name(self._headlines.get(card.message, headline)),
                auto_archive_duration=_ARCHIVED_AFTER_MIN,
            )
        except discord.HTTPException as error:
            if error.code != Code.HAS_THREAD:
                if not _is_refusal(error):
                    raise
                return False
        self._known[card.message] = None
        return True


def refers_to(card: Reference) -> discord.MessageReference:
    """Return what makes a reply of a message; it is shown alone if the other was deleted."""
    return discord.MessageReference(
        message_id=card.message, channel_id=card.channel, fail_if_not_exists=False
    )


def is_no_place(error: BaseException) -> bool:
    """Tell whether a thread cannot be written in."""
    return isinstance(error, discord.Forbidden) or code_of(error) in {
        Code.UNKNOWN_CHANNEL,
        Code.ARCHIVED,
        Code.LOCKED,
    }


def _is_refusal(error: discord.HTTPException) -> bool:
    """Tell whether there can be no thread here: no permission, a direct message, a thread already."""
    if error.code in {Code.UNKNOWN_MESSAGE, Code.UNKNOWN_CHANNEL} or error.status in _PASSING:
        return False
    return not isinstance(error, discord.DiscordServerError)


def _name(headline: str) -> str:
    """Return as many of the first words as a thread's name may have."""
    return cut_to(THREAD_NAME, visible(headline).strip()) or "…"
