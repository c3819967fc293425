"""Brings a message to Discord: as an answer to an interaction, in the place of a message, or into a channel.

If Discord refuses how something is laid out, the same is sent as plain text: an answer always arrives.
"""

from __future__ import annotations

import asyncio
import io
import logging
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import discord
from discord.utils import MISSING

from adapters.chat.discord.components import Control, controls, view
from adapters.chat.discord.escaping import fenced
from adapters.chat.discord.limits import HEADLINE
from adapters.chat.discord.rendering import Attachment, rendered
from adapters.chat.discord.trouble import TROUBLE, Code, code_of, reason
from adapters.monospace.document import attachment
from adapters.monospace.page import cut_to
from adapters.plain_text import visible

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.chat.discord.commands import Interaction
    from adapters.chat.discord.rendering import JsonObject
    from bot.message import Message

_LOG = logging.getLogger(__name__)

Sent = TypeVar("Sent")

# discord.py tries up to five times by itself before.
_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message in Discord's terms, and the `message` and the `words` it was made of, if any."""

    content: str
    embeds: tuple[JsonObject, ...] = ()
    controls: tuple[Control, ...] = ()
    file: Attachment | None = None
    private: bool = True
    refusal: bool = False
    message: Message | None = None
    words: str = ""

    def plain(self) -> Outgoing:
        """Return the same as Discord shows it without any layout: the headline, and all of it as a file."""
        if self.message is None:
            return replace(self, embeds=(), controls=(), file=None)
        headline = fenced(cut_to(HEADLINE, visible(self.message.headline).strip() or "…"))
        more = self.message.blocks or self.message.footnote
        file = attachment(self.message, self.words) if more else None
        return replace(self, content=headline, embeds=(), controls=(), file=file)


def outgoing(
    message: Message, keep: Callable[[str], str], *, words: str = "", announced: bool = False
) -> Outgoing:
    """Return the message in Discord's terms; the words of its buttons are kept, which may take a moment."""
    sheet = rendered(message, words=words, announced=announced)
    return Outgoing(
        content=sheet.content,
        embeds=sheet.embeds,
        controls=controls(sheet.buttons, sheet.form, keep),
        file=sheet.file,
        private=message.private,
        refusal=message.refusal,
        message=message,
        words=words,
    )


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
            embeds=_embeds(message) or MISSING,
            files=_files(message) or MISSING,
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


async def post(channel: discord.PartialMessageable, message: Outgoing, number: int) -> None:
    """Say it in a channel, to everybody there, and only once with the same number.

    Raises discord.DiscordException where it was refused, anything else of TROUBLE where that is not known.
    """

    async def send(message: Outgoing) -> None:
        await channel.send(
            content=message.content or None,
            embeds=_embeds(message) or MISSING,
            files=_files(message) or MISSING,
            view=view(message.controls) or MISSING,
            # discord.py asks Discord to hold to it.
            nonce=number,
        )

    await _sent(send, message, repeatable=True)


async def _edit(interaction: Interaction, message: Outgoing) -> None:
    async def send(message: Outgoing) -> None:
        await interaction.edit_original_response(
            content=message.content or None,
            embeds=_embeds(message),
            attachments=_files(message),
            view=view(message.controls),
        )

    await _sent(send, message, repeatable=True)


async def _sent(
    send: Callable[[Outgoing], Awaitable[Sent]], message: Outgoing, *, repeatable: bool = False
) -> Sent:
    """Send, and again while Discord is too busy or away; what may have arrived only if `repeatable`."""
    for pause_s in _PAUSES_S:
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
    try:
        return await send(message)
    except discord.HTTPException as error:
        if error.status not in _REFUSALS:
            raise
        _LOG.warning("an answer is sent without layout, because Discord refused it: %s", reason(error))
        return await send(message.plain())


def _embeds(message: Outgoing) -> list[discord.Embed]:
    return [discord.Embed.from_dict(embed) for embed in message.embeds]


def _files(message: Outgoing) -> list[discord.File]:
    if message.file is None:
        return []
    return [discord.File(io.BytesIO(message.file.content.encode()), filename=message.file.name)]
