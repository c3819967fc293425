"""From what a person said to the answer: words, command, role, reply; and every refusal.

Nothing that a person types, a host returns or we got wrong leaves this file as an exception.
"""

from __future__ import annotations

import logging
import traceback
import zlib
from typing import TYPE_CHECKING

from bot.commands import Call, find
from bot.domain.people import Person
from bot.errors import BadArgument, BotError, HostError, NotAllowed, UnknownCommand, UserError
from bot.message import Button, Kind, Message, Text, Tone
from bot.usage import expected, listed, match, quoted, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.commands import Command
    from bot.domain.people import Role, Roster
    from bot.message import Request
    from bot.ports import Answer, Ports

_LOG = logging.getLogger(__name__)


def dispatch(commands: tuple[Command, ...], ports: Ports) -> Answer:
    """Return what answers every request with one of `commands`; it never raises an Exception."""

    def answer(request: Request) -> Message:
        try:
            return _reply(commands, ports, request)
        except BotError as error:
            return _refusal(error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must cost one answer, not the bot
            return _apology(error)

    return answer


def _reply(commands: tuple[Command, ...], ports: Ports, request: Request) -> Message:
    name, *rest = words(request.text) or ("help",)
    command = find(commands, name)
    _check_role(ports.config.people, request.person, command.role)
    hosts = tuple(host.name for host in ports.config.hosts)
    return command.run(Call(ports, request, match(command.usage, tuple(rest), hosts), commands))


def _check_role(people: Roster, person: Person, needed: Role) -> None:
    if people.role_of(person) < needed:
        role, entry = f"{needed.word}{_holders(people, person, needed)}", f"{person.platform}:{person.id}"
        raise NotAllowed(
            f"Only {needed.word}s may do that: you need the role {role}."
            f" Whoever configures memwarden can give it to {quoted(entry)} under [people]."
        )


def _holders(people: Roster, person: Person, needed: Role) -> str:
    """Name the groups of the asker's own platform that have the role; never other people."""
    entries = {*people.viewers, *people.operators, *people.approvers}
    groups = sorted(entry for entry in entries if entry.startswith(f"{person.platform}-"))
    holders = [group for group in groups if people.role_of(Person("", "", "", (group,))) >= needed]
    return f" (given to {listed(holders)})" if holders else ""


def _refusal(error: BotError) -> Message:
    headline, *more = str(error).splitlines() or [type(error).__name__]
    match error:
        case UserError():
            tone = Tone.WARNING
        case HostError():
            tone = Tone.UNKNOWN
        case _:
            tone = Tone.CRITICAL
    return Message(
        headline,
        blocks=tuple(Text(line) for line in more),
        buttons=(Button("Help", "help"),) if isinstance(error, (BadArgument, UnknownCommand)) else (),
        tone=tone,
    )


def _apology(error: Exception) -> Message:
    """Log what nobody expected and say so; the reference is the same each time the same line fails."""
    reference = f"{zlib.crc32(_place(error).encode()):08x}"
    _LOG.error("mistake %s while answering a request\n%s", reference, _safe_trace(error))
    return Message(
        f"That is a mistake of ours, not of yours. The log tells more about it: reference {reference}.",
        tone=Tone.CRITICAL,
    )


def _place(error: Exception) -> str:
    frames = traceback.walk_tb(error.__traceback__)
    return f"{type(error).__name__} {[(frame.f_code.co_name, line) for frame, line in frames]}"


def _safe_trace(error: Exception) -> str:
    """Write the traceback so that no text in it can pass for a line of the log or control a terminal."""
    lines = "".join(traceback.format_exception(error)).split("\n")
    return "\n".join(f"  | {line.encode('unicode_escape').decode()}" for line in lines if line)


def completions(
    commands: tuple[Command, ...], hosts: tuple[str, ...], services: Iterable[str]
) -> Callable[[str], list[str]]:
    """Return what completes a partly typed line: the words that may stand where its last word is."""
    names = tuple(command.usage.name for command in commands)
    usages = {command.usage.name: command.usage for command in commands}
    offers = {Kind.HOST: hosts, Kind.SERVICE: tuple(services), Kind.COMMAND: names, Kind.COUNT: ()}

    def offered(head: str) -> tuple[str, ...]:
        spoken = words(head)
        if not spoken:
            return names
        usage = usages.get(spoken[0].casefold())
        parameters = expected(usage, spoken[1:], hosts) if usage else ()
        return tuple(word for parameter in parameters for word in offers[parameter.kind])

    def complete(line: str) -> list[str]:
        last = "" if line[-1:].isspace() else "".join(line.split()[-1:])
        head = line[: len(line) - len(last)]
        if last.startswith("/"):
            return [] if head.strip() else ["/mem"]
        try:
            return [word for word in offered(head) if word.casefold().startswith(last.casefold())]
        except BadArgument:
            return []

    return complete
