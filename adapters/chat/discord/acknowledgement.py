"""The first word to an interaction, for which Discord waits 3 seconds.

What was lost on the way is said again while there is time: without it there can be no answer.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
import discord

from adapters.chat.discord.trouble import TROUBLE, Code, code_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.chat.discord.commands import Interaction

_WITHIN_S = 2.5
# discord.py tries again by itself after a second, and does not tell that it did.
_REPEATED_AFTER_S = 0.9
_FIRST_PAUSE_S = 0.1
_THINKS = "memwarden: thinks"


class Taken(Exception):
    """Somebody else has acknowledged the interaction: another process with the same token."""


async def think(interaction: Interaction, *, private: bool) -> None:
    """Show "thinking…" until there is an answer. Raises Taken and what Discord complains about."""
    await acknowledge(interaction, lambda: interaction.response.defer(thinking=True, ephemeral=private))
    interaction.extras[_THINKS] = True


async def defer(interaction: Interaction) -> None:
    """Promise something about the message that was clicked on. Raises as `think` does."""
    await acknowledge(interaction, interaction.response.defer)


async def acknowledge(interaction: Interaction, say: Callable[[], Awaitable[object]]) -> None:
    """Say the first word, again where it may have been lost. Raises as `think` does."""
    loop = asyncio.get_running_loop()
    ends, pause_s = loop.time() + _WITHIN_S, _FIRST_PAUSE_S
    may_be_said = False
    while True:
        began = loop.time()
        try:
            async with asyncio.timeout_at(ends):
                await say()
            break
        except TimeoutError:
            # It may have been heard: whether it was, the answer will find out.
            break
        except TROUBLE as error:
            if code_of(error) == Code.ALREADY_ACKNOWLEDGED:
                if may_be_said or loop.time() - began > _REPEATED_AFTER_S:
                    break
                raise Taken from None
            if not _may_pass(error) or loop.time() + pause_s >= ends:
                raise
            may_be_said = may_be_said or _may_have_arrived(error)
        await asyncio.sleep(pause_s)
        pause_s *= 2
    # discord.py does not know of those that took effect though their answer was lost.
    interaction.extras.setdefault(_THINKS, False)


def is_acknowledged(interaction: Interaction) -> bool:
    """Tell whether the first word was said."""
    return _THINKS in interaction.extras


def is_thinking(interaction: Interaction) -> bool:
    """Tell whether the first word was "thinking…"; it may have been answered since."""
    return bool(interaction.extras.get(_THINKS))


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, discord.HTTPException):
        return error.status == HTTPStatus.TOO_MANY_REQUESTS or isinstance(error, discord.DiscordServerError)
    return isinstance(error, OSError | aiohttp.ClientError)


def _may_have_arrived(error: BaseException) -> bool:
    if isinstance(error, discord.HTTPException):
        return error.status != HTTPStatus.TOO_MANY_REQUESTS
    return not isinstance(error, aiohttp.ClientConnectorError)
