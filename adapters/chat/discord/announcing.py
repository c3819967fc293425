"""What nobody asked for: said once, then changed in place, its notes in its thread.

Whatever is for one channel is said one after another, and never broken off. Charts are drawn before, so that
nobody waits for those of others.
"""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord

from adapters.chat.discord import lookup
from adapters.chat.discord.delivery import change, post
from adapters.chat.discord.limits import NONCE
from adapters.chat.discord.notes import Threads, is_no_place, refers_to
from adapters.chat.discord.outgoing import outgoing
from adapters.chat.discord.pictures import drawn
from adapters.chat.discord.reference import Reference
from adapters.chat.discord.threads import Workers
from adapters.chat.discord.trouble import STRANGE, TROUBLE, Code, code_of, reason
from adapters.chat.discord.undelivered import (
    deleted,
    no_channel,
    not_connected,
    not_known,
    not_said,
    too_many,
)
from bot.message import Chart, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.chat import Surroundings
    from adapters.chat.discord.outgoing import Outgoing
    from adapters.chat.discord.pictures import Picture
    from adapters.chat.discord.under_way import UnderWay
    from bot.message import Announcement

_LOG = logging.getLogger(__name__)

# For so long Discord surely recognises a nonce; "the past few minutes" is all that is documented.
_NONCE_HOLDS = timedelta(minutes=2)
_DRAWN_AT_ONCE = 2
_MADE_AT_ONCE = 4
_NONCE = re.compile(rf"[A-Za-z0-9_-]{{1,{NONCE}}}")


