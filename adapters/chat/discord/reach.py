"""Whether what is announced reaches the channels, the roles and the people that it is meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from adapters.chat.discord.case import note, right, wrong
from adapters.chat.discord.people import PREFIX
from adapters.chat.discord.permissions import missing
from adapters.chat.discord.trouble import Code, reason
from adapters.plain_text import visible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from adapters.chat.discord.case import Case
    from adapters.chat.discord.permissions import Need
    from bot.domain.finding import Finding

_TEST = "memwarden doctor: this message is removed at once."
_OWN = "`channel` under [chat.discord]"
_ROUTE = "the route that names it"
_PERSON = "discord:"


async def channels(case: Case, client: discord.Client) -> AsyncIterator[Finding]:
    """Look at all channels in which something is announced or answered."""
    options, places = case.options, case.surroundings.places
    routed = [place for place in dict.fromkeys(places) if place and place != options.channel]
    allowed = await _allowed(case, client)
    if options.channel is not None:
        async for finding in _announced_in(client, "channel", options.channel, _OWN, allowed):
            yield finding
    elif "" in places or not routed:
        yield note(
            "channel",
            "no channel is named: alerts that are for none in particular have no place to appear.",
            "Write the id of one as `channel` under [chat.discord].",
        )
    for place in routed:
        async for finding in _announced_in(client, f"channel {visible(place)}", place, _ROUTE, allowed):
            yield finding
    for channel in options.channels:
        try:
            await client.fetch_channel(int(channel))
        except discord.HTTPException as error:
            yield wrong(
                "channels",
                f"channel {channel}, in which to answer, cannot be seen: {reason(error)}.",
                "Correct `channels` under [chat.discord], or allow the bot View Channel there.",
            )


async def roles(case: Case, client: discord.Client) -> AsyncIterator[Finding]:
    """Look at the roles that mean something, and at whether those that alerts mention can be."""
    mentioned = {entry for entry in case.surroundings.mentioned if entry.startswith(PREFIX)}
    entries = {*case.surroundings.groups, *mentioned}
    known = {f"{PREFIX}{role.id}": role for guild in case.guilds for role in guild.roles}
    unknown = sorted(entries - known.keys())
    for entry in unknown:
        yield wrong(
            "roles",
            f"no server of the bot has the role of {entry}.",
            "Correct it under [people], or in the route that mentions it.",
        )
    if entries and not unknown:
        yield right("roles", f"all {len(entries)} roles that the configuration names are there")
    mute = [known[entry] for entry in sorted(mentioned & known.keys()) if not known[entry].mentionable]
    if silent := [role for role in mute if not await _may_mention_all(client, role.guild)]:
        yield _silent(silent)


async def people(case: Case, _client: discord.Client) -> AsyncIterator[Finding]:
    """Look at everybody whom routes mention; who is there is not worth a line each."""
    entries = [entry for entry in case.surroundings.mentioned if entry.startswith(_PERSON)]
    absent = [entry for entry in entries if not await _is_member(case, entry)]
    for entry in absent:
        yield wrong(
            f"person {entry.removeprefix(_PERSON)}",
            f"a route mentions {entry}, who is in no server of the bot.",
            "Correct `mention` or `escalate_mention` of the route.",
        )
    if entries and not absent:
        yield right("mentions", "everybody whom routes mention is there")


Allowed = dict[int, discord.Permissions]
"""What the bot may do in each channel that it was told of."""


async def _allowed(case: Case, client: discord.Client) -> Allowed:
    allowed: Allowed = {}
    for guild in case.guilds:
        me = await _me(client, guild)
        allowed |= {found.id: found.permissions_for(me) for found in await guild.fetch_channels()}
    return allowed


async def _announced_in(
    client: discord.Client, subject: str, named: str, by: str, allowed: Allowed
) -> AsyncIterator[Finding]:
    if not named.isdecimal():
        yield wrong(subject, "this is no id of a channel of Discord.", f"Correct {by}.")
        return
    channel = int(named)
    lacking = missing(allowed[channel]) if channel in allowed else ()
    yield await _test_message(client, subject, channel, by, lacking)
    for need in lacking:
        if not need.essential:
            yield _less(need, channel)


async def _test_message(
    client: discord.Client, subject: str, channel: int, by: str, lacking: tuple[Need, ...]
) -> Finding:
    """Send one and remove it; what is not allowed is named as Discord's settings name it."""
    essential = [need for need in lacking if need.essential]
    names = ", ".join(need.name for need in essential)
    remedy = f"Allow the bot in channel {channel}: {names}."
    try:
        message = await client.get_partial_messageable(channel).send(_TEST)
        await message.delete()
    except discord.NotFound:
        return wrong(subject, f"there is no channel {channel}.", f"Correct {by}.")
    except discord.Forbidden as error:
        asked = remedy if essential else f"Allow the bot to see channel {channel} and to write there."
        return wrong(subject, f"a test message could not be sent: {reason(error)}.", asked)
    except discord.HTTPException as error:
        if error.code not in {Code.NO_TEXT_CHANNEL, Code.WRONG_CHANNEL_TYPE}:
            raise
        return wrong(subject, f"a test message could not be sent: {reason(error)}.", f"Correct {by}.")
    if essential:
        lost = "; ".join(dict.fromkeys(need.lost for need in essential))
        return wrong(subject, f"{names} is not allowed in channel {channel}: {lost}.", remedy)
    return right(subject, f"a test message was sent to channel {channel} and removed")


def _less(need: Need, channel: int) -> Finding:
    """Tell what is lost without a permission that one can do without."""
    return note(
        need.name,
        f"it is not allowed in channel {channel}: {need.lost}.",
        f"Allow the bot in channel {channel}: {need.name}.",
    )


def _silent(roles: Iterable[discord.Role]) -> Finding:
    """Tell which roles an alert cannot notify."""
    names = ", ".join(f"@{visible(role.name).removeprefix('@')}" for role in roles)
    return note(
        "mentions",
        f"an alert that mentions {names} notifies nobody: not everybody may mention it.",
        "Under Server Settings > Roles allow anyone to @mention it.",
    )


async def _may_mention_all(client: discord.Client, guild: discord.Guild) -> bool:
    return (await _me(client, guild)).guild_permissions.mention_everyone


async def _is_member(case: Case, entry: str) -> bool:
    """Tell whether somebody is in a server of the bot; those are the only ones whom it can notify."""
    user = entry.removeprefix(_PERSON)
    for guild in case.guilds if user.isdecimal() else ():
        try:
            await guild.fetch_member(int(user))
        except discord.NotFound:
            continue
        return True
    return False


async def _me(client: discord.Client, guild: discord.Guild) -> discord.Member:
    return await guild.fetch_member(client.user.id if client.user else 0)
