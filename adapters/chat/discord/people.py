"""Who is asking: a person of Discord and the roles that the configuration knows."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import discord
from cachetools import TTLCache

from adapters.chat.discord.options import NAME
from adapters.chat.discord.trouble import TROUBLE, reason
from bot.domain.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Interaction = discord.Interaction[discord.Client]

_LOG = logging.getLogger(__name__)

PREFIX = "discord-role:"

_KEPT_S = 300.0
_MOST = 1000


class People:
    """Turns Discord's members into persons. `groups` are the entries of the configuration that mean roles.

    In a direct message Discord tells no roles. They are asked for then, in the servers that have such a
    role, and kept for five minutes; where that fails, the person has none.
    """

    def __init__(self, groups: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._roles = {
            int(role): entry for entry in groups if (role := entry.removeprefix(PREFIX)).isdecimal()
        }
        self._kept: TTLCache[tuple[int, int], frozenset[int]] = TTLCache(_MOST, _KEPT_S, clock)

    async def person(self, interaction: Interaction) -> Person:
        """Return who caused the interaction."""
        user = interaction.user
        if isinstance(user, discord.Member):
            return self._person(user, self._roles_of(user))
        return self._person(user, await self._roles_elsewhere(interaction.client, user.id))

    def known(self, interaction: Interaction) -> Person:
        """Return who caused the interaction, with the roles that are known without asking Discord."""
        user = interaction.user
        if isinstance(user, discord.Member):
            return self._person(user, self._roles_of(user))
        kept = (self._kept.get((guild.id, user.id)) for guild in self._concerned(interaction.client))
        return self._person(user, frozenset().union(*filter(None, kept)))

    def group_names(self, client: discord.Client) -> Mapping[str, str]:
        """Return the names of the configured roles, as far as the servers of the bot have them."""
        return {
            self._roles[role.id]: f"@{role.name.removeprefix('@')}"
            for guild in client.guilds
            for role in map(guild.get_role, self._roles)
            if role is not None
        }

    def _person(self, user: discord.User | discord.Member, roles: frozenset[int]) -> Person:
        entries = tuple(entry for role, entry in self._roles.items() if role in roles)
        return Person(NAME, str(user.id), user.display_name, entries)

    def _concerned(self, client: discord.Client) -> list[discord.Guild]:
        # Of a server that is not available yet, after a restart, nobody knows which roles it has.
        return [
            guild for guild in client.guilds if guild.unavailable or any(map(guild.get_role, self._roles))
        ]

    async def _roles_elsewhere(self, client: discord.Client, user: int) -> frozenset[int]:
        return frozenset().union(*[await self._roles_in(guild, user) for guild in self._concerned(client)])

    async def _roles_in(self, guild: discord.Guild, user: int) -> frozenset[int]:
        kept = self._kept.get((guild.id, user))
        if kept is not None:
            return kept
        try:
            roles = self._roles_of(await guild.fetch_member(user))
        except discord.NotFound:
            roles = frozenset()
        except TROUBLE as error:
            _LOG.warning("the roles of %d in server %d are not known: %s", user, guild.id, reason(error))
            return frozenset()
        self._kept[guild.id, user] = roles
        return roles

    def _roles_of(self, member: discord.Member) -> frozenset[int]:
        # Everybody has the role @everyone, whose id is the server's, and no list of roles names it.
        # `roles` and `get_role` leave out those that the server has not told of yet, after a restart.
        held = member._roles  # noqa: SLF001 - the only place where discord.py keeps the ids that came along
        return frozenset(role for role in self._roles if role == member.guild.id or held.has(role))
