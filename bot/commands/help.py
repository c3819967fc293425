"""`/mem help [command]`: what can be said, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, find
from bot.domain.people import Role
from bot.message import Button, Code, Column, Kind, Message, Parameter, Row, Table, Text, Tone, Usage
from bot.modifiers import MODIFIERS, modifier_of

if TYPE_CHECKING:
    from bot.commands import Call
    from bot.modifiers import Modifier


def _run(call: Call) -> Message:
    word = call.arguments.command
    if word is None:
        return _overview(call)
    modifier = modifier_of(word)
    return _modifier(modifier) if modifier else _details(find(call.commands, word))


def _overview(call: Call) -> Message:
    own = call.ports.config.people.role_of(call.request.person)
    return Message(
        headline="What you can say after `/mem`",
        blocks=(
            Table(
                (Column("command"), Column("what it does", elastic=True)),
                tuple(_line(command, own) for command in sorted(call.commands, key=_rank)),
            ),
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


def _line(command: Command, own: Role) -> Row:
    if own >= command.role:
        return Row((command.usage.synopsis, command.usage.help))
    needed = f"{command.usage.help} (needs the role {command.role.word})"
    return Row((command.usage.synopsis, needed), Tone.FAINT)


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
