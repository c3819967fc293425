"""Discord: application commands, buttons and alerts, over outbound connections only.

discord.py is imported when the chat is built: a configuration that only has to be checked needs none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.chat import Platform, Print, Surroundings
from adapters.chat.discord.options import NAME, Options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.finding import Finding
    from bot.ports import Chat

__all__ = ["PLATFORM", "Options", "build", "examine", "invite"]


def build(options: Options, surroundings: Surroundings) -> Chat:
    """Return a chat that connects when it is served."""
    from adapters.chat.discord.chat import DiscordChat  # noqa: PLC0415 - discord.py takes 0.3 s to import

    return DiscordChat(options, surroundings)


def examine(options: Options, surroundings: Surroundings) -> Iterable[Finding]:
    """Look at everything that can be wrong between us and Discord."""
    from adapters.chat.discord import doctor  # noqa: PLC0415 - discord.py takes 0.3 s to import

    return doctor.examine(options, surroundings)


def invite(options: Options | None, surroundings: Surroundings) -> str:
    """Return the address by which the bot is invited into a server. Raises BotError."""
    from adapters.chat.discord import invitation  # noqa: PLC0415 - discord.py takes 0.3 s to import

    return invitation.address(options, surroundings)


_INVITE: Print[Options] = Print(
    "invite", "Print the address that invites the bot into a Discord server.", invite
)
PLATFORM = Platform(NAME, Options, build, examine, (_INVITE,), group="role")
