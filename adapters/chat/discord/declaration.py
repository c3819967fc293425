"""The commands as we declare them, and whether Discord holds them so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from adapters.chat.discord import commands

if TYPE_CHECKING:
    from adapters.chat.discord.commands import Interaction, Say, Suggest
    from adapters.chat.discord.options import Options
    from bot.message import Kind, Usage

Shape = object
"""What a command means, without ids, versions and what is only not said: to be compared."""

_MEANS = (
    "type",
    "name",
    "description",
    "required",
    "autocomplete",
    "choices",
    "value",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "contexts",
    "options",
)


class Declaration(app_commands.CommandTree[discord.Client]):
    """Our commands; `guild` is None where they are global."""

    def __init__(
        self,
        client: discord.Client,
        options: Options,
        usages: tuple[Usage, ...],
        say: Say | None = None,
        suggest: Suggest | None = None,
    ) -> None:
        self.guild = discord.Object(int(options.guild)) if options.guild else None
        everywhere = app_commands.AppCommandContext(guild=True, dm_channel=True)
        # Those of one server have no contexts.
        super().__init__(
            client, allowed_contexts=app_commands.AppCommandContext() if self.guild else everywhere
        )
        group = commands.group(options.command, usages, say or _say_nothing, suggest or _suggest_nothing)
        self.add_command(group, guild=self.guild)

    def declared(self) -> list[Shape]:
        """Return what Discord should hold."""
        return [shape(command.to_dict(self)) for command in self.get_commands(guild=self.guild)]

    def shapes(self, held: Sequence[app_commands.AppCommand]) -> list[Shape]:
        """Return what Discord holds of our commands."""
        ours = {command.name for command in self.get_commands(guild=self.guild)}
        return [shape(command.to_dict()) for command in held if command.name in ours]


def shape(told: object) -> Shape:
    """Return what it means that a command, an option or a choice is described so."""
    match told:
        case Mapping():
            return {key: shape(told[key]) for key in _MEANS if told.get(key)}
        case list():
            return [shape(one) for one in told]
        case _:
            return told


async def _say_nothing(_interaction: Interaction, _words: str) -> None:
    """Stand for what answers, where nothing is asked."""


async def _suggest_nothing(_interaction: Interaction, _kind: Kind, _typed: str) -> Sequence[str]:
    return ()