class Announcer:
    """Says what nobody asked for. It belongs to one event loop.

    `client` returns the client that is connected now, if one is; `channel` is where things are said that name
    no other. `longest_s` is how long somebody waits for what becomes of it.
    """

    def __init__(
        self,
        channel: int | None,
        client: Callable[[], discord.Client | None],
        surroundings: Surroundings,
        under_way: UnderWay,
        longest_s: float,
    ) -> None:
        self._channel = channel
        self._client = client
        self._surroundings = surroundings
        self._under_way = under_way
        self._longest_s = longest_s
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._drawing = Workers(_DRAWN_AT_ONCE)
        self._making = Workers(_MADE_AT_ONCE)
        self._threads = Threads()

    async def announce(self, announcement: Announcement) -> str:
        """Say it when its turn has come and return `channel/message`. Raises ChatError, MessageGone."""
        channel = self._place(announcement)
        begun = asyncio.Event()
        saying = asyncio.create_task(self._in_turn(announcement, channel, begun))
        done, _ = await asyncio.wait({saying}, timeout=self._longest_s)
        if done:
            return str(saying.result())
        if begun.is_set():
            # It goes on: what is broken off may appear all the same.
            saying.add_done_callback(_taken_note_of)
            raise not_known(channel, announcement)
        saying.cancel()
        raise too_many(channel, announcement)

    def _place(self, announcement: Announcement) -> int:
        """Return the channel whose turn it has to wait for. Raises ChatError, MessageGone."""
        if about := announcement.edits or announcement.thread:
            return Reference.of(about).channel
        if announcement.channel.isdecimal():
            return int(announcement.channel)
        if announcement.channel or self._channel is None:
            raise no_channel(announcement.channel)
        return self._channel

    async def _in_turn(self, announcement: Announcement, channel: int, begun: asyncio.Event) -> Reference:
        pictures = await self._pictures(announcement)
        turn = self._turns.setdefault(channel, asyncio.Lock())
        async with turn:
            if self._client() is None:
                raise not_connected(announcement)
            made = await self._making.do(partial(self._made, announcement, pictures))
            client = self._client()
            if client is None:
                raise not_connected(announcement)
            begun.set()
            try:
                with self._under_way.one(client):
                    return await self._said(client, announcement, channel, made)
            except TROUBLE as error:
                raise not_said(error, channel, announcement) from None
            except STRANGE as error:
                _LOG.warning("it is not known whether a message appeared: %s", reason(error))
                raise not_known(channel, announcement) from None
            except RuntimeError:  # the connection was given up meanwhile
                raise not_known(channel, announcement) from None

    async def _pictures(self, announcement: Announcement) -> tuple[Picture, ...]:
        if not any(isinstance(block, Chart) for block in announcement.message.blocks):
            return ()
        return await self._drawing.do(partial(drawn, announcement.message, self._surroundings))

    def _made(self, announcement: Announcement, pictures: tuple[Picture, ...]) -> Outgoing:
        return outgoing(
            announcement.message,
            self._surroundings,
            announced=True,
            mentions=announcement.mentions,
            mark=lookup.mark(_nonce(announcement)),
            pictures=pictures,
        )

    async def _said(
        self, client: discord.Client, announcement: Announcement, channel: int, made: Outgoing
    ) -> Reference:
        headline = announcement.message.headline
        if announcement.edits:
            shown = Reference.of(announcement.edits)
            await _changed(client, shown, made)
        elif announcement.thread:
            return await self._noted(client, announcement, Reference.of(announcement.thread), made)
        else:
            shown = await self._found(client, announcement, made, channel) or await _posted(
                client, announcement, channel, made
            )
        self._threads.note(shown.message, headline)
        return shown

    async def _noted(
        self, client: discord.Client, announcement: Announcement, card: Reference, made: Outgoing
    ) -> Reference:
        """Say it in the thread of this message or, where there can be none, as a reply to it."""
        has_thread = await self._threads.begin(client, card, announcement.message.headline)
        found = await self._found(client, announcement, made, card.message) if has_thread else None
        # An earlier try may have found that there could be none.
        found = found or await self._found(client, announcement, made, card.channel, card.message)
        if found is not None:
            return found
        if has_thread:
            try:
                return await _posted(client, announcement, card.message, made)
            except discord.HTTPException as error:
                if not is_no_place(error):
                    raise
                self._threads.forget(card.message)
                _LOG.warning("a note is a reply, because its thread cannot be used: %s", reason(error))
        return await _posted(client, announcement, card.channel, made, refers_to(card))

    async def _found(
        self,
        client: discord.Client,
        announcement: Announcement,
        made: Outgoing,
        channel: int,
        about: int | None = None,
    ) -> Reference | None:
        """Return what an earlier try has said in this channel, as a reply if it is `about` a message."""
        if not self._is_in_doubt(announcement):
            return None
        nonce, since = _nonce(announcement), announcement.since
        found = await lookup.find(client, channel, made, nonce, since, about=about)
        return None if found is None else Reference(channel, found)

    def _is_in_doubt(self, announcement: Announcement) -> bool:
        """Tell whether to look for it: Discord itself recognises what was said a moment ago."""
        if not announcement.doubtful:
            return False
        return announcement.since is None or self._surroundings.now() - announcement.since > _NONCE_HOLDS


async def _posted(
    client: discord.Client,
    announcement: Announcement,
    channel: int,
    made: Outgoing,
    reply_to: discord.MessageReference | None = None,
) -> Reference:
    place, nonce = client.get_partial_messageable(channel), _nonce(announcement)
    try:
        return Reference(channel, await post(place, made, nonce, reply_to))
    except discord.HTTPException as error:
        if error.code == Code.UNKNOWN_MESSAGE:
            raise deleted(channel) from None
        if reply_to is None or error.code != Code.NO_HISTORY:
            raise
    return Reference(channel, await post(place, made, nonce))


async def _changed(client: discord.Client, shown: Reference, made: Outgoing) -> None:
    """Put it in the place of a message, in an archived thread too."""
    message = client.get_partial_messageable(shown.channel).get_partial_message(shown.message)
    try:
        await change(message, made)
    except discord.HTTPException as error:
        if code_of(error) != Code.ARCHIVED:
            raise
        await client.http.edit_channel(shown.channel, archived=False)
        await change(message, made)


def _nonce(announcement: Announcement) -> str:
    key = announcement.key
    return key if _NONCE.fullmatch(key) else key_of(key)


def _taken_note_of(saying: asyncio.Task[Reference]) -> None:
    if not saying.cancelled():
        saying.exception()
