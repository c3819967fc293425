"""Looks at everything that can be wrong between us and Discord, and says how to mend it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
import discord

from adapters.chat.discord.client import asking_client
from adapters.chat.discord.declaration import Declaration
from adapters.chat.discord.endpoints import pointed_at, proxy
from adapters.chat.discord.people import PREFIX
from adapters.chat.discord.permissions import missing
from adapters.chat.discord.token import token_of
from adapters.chat.discord.trouble import NOT_DISCORD, STRANGE, TROUBLE, lasting, reason
from adapters.plain_text import visible
from bot.domain.finding import Finding, State
from bot.errors import ChatError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.chat import Surroundings
    from adapters.chat.discord.options import Options
    from adapters.chat.discord.permissions import Need

_INVITE = "Open the address that `memwarden discord invite` prints and add the bot to the server."
_TEST = "memwarden doctor: this message is removed at once."
_ADDRESS = "Correct `api_url` of [chat.discord], or remove it."
_NOTED_SKEW_S, _WRONG_SKEW_S = 5.0, 60.0
_LONGEST_S = 30.0


def examine(options: Options, surroundings: Surroundings) -> Iterable[Finding]:
    """Return what was found, right or wrong. Never raises."""
    try:
        surroundings.reveal(options.token)
        with pointed_at(options):
            token = token_of(options, surroundings)
            return asyncio.run(_examined(_Case(options, surroundings), token, proxy(options)))
    except ConfigError as error:
        seen = "; ".join(f"{error.file}: {each.path} {each.sentence}" for each in error.mistakes)
        remedy = "Put the token there, or correct `token` under [chat.discord]."
        return (_wrong("token", f"{' '.join(seen.split())}.", remedy),)
    except ChatError as error:
        seen, _, remedy = str(error).partition(": ")
        remedy = (
            f"{remedy[0].upper()}{remedy[1:]}" if remedy else "Mend that, and run `memwarden doctor` again."
        )
        return (_wrong("token", f"{seen.removesuffix('.')}.", remedy),)


@dataclass(slots=True)
class _Case:
    """What is looked at, and what was learned on the way. `skew_s` is how far our clock is ahead."""

    options: Options
    surroundings: Surroundings
    skew_s: float | None = None
    guilds: list[discord.Guild] = field(default_factory=list)


Look = Callable[[_Case, discord.Client], AsyncIterator[Finding]]


async def _examined(case: _Case, token: str, proxy: str | None) -> list[Finding]:
    client = asking_client(proxy, _clock(case))
    try:
        async with asyncio.timeout(_LONGEST_S):
            await client.login(token)
            findings = [_right("token", f"accepted; the bot is {visible(str(client.user))}")]
            for subject, look in _LOOKS.items():
                findings += await _looked(subject, look, case, client)
            return findings
    except TROUBLE as error:
        if said := lasting(error):
            return [_told("token", said)]
        remedy = "Check the network, the proxy and `api_url` of [chat.discord]."
        return [_wrong("token", f"Discord cannot be asked: {reason(error)}.", remedy)]
    except STRANGE:
        return [_wrong("token", f"Discord cannot be asked: {NOT_DISCORD}.", _ADDRESS)]
    finally:
        await client.close()


async def _looked(subject: str, look: Look, case: _Case, client: discord.Client) -> list[Finding]:
    try:
        return [finding async for finding in look(case, client)]
    except TROUBLE as error:
        return [_wrong(subject, f"could not be looked at: {reason(error)}.", "Run `memwarden doctor` again.")]
    except STRANGE:
        return [_wrong(subject, f"could not be looked at: {NOT_DISCORD}.", _ADDRESS)]


async def _application(_case: _Case, client: discord.Client) -> AsyncIterator[Finding]:
    application = await client.application_info()
    if application.interactions_endpoint_url:
        yield _wrong(
            "application",
            "commands and clicks go to an Interactions Endpoint URL and never arrive here.",
            "Empty that field under General Information in the Developer Portal.",
        )
    else:
        yield _right("application", f"its id is {application.id}")


async def _time(case: _Case, _client: discord.Client) -> AsyncIterator[Finding]:
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
        yield _right("clock", "this machine and Discord agree on the time")


async def _server(case: _Case, client: discord.Client) -> AsyncIterator[Finding]:
    joined = [guild.id async for guild in client.fetch_guilds(with_counts=False)]
    wanted = [int(case.options.guild)] if case.options.guild else joined
    case.guilds = [await client.fetch_guild(guild, with_counts=False) for guild in wanted if guild in joined]
    if case.guilds:
        yield _right("server", f"the bot is in {', '.join(visible(guild.name) for guild in case.guilds)}")
    else:
        where = f"server {case.options.guild}" if case.options.guild else "any server"
        yield _wrong("server", f"the bot is not in {where}.", _INVITE)


async def _commands(case: _Case, client: discord.Client) -> AsyncIterator[Finding]:
    name = case.options.command
    tree = Declaration(client, case.options, case.surroundings.usages)
    try:
        held = tree.shapes(await tree.fetch_commands(guild=tree.guild))
    except discord.Forbidden:
        yield _wrong("commands", "the bot may not have commands there.", _INVITE)
        return
    if not held:
        yield _wrong(
            "commands", f"/{name} is not registered.", "Start `memwarden run` once: it registers it."
        )
    elif held != tree.declared():
        yield _wrong(
            "commands", f"/{name} is registered otherwise.", "Start `memwarden run` once: it renews it."
        )
    else:
        yield _right("commands", f"/{name} is registered with {len(case.surroundings.usages)} subcommands")
    for place, guild in _other_places(case).items():
        if tree.shapes(await tree.fetch_commands(guild=guild)):
            yield _wrong(
                "commands",
                f"/{name} is registered {place} too, where the configuration does not want it.",
                "Start `memwarden run` once, with the state folder of before: it removes what it registered.",
            )


def _other_places(case: _Case) -> dict[str, discord.Object | None]:
    """Return where commands could be left over from another configuration."""
    if case.options.guild:
        return {"globally": None}
    return {f"in {visible(guild.name)}": discord.Object(guild.id) for guild in case.guilds}


async def _channels(case: _Case, client: discord.Client) -> AsyncIterator[Finding]:
    options = case.options
    if options.channel is None:
        yield Finding(
            "discord: channel",
            State.NOTE,
            "no channel is named: alerts have no place to appear.",
            "Write the id of one as `channel` under [chat.discord].",
        )
    else:
        lacking = await _lacking(case, client, int(options.channel))
        yield await _test_message(client, int(options.channel), lacking)
        for need in lacking:
            if not need.essential:
                yield _less(need, int(options.channel))
    for channel in options.channels:
        try:
            await client.fetch_channel(int(channel))
        except discord.HTTPException as error:
            yield _wrong(
                "channels",
                f"channel {channel}, in which to answer, cannot be seen: {reason(error)}.",
                "Correct `channels` under [chat.discord], or allow the bot View Channel there.",
            )


async def _test_message(client: discord.Client, channel: int, lacking: tuple[Need, ...]) -> Finding:
    """Send one and remove it; what is not allowed is named as Discord's settings name it."""
    essential = [need for need in lacking if need.essential]
    names = ", ".join(need.name for need in essential)
    remedy = f"Allow the bot in channel {channel}: {names}."
    try:
        message = await client.get_partial_messageable(channel).send(_TEST)
        await message.delete()
    except discord.NotFound:
        return _wrong("channel", f"there is no channel {channel}.", "Correct `channel` under [chat.discord].")
    except discord.Forbidden as error:
        asked = remedy if essential else f"Allow the bot to see channel {channel} and to write there."
        return _wrong("channel", f"a test message could not be sent: {reason(error)}.", asked)
    if essential:
        lost = "; ".join(dict.fromkeys(need.lost for need in essential))
        return _wrong("channel", f"{names} is not allowed in channel {channel}: {lost}.", remedy)
    return _right("channel", f"a test message was sent to channel {channel} and removed")


