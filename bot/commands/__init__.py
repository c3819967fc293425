"""What people can type: one file per command, each defining `COMMAND`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.errors import UnknownCommand
from bot.usage import did_you_mean, quoted

if TYPE_CHECKING:
    from bot.arguments import Arguments
    from bot.domain.people import Role
    from bot.message import Message, Request, Usage
    from bot.names import Target
    from bot.ports import Ports

Argument = TypeVar("Argument")


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command: who asked, what for, and everything the command may need to answer.

    `again` are the words that ask for the same once more.
    """

    ports: Ports
    request: Request
    arguments: Arguments
    commands: tuple[Command, ...]
    again: str

    @property
    def host(self) -> str:
        """The configured host that is meant. Only for commands that have a host parameter."""
        return _given(self.arguments.host)

    @property
    def service(self) -> str:
        """The service that is meant. Only for commands that require one."""
        return _given(self.arguments.service)

    @property
    def incident(self) -> int:
        """The number that is meant. Only for commands that require one."""
        return _given(self.arguments.incident)

    @property
    def count(self) -> int:
        """How many are meant. Only for commands that require it."""
        return _given(self.arguments.count)

    @property
    def plan(self) -> int:
        """The number of the plan that is meant. Only for commands that require one."""
        return _given(self.arguments.plan)

    @property
    def code(self) -> str:
        """The code that was typed, in small letters. Only for commands that require one."""
        return _given(self.arguments.code)

    @property
    def size_bytes(self) -> int:
        """How much memory is meant, in bytes. Only for commands that require it."""
        return _given(self.arguments.size_bytes)

    @property
    def target(self) -> Target:
        """The host, tag or rule that is meant. Only for commands that require one."""
        return _given(self.arguments.target)

    @property
    def duration_s(self) -> float:
        """How long, in seconds. Only for commands that require it."""
        return _given(self.arguments.duration_s)


def _given(argument: Argument | None) -> Argument:
    if argument is None:
        raise LookupError("the command uses an argument that its usage does not ask for")
    return argument


Run = Callable[[Call], "Message"]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can say: how, who may, and what is done.

    `run` may raise any BotError; its sentence is the answer. Every call of an `audited` one is in the audit:
    what changes something writes its line itself, with the change (see `flows.witness`).
    """

    usage: Usage
    role: Role
    run: Run
    audited: bool = False


def find(commands: tuple[Command, ...], name: str) -> Command:
    """Return the command of this name, in whatever case it is written. Raises UnknownCommand."""
    for command in commands:
        if command.usage.name == name.casefold():
            return command
    near = did_you_mean(name, (command.usage.name for command in commands))
    raise UnknownCommand(f"There is no command {quoted(name)}.{near or ' `help` lists them all.'}")
