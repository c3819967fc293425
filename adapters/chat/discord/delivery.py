"""Brings a message to Discord: as an answer to an interaction, in the place of a message, or into a channel.

If Discord refuses how something is laid out, the same is sent plainer: an answer always arrives.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import discord
from discord.utils import MISSING

from adapters.chat.discord import mentions
from adapters.chat.discord.components import view
from adapters.chat.discord.outgoing import Outgoing
from adapters.chat.discord.trouble import TROUBLE, Code, code_of, reason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.chat.discord.commands import Interaction

_LOG = logging.getLogger(__name__)

Sent = TypeVar("Sent")

# discord.py tries up to five times by itself before.
_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
# What nobody asked for is kept until it was said: whoever keeps it tries again later.
_FEW_PAUSES_S = (0.5, 1.0)
_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
_NOT_ABOUT_LAYOUT = {
    Code.ARCHIVED,
    Code.LOCKED,
    Code.NO_HISTORY,
    Code.NO_TEXT_CHANNEL,
    Code.WRONG_CHANNEL_TYPE,
}


async def put(interaction: Interaction, message: Outgoing) -> None:
    """Make this the answer that was promised, or the content of the message that was clicked on.

    If that was deleted meanwhile, it comes as a new message to the person alone.
    Raises discord.HTTPException.
    """
    try:
        await _edit(interaction, message)
    except discord.NotFound as error:
        if error.code != Code.UNKNOWN_MESSAGE:
            raise
        await add(interaction, message, private=True)


async def add(interaction: Interaction, message: Outgoing, *, private: bool) -> int:
    """Answer with one more message and return its id. Raises discord.HTTPException.

    As long as "thinking…" is shown this takes its place, and is seen by whom that is seen.
    """

    async def send(message: Outgoing) -> int:
        sent = await interaction.followup.send(
            content=message.content or MISSING,
            embeds=message.shown_embeds() or MISSING,
            files=message.files() or MISSING,
            view=view(message.controls) or MISSING,
            ephemeral=private,
            wait=True,
        )
        return sent.id

    return await _sent(send, message)


async def withdraw(interaction: Interaction, instead: str) -> None:
    """Remove "thinking…", or put this sentence there: after that it takes no answer any more.

    Raises discord.HTTPException if neither could be done.
    """
    try:
        await interaction.delete_original_response()
    except TROUBLE as error:
        if code_of(error) == Code.UNKNOWN_MESSAGE:
            return
        try:
            await _edit(interaction, Outgoing(instead))
        except discord.NotFound as gone:
            if gone.code != Code.UNKNOWN_MESSAGE:
                raise


async def post(
    channel: discord.PartialMessageable,
    message: Outgoing,
    nonce: str,
    reply_to: discord.MessageReference | None = None,
) -> int:
    """Say it in a channel, to everybody there, and return its id.

    Within some minutes Discord shows what comes with the same nonce only once. Raises
    discord.DiscordException where it was refused, anything else of TROUBLE where that is not known.
    """
    say = channel.send if reply_to is None else partial(channel.send, reference=reply_to)

    async def send(message: Outgoing) -> int:
        sent = await say(
            content=message.content or None,
            embeds=message.shown_embeds() or MISSING,
            files=message.files() or MISSING,
            view=view(message.controls) or MISSING,
            allowed_mentions=mentions.allowed(message.mentions),
            # discord.py asks Discord to hold to it.
            nonce=nonce,
        )
        return sent.id

    return await _sent(send, message, repeatable=True, pauses_s=_FEW_PAUSES_S)


async def change(posted: discord.PartialMessage, message: Outgoing) -> None:
    """Put it in the place of one that was posted, whose files go. Raises as `post` does."""

    async def send(message: Outgoing) -> None:
        await posted.edit(
            content=message.content or None,
            embeds=message.shown_embeds(),
            attachments=message.files(),
            view=view(message.controls),
            allowed_mentions=mentions.allowed(message.mentions),
        )

    await _sent(send, message, repeatable=True, pauses_s=_FEW_PAUSES_S)


async def _edit(interaction: Interaction, message: Outgoing) -> None:
    async def send(message: Outgoing) -> None:
        await interaction.edit_original_response(
            content=message.content or None,
            embeds=message.shown_embeds(),
            attachments=message.files(),
            view=view(message.controls),
        )

    await _sent(send, message, repeatable=True)


async def _sent(
    send: Callable[[Outgoing], Awaitable[Sent]],
    message: Outgoing,
    *,
    repeatable: bool = False,
    pauses_s: tuple[float, ...] = _PAUSES_S,
) -> Sent:
    """Send, and again while Discord is too busy or away; what may have arrived only if `repeatable`."""
    for pause_s in pauses_s:
        try:
            return await _laid_out(send, message)
        except TROUBLE as error:
            if not (
                _did_not_arrive(error) or (repeatable and not isinstance(error, discord.DiscordException))
            ):
                raise
        await asyncio.sleep(pause_s)
    return await _laid_out(send, message)


def _did_not_arrive(error: BaseException) -> bool:
    if isinstance(error, discord.HTTPException):
        return error.status == HTTPStatus.TOO_MANY_REQUESTS
    return isinstance(error, aiohttp.ClientConnectorError)


async def _laid_out(send: Callable[[Outgoing], Awaitable[Sent]], message: Outgoing) -> Sent:
    """Send, and plainer where Discord does not take it so."""
    while True:
        try:
            return await send(message)
        except discord.HTTPException as error:
            forbidden = error.code == Code.MISSING_PERMISSIONS
            is_refusal = error.status in _REFUSALS and error.code not in _NOT_ABOUT_LAYOUT
            plainer = message.plainer(forbidden=forbidden) if forbidden or is_refusal else None
            if plainer is None:
                raise
            _LOG.warning("a message is sent plainer, because Discord refused it: %s", reason(error))
            message = plainer
