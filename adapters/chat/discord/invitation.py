"""The address by which the bot is invited into a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import discord

from adapters.chat.discord.client import asking_client
from adapters.chat.discord.endpoints import pointed_at, proxy
from adapters.chat.discord.permissions import all_needed
from adapters.chat.discord.token import token_of
from adapters.chat.discord.trouble import NOT_DISCORD, STRANGE, TROUBLE, lasting, reason
from bot.errors import ChatError

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from adapters.chat.discord.options import Options

SCOPES = ("bot", "applications.commands")

_NOT_CONFIGURED = (
    "The address holds the id of your application, which the bot's token tells: write `token` under"
    " [chat.discord] first."
)


def address(options: Options | None, surroundings: Surroundings) -> str:
    """Return the address, for the configured server if there is one. Raises ChatError."""
    if options is None:
        raise ChatError(_NOT_CONFIGURED, permanent=True)
    token = token_of(options, surroundings)
    with pointed_at(options):
        application = asyncio.run(_application(token, proxy(options)))
    if options.guild is None:
        return discord.utils.oauth_url(application, permissions=all_needed(), scopes=SCOPES)
    guild = discord.Object(int(options.guild))
    return discord.utils.oauth_url(application, permissions=all_needed(), scopes=SCOPES, guild=guild)


async def _application(token: str, proxy: str | None) -> int:
    client = asking_client(proxy, aiohttp.TraceConfig())
    try:
        await client.login(token)
    except TROUBLE as error:
        sentence = lasting(error) or f"Discord did not tell the application's id: {reason(error)}."
        raise ChatError(sentence, permanent=lasting(error) is not None) from None
    except STRANGE:
        sentence = f"Discord did not tell the application's id: {NOT_DISCORD}."
        raise ChatError(sentence, permanent=False) from None
    finally:
        await client.close()
    if client.application_id is None:
        raise ChatError("Discord did not tell the application's id.", permanent=False)
    return client.application_id
