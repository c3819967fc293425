"""What is said in a channel without having been asked for: one after another, and never broken off."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

import discord

from adapters.chat.discord.delivery import outgoing, post
from adapters.chat.discord.threads import Workers
from adapters.chat.discord.trouble import TROUBLE, reason
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.chat.discord.under_way import UnderWay
    from bot.message import Message

_MOST_UNSETTLED = 100


def not_connected() -> ChatError:
    """Return what is raised while there is no connection."""
    return ChatError("Discord is not connected; it is tried again.", permanent=False)


def not_known(channel: int) -> ChatError:
    """Return what is raised where a message may have appeared."""
    return ChatError(
        f"It is not known whether a message appeared in Discord's channel {channel}: there was no answer.",
        permanent=False,
    )


class Posting:
    """The messages for one channel. It belongs to one event loop.

    `client` returns the client that is connected now, if one is. `longest_s` is how long somebody waits for
    what becomes of a message.
    """

    def __init__(
        self,
        channel: int,
        client: Callable[[], discord.Client | None],
        keep: Callable[[str], str],
        under_way: UnderWay,
        longest_s: float,
    ) -> None:
        self._longest_s = longest_s
        self._channel = channel
        self._client = client
        self._keep = keep
        self._under_way = under_way
        self._turn = asyncio.Lock()
        # Discord does not say again what comes with the same number within some minutes.
        self._unsettled: OrderedDict[Message, int] = OrderedDict()

    async def say(self, message: Message) -> None:
        """Say it when its turn has come. Raises ChatError if it was not said, or if that is not known."""
        begun = asyncio.Event()
        saying = asyncio.create_task(self._in_turn(message, begun))
        done, _ = await asyncio.wait({saying}, timeout=self._longest_s)
        if done:
            saying.result()
            self._unsettled.pop(message, None)
        elif begun.is_set():
            # It goes on: what is broken off may appear all the same.
            saying.add_done_callback(_taken_note_of)
            raise not_known(self._channel)
        else:
            saying.cancel()
            raise ChatError(
                f"A message for Discord's channel {self._channel} was not said: too many are waiting.",
                permanent=False,
            )

    async def _in_turn(self, message: Message, begun: asyncio.Event) -> None:
        async with self._turn:
            client = self._client()
            if client is None:
                raise not_connected()
            made = await Workers(1).do(partial(outgoing, message, self._keep, announced=True))
            begun.set()
            number = self._unsettled.setdefault(message, secrets.randbits(63))
            while len(self._unsettled) > _MOST_UNSETTLED:
                self._unsettled.popitem(last=False)
            channel = client.get_partial_messageable(self._channel)
            try:
                with self._under_way.one(client):
                    await post(channel, made, number)
            except RuntimeError:  # the connection was given up meanwhile
                raise not_connected() from None
            except TROUBLE as error:
                raise self._refused(error) from None

    def _refused(self, error: BaseException) -> ChatError:
        if not isinstance(error, discord.DiscordException):
            return not_known(self._channel)
        return ChatError(
            f"Discord did not take a message for channel {self._channel}: {reason(error)}.",
            permanent=isinstance(error, discord.Forbidden | discord.NotFound),
        )


def _taken_note_of(saying: asyncio.Task[None]) -> None:
    if not saying.cancelled():
        saying.exception()
