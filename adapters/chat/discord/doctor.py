"""Looks at everything that can be wrong between us and Discord, and says how to mend it."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
import discord

from adapters.chat.discord.case import Case, Look, right, wrong
from adapters.chat.discord.client import asking_client
from adapters.chat.discord.declaration import Declaration
from adapters.chat.discord.endpoints import pointed_at, proxy
from adapters.chat.discord.reach import channels, people, roles
from adapters.chat.discord.token import token_of
from adapters.chat.discord.trouble import NOT_DISCORD, STRANGE, TROUBLE, lasting, reason
from adapters.plain_text import visible
from bot.domain.finding import Finding, State
from bot.errors import ChatError, ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from adapters.chat import Surroundings
    from adapters.chat.discord.options import Options

_INVITE = "Open the address that `memwarden discord invite` prints and add the bot to the server."
_ADDRESS = "Correct `api_url` of [chat.discord], or remove it."
_NOTED_SKEW_S, _WRONG_SKEW_S = 5.0, 60.0
_LONGEST_S = 30.0


def examine(options: Options, surroundings: Surroundings) -> Iterable[Finding]:
    """Return what was found, right or wrong. Never raises."""
    try:
        surroundings.reveal(options.token)
        with pointed_at(options):
            token = token_of(options, surroundings)
            return asyncio.run(_examined(Case(options, surroundings), token, proxy(options)))
    except ConfigError as error:
        seen = "; ".join(f"{error.file}: {each.path} {each.sentence}" for each in error.mistakes)
        remedy = "Put the token there, or correct `token` under [chat.discord]."
        return (wrong("token", f"{' '.join(seen.split())}.", remedy),)
    except ChatError as error:
        return (_told("token", str(error)),)


async def _examined(case: Case, token: str, proxy: str | None) -> list[Finding]:
    client = asking_client(proxy, _clock(case))
    try:
        async with asyncio.timeout(_LONGEST_S):
            await client.login(token)
            findings = [right("token", f"accepted; the bot is {visible(str(client.user))}")]
            for subject, look in _LOOKS.items():
                findings += await _looked(subject, look, case, client)
            return findings
    except TROUBLE as error:
        if said := lasting(error):
            return [_told("token", said)]
        remedy = "Check the network, the proxy and `api_url` of [chat.discord]."
        return [wrong("token", f"Discord cannot be asked: {reason(error)}.", remedy)]
    except STRANGE:
        return [wrong("token", f"Discord cannot be asked: {NOT_DISCORD}.", _ADDRESS)]
    finally:
        await client.close()


async def _looked(subject: str, look: Look, case: Case, client: discord.Client) -> list[Finding]:
    try:
        return [finding async for finding in look(case, client)]
    except TROUBLE as error:
        return [wrong(subject, f"could not be looked at: {reason(error)}.", "Run `memwarden doctor` again.")]
    except STRANGE:
        return [wrong(subject, f"could not be looked at: {NOT_DISCORD}.", _ADDRESS)]


async def _application(_case: Case, client: discord.Client) -> AsyncIterator[Finding]:
    application = await client.application_info()
    if application.interactions_endpoint_url:
        yield wrong(
            "application",
            "commands and clicks go to an Interactions Endpoint URL and never arrive here.",
            "Empty that field under General Information in the Developer Portal.",
        )
    else:
        yield right("application", f"its id is {application.id}")


async def _time(case: Case, _client: discord.Client) -> AsyncIterator[Finding]:
    if case.skew_s is None:
        return
    side = "ahead of" if case.skew_s > 0 else "behind"
    ahead = f"this machine's clock is {abs(case.skew_s):.0f} s {side} Discord's"
    if abs(case.skew_s) > _NOTED_SKEW_S:
        state = State.WRONG if abs(case.skew_s) > _WRONG_SKEW_S else State.NOTE
        yield Finding(
            "discord: clock",
            state,
            f"{ahead}.",
            "Switch on time synchronisation: `timedatectl set-ntp true`.",
        )
    else:
        yield right("clock", "this machine and Discord agree on the time")


async def _server(case: Case, client: discord.Client) -> AsyncIterator[Finding]:
    joined = [guild.id async for guild in client.fetch_guilds(with_counts=False)]
    wanted = [int(case.options.guild)] if case.options.guild else joined
    case.guilds = [await client.fetch_guild(guild, with_counts=False) for guild in wanted if guild in joined]
    if case.guilds:
        yield right("server", f"the bot is in {', '.join(visible(guild.name) for guild in case.guilds)}")
    else:
        where = f"server {case.options.guild}" if case.options.guild else "any server"
        yield wrong("server", f"the bot is not in {where}.", _INVITE)


async def _commands(case: Case, client: discord.Client) -> AsyncIterator[Finding]:
    name = case.options.command
    tree = Declaration(client, case.options, case.surroundings.usages)
    try:
        held = tree.shapes(await tree.fetch_commands(guild=tree.guild))
    except discord.Forbidden:
        yield wrong("commands", "the bot may not have commands there.", _INVITE)
        return
    if not held:
        yield wrong("commands", f"/{name} is not registered.", "Start `memwarden run` once: it registers it.")
    elif held != tree.declared():
        yield wrong(
            "commands", f"/{name} is registered otherwise.", "Start `memwarden run` once: it renews it."
        )
    else:
        yield right("commands", f"/{name} is registered with {len(case.surroundings.usages)} subcommands")
    for place, guild in _other_places(case).items():
        if tree.shapes(await tree.fetch_commands(guild=guild)):
            yield wrong(
                "commands",
                f"/{name} is registered {place} too, where the configuration does not want it.",
                "Start `memwarden run` once, with the state folder of before: it removes what it registered.",
            )


def _other_places(case: Case) -> dict[str, discord.Object | None]:
    """Return where commands could be left over from another configuration."""
    if case.options.guild:
        return {"globally": None}
    return {f"in {visible(guild.name)}": discord.Object(guild.id) for guild in case.guilds}


_LOOKS: dict[str, Look] = {
    "application": _application,
    "clock": _time,
    "server": _server,
    "commands": _commands,
    "channel": channels,
    "roles": roles,
    "mentions": people,
}


def _clock(case: Case) -> aiohttp.TraceConfig:
    """Return what compares our clock with the one that Discord's answers name."""
    trace = aiohttp.TraceConfig()

    async def compare(
        _session: aiohttp.ClientSession, _context: object, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        if date := ended.response.headers.get("Date"):
            try:
                told = parsedate_to_datetime(date)
            except (ValueError, TypeError):
                return
            # `-0000` says that it is UTC, but not where the clock stands: Python calls that naive.
            told = told.replace(tzinfo=told.tzinfo or UTC)
            case.skew_s = (case.surroundings.now() - told).total_seconds()

    trace.on_request_end.append(compare)
    return trace


def _told(subject: str, said: str) -> Finding:
    """Take what is wrong and what to do about it out of one text, where it is told in this order."""
    seen, *rest = re.split(r"[.:] ", said, maxsplit=1)
    remedy = "".join(rest) or "Mend that, and run `memwarden doctor` again."
    return wrong(subject, f"{seen.removesuffix('.')}.", f"{remedy[0].upper()}{remedy[1:]}")
