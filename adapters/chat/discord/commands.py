"""Discord's application commands, generated from what our commands declare."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from adapters.chat.discord.limits import CHOICE, CHOICES, COMMAND_DESCRIPTION, LINE, SUBCOMMANDS
from adapters.monospace.page import cut_to, length
from bot.message import Kind
from bot.modifiers import MODIFIERS
from bot.usage import LARGEST_COUNT, said

if TYPE_CHECKING:
    from bot.message import Parameter, Usage

Interaction = discord.Interaction[discord.Client]
Say = Callable[[Interaction, str], Awaitable[None]]
"""Answers the interaction as if these words had been typed."""
Suggest = Callable[[Interaction, Kind, str], Awaitable[Sequence[str]]]
"""Returns the words that an option can be, given its kind and what is typed of it."""
Given = str | int | bool | None

_COMPLETED = {
    Kind.HOST,
    Kind.HOSTS,
    Kind.SERVICE,
    Kind.COMMAND,
    Kind.TARGET,
    Kind.CHOICE,
    Kind.DURATION,
    Kind.SIZE,
}
_MORE = "more"
_LARGEST_NUMBER = 999_999_999
_MODIFIERS = {modifier.name: modifier.help for modifier in MODIFIERS}


def group(name: str, usages: tuple[Usage, ...], say: Say, suggest: Suggest) -> app_commands.Group:
    """Return the command of this name, with a subcommand for each usage.

    Where there are more than Discord takes, the rare ones stand in a group below it: `/mem more audit`.
    """
    made = app_commands.Group(name=name, description="Where a server's memory goes")
    names = (*(usage.name for usage in usages), *_MODIFIERS)
    rare = [usage for usage in usages if usage.rare] if len(usages) > SUBCOMMANDS else []
    for usage in usages:
        if usage not in rare:
            made.add_command(_subcommand(usage, names, say, suggest))
    if rare:
        more = app_commands.Group(name=_MORE, description="What is not for every day", parent=made)
        for usage in rare:
            more.add_command(_subcommand(usage, names, say, suggest))
    return made


def words(usage: Usage, given: Mapping[str, Given]) -> str:
    """Return what a person would type for these options: `share top web-1 5`.

    The words stand in the order of the usage, which is not that of Discord's options.
    """
    modifiers = [modifier for modifier in _MODIFIERS if given.get(modifier)]
    values = [str(given[p.name]) for p in usage.parameters if given.get(p.name) not in {None, ""}]
    return said((*modifiers, usage.name, *values))


def offered(words: Sequence[str]) -> list[app_commands.Choice[str]]:
    """Return words as choices, as many as Discord shows and none that it would refuse."""
    fit = [word for word in dict.fromkeys(words) if 0 < length(word) <= CHOICE]
    return [app_commands.Choice(name=word, value=word) for word in fit[:CHOICES]]


def _subcommand(
    usage: Usage, commands: tuple[str, ...], say: Say, suggest: Suggest
) -> app_commands.Command[app_commands.Group, ..., None]:
    # Names of ours, because those of options need not be names to Python.
    options = {f"option{number}": parameter for number, parameter in enumerate(usage.parameters)}

    async def callback(interaction: Interaction, **given: Given) -> None:
        named = {(options[key].name if key in options else key): value for key, value in given.items()}
        await say(interaction, words(usage, named))

    # An attribute that `inspect.signature` obeys: this is how a function says that it takes these.
    vars(callback)["__signature__"] = _signature(options)
    app_commands.rename(**{key: parameter.name for key, parameter in options.items()})(callback)
    app_commands.describe(
        **{key: cut_to(COMMAND_DESCRIPTION, parameter.help) for key, parameter in options.items()},
        **_MODIFIERS,
    )(callback)
    for key, parameter in options.items():
        fixed = commands if parameter.kind is Kind.COMMAND else parameter.choices
        if fixed and len(offered(fixed)) == len(set(fixed)):
            app_commands.choices(**{key: offered(fixed)})(callback)
        elif parameter.kind in _COMPLETED:
            app_commands.autocomplete(**{key: _completion(parameter, suggest)})(callback)
    return app_commands.Command(
        name=usage.name, description=cut_to(COMMAND_DESCRIPTION, usage.help), callback=callback
    )


def _signature(options: Mapping[str, Parameter]) -> inspect.Signature:
    """Declare the options by name and kind; discord.py puts the required ones first, as Discord demands."""
    return inspect.Signature(
        [
            inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            *(_parameter(key, parameter) for key, parameter in options.items()),
            *(
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=bool, default=False)
                for name in _MODIFIERS
            ),
        ]
    )


def _parameter(key: str, parameter: Parameter) -> inspect.Parameter:
    return inspect.Parameter(
        key,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=_annotation(parameter.kind),
        default=inspect.Parameter.empty if parameter.required else None,
    )


def _annotation(kind: Kind) -> object:
    """Return the type that discord.py makes an option of."""
    match kind:
        case Kind.COUNT:
            return app_commands.Range[int, 1, LARGEST_COUNT]
        case Kind.INCIDENT | Kind.PLAN:
            return app_commands.Range[int, 1, _LARGEST_NUMBER]
        case Kind.TEXT:
            return app_commands.Range[str, 1, LINE]
        case _:
            return str


def _completion(
    parameter: Parameter, suggest: Suggest
) -> Callable[[Interaction, str], Coroutine[None, None, list[app_commands.Choice[str]]]]:
    async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        if parameter.choices:
            return offered([word for word in parameter.choices if typed.casefold() in word.casefold()])
        return offered(await suggest(interaction, parameter.kind, typed))

    return complete