def _less(need: Need, channel: int) -> Finding:
    """Tell what is lost without a permission that one can do without."""
    return Finding(
        f"discord: {need.name}",
        State.NOTE,
        f"it is not allowed in channel {channel}: {need.lost}.",
        f"Allow the bot in channel {channel}: {need.name}.",
    )


async def _lacking(case: _Case, client: discord.Client, channel: int) -> tuple[Need, ...]:
    for guild in case.guilds:
        for found in await guild.fetch_channels():
            if found.id == channel:
                return missing(found.permissions_for(await _me(client, guild)))
    return ()


async def _me(client: discord.Client, guild: discord.Guild) -> discord.Member:
    return await guild.fetch_member(client.user.id if client.user else 0)


async def _roles(case: _Case, client: discord.Client) -> AsyncIterator[Finding]:
    groups = set(case.surroundings.groups)
    known = {f"{PREFIX}{role.id}": role for guild in case.guilds for role in guild.roles}
    unknown = sorted(groups - known.keys())
    for entry in unknown:
        yield _wrong("roles", f"no server of the bot has the role of {entry}.", "Correct it under [people].")
    if groups and not unknown:
        yield _right("roles", f"all {len(case.surroundings.groups)} roles under [people] are there")
    if mute := [known[entry] for entry in sorted(groups & known.keys()) if not known[entry].mentionable]:
        silent = [role for role in mute if not await _may_mention_all(client, role.guild)]
        if silent:
            yield _silent(silent)


def _silent(roles: list[discord.Role]) -> Finding:
    """Tell which roles an alert cannot notify."""
    names = ", ".join(f"@{visible(role.name).removeprefix('@')}" for role in roles)
    return Finding(
        "discord: mentions",
        State.NOTE,
        f"an alert that mentions {names} notifies nobody: not everybody may mention it.",
        "Under Server Settings > Roles allow anyone to @mention it, if alerts shall mention it.",
    )


async def _may_mention_all(client: discord.Client, guild: discord.Guild) -> bool:
    return (await _me(client, guild)).guild_permissions.mention_everyone


_LOOKS: dict[str, Look] = {
    "application": _application,
    "clock": _time,
    "server": _server,
    "commands": _commands,
    "channel": _channels,
    "roles": _roles,
}


def _clock(case: _Case) -> aiohttp.TraceConfig:
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


def _right(subject: str, sentence: str) -> Finding:
    return Finding(f"discord: {subject}", State.RIGHT, sentence)


def _wrong(subject: str, sentence: str, remedy: str) -> Finding:
    return Finding(f"discord: {subject}", State.WRONG, sentence, remedy)


def _told(subject: str, said: str) -> Finding:
    """Take what is wrong and what to do about it out of one text, where it is told in this order."""
    seen, *rest = re.split(r"[.:] ", said, maxsplit=1)
    remedy = "".join(rest) or "Mend that, and run `memwarden doctor` again."
    return _wrong(subject, f"{seen.removesuffix('.')}.", f"{remedy[0].upper()}{remedy[1:]}")
