"""`/mem help [command]`: what can be said, and how."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from bot.commands import Command, find
from bot.domain.people import Role
from bot.message import Button, Code, Column, Kind, Message, Parameter, Row, Table, Text, Tone, Usage
from bot.modifiers import MODIFIERS, modifier_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.commands import Call
    from bot.message import Block
    from bot.modifiers import Modifier


def _run(call: Call) -> Message:
    word = call.arguments.command
    if word is None:
        return _overview(call)
    modifier = modifier_of(word)
    return _modifier(modifier) if modifier else _details(find(call.commands, word))


def _overview(call: Call) -> Message:
    own = call.ports.config.people.role_of(call.request.person)
    ranked = groupby(sorted(call.commands, key=_rank), key=lambda command: command.role)
    return Message(
        headline="What you can say after `/mem`",
        blocks=(
            *chain.from_iterable(_section(role, tuple(commands), own) for role, commands in ranked),
            Table(
                (Column("before it"), Column("what that does", elastic=True)),
                tuple(Row((modifier.name, modifier.help)) for modifier in MODIFIERS),
            ),
        ),
        buttons=(Button("Status", "status"),),
        footnote="`/mem help top` tells all about `top`. In the terminal, `/mem` may be left out.",
    )


def _rank(command: Command) -> tuple[bool, Role, str]:
    """Order by what one may do, so that looking comes before changing; what is open to all comes last."""
    return (command.role is Role.NOBODY, command.role, command.usage.name)


def _section(role: Role, commands: tuple[Command, ...], own: Role) -> Iterator[Block]:
    """Yield what a role lets people say, named where not everybody has it."""
    tone = Tone.PLAIN if own >= role else Tone.FAINT
    if role > Role.VIEWER or tone is Tone.FAINT:
        yield Text(f"For {role.word}s" + (":" if own >= role else ", and you are none:"), tone)
    yield Table(
        (Column("command"), Column("what it does", elastic=True)),
        tuple(Row((command.usage.synopsis, command.usage.help), tone) for command in commands),
    )


def _details(command: Command) -> Message:
    usage = command.usage
    parameters = Table(
        (Column(""), Column("", elastic=True)),
        tuple(Row((p.name, p.help)) for p in usage.parameters),
    )
    examples = Code(tuple(f"/mem {example}" for example in usage.examples))
    return Message(
        headline=f"/mem {usage.synopsis}",
        blocks=(
            Text(usage.help),
            *((parameters,) if parameters.rows else ()),
            *((examples,) if examples.lines else ()),
        ),
        footnote=f"needs the role {command.role.word}" if command.role is not Role.NOBODY else "open to all",
    )


def _modifier(modifier: Modifier) -> Message:
    return Message(
        headline=f"/mem {modifier.name} <command>",
        blocks=(Text(modifier.help), Code((f"/mem {modifier.name} status",))),
        footnote="open to all",
    )


COMMAND = Command(
    Usage(
        name="help",
        help="what you can say, or all about one command",
        parameters=(
            Parameter("command", Kind.COMMAND, "the command to tell more about; without it, all of them"),
        ),
        examples=("help", "help top"),
    ),
    Role.NOBODY,
    _run,
)
