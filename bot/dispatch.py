"""From what a person said to the answer: words, modifiers, command, role, reply; and every refusal.

Nothing that a person types, a host returns or we got wrong leaves this file as an exception. What is asked of
an audited command is in the audit, whatever came of it (see `flows.witness`).
"""

from __future__ import annotations

import logging
import traceback
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bot.arguments import Arguments, match
from bot.commands import Call, find
from bot.domain.people import Person
from bot.errors import BadArgument, BotError, HostError, NotAllowed, UnknownCommand, UserError
from bot.flows.witness import Asked, witnessed
from bot.message import Button, Form, Message, Text, Tone
from bot.modifiers import leading
from bot.names import Fleet
from bot.usage import enumerated, quoted, roughly, said, short, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.commands import Command
    from bot.config import Config
    from bot.domain.people import Role
    from bot.message import Request
    from bot.modifiers import Modifier
    from bot.ports import Answer, Ports

_LOG = logging.getLogger(__name__)


class _Spoken(NamedTuple):
    """What somebody said, taken apart: how the answer shall be shown, the command, the words after it."""

    request: Request
    modifiers: tuple[Modifier, ...]
    command: Command
    rest: tuple[str, ...]

    @property
    def again(self) -> str:
        return said((self.command.usage.name, *self.rest))


def dispatch(commands: tuple[Command, ...], ports: Ports) -> Answer:
    """Return what answers every request with one of `commands`; it never raises an Exception."""
    return lambda request: _without_raising(lambda: _reply(commands, ports, request))


def _without_raising(reply: Callable[[], Message]) -> Message:
    try:
        return reply()
    except BotError as error:
        return _refusal(error)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must cost one answer, not the bot
        return _apology(error)


def _reply(commands: tuple[Command, ...], ports: Ports, request: Request) -> Message:
    try:
        modifiers, (name, *rest) = _taken_apart(request)
    except BadArgument as error:
        return _unreadable(commands, ports, request, error)
    spoken = _Spoken(request, modifiers, find(commands, name), tuple(rest))
    if not spoken.command.audited:
        return _run(commands, ports, spoken)
    return witnessed(
        ports,
        _asked(ports, spoken),
        lambda ports: _without_raising(lambda: _run(commands, ports, spoken)),
    )


def _taken_apart(request: Request) -> tuple[tuple[Modifier, ...], tuple[str, ...]]:
    modifiers, spoken = leading(words(request.text) or ("help",))
    if not spoken:
        raise _nothing_to_modify(modifiers)
    return modifiers, spoken


def _unreadable(commands: tuple[Command, ...], ports: Ports, request: Request, error: BadArgument) -> Message:
    """Refuse what cannot be told apart; where it begins as an audited command does, that is audited too."""
    refusal = _refusal(error)
    _, spoken = leading(roughly(request.text))
    audited = {command.usage.name for command in commands if command.audited}
    if not spoken or spoken[0].casefold() not in audited:
        return refusal
    asked = Asked(request.person, request.text, _host_among(ports, spoken))
    return witnessed(ports, asked, lambda _: refusal)


def _asked(ports: Ports, spoken: _Spoken) -> Asked:
    """Tell what the audit says was asked for, also where it makes no sense."""
    try:
        meant = match(spoken.command.usage, spoken.rest, _fleet(ports))
    except UserError:
        meant = Arguments(host=_host_among(ports, spoken.rest))
    host = meant.host or (meant.target.host if meant.target else "")
    return Asked(spoken.request.person, spoken.again, host, meant.plan)


def _host_among(ports: Ports, spoken: tuple[str, ...]) -> str:
    """Return the first configured host that is named; empty if none is."""
    named = {word.casefold() for word in spoken}
    return next((host.name for host in ports.config.hosts if host.name.casefold() in named), "")


def _run(commands: tuple[Command, ...], ports: Ports, spoken: _Spoken) -> Message:
    request, modifiers, command, rest = spoken
    _check_role(ports.config, request, command.role)
    try:
        arguments = match(command.usage, rest, _fleet(ports))
    except BadArgument as error:
        before = tuple(modifier.name for modifier in modifiers)
        form = Form(command.usage, before) if command.usage.parameters else None
        return replace(_refusal(error), form=form)
    answer = command.run(Call(ports, request, arguments, commands, spoken.again))
    return answer if answer.refusal else _as_asked(answer, request, modifiers, spoken.again)


def _nothing_to_modify(modifiers: tuple[Modifier, ...]) -> BadArgument:
    before = " ".join(modifier.name for modifier in modifiers)
    return BadArgument(
        f"{before.capitalize()} what? Write a command after `{before}`, such as `{before} status`."
    )


def _fleet(ports: Ports) -> Fleet:
    config = ports.config
    tags = dict.fromkeys(tag for host in config.hosts for tag in host.tags)
    return Fleet(
        tuple(host.name for host in config.hosts),
        {tag: tuple(host.name for host in config.hosts if tag in host.tags) for tag in tags},
        tuple(rule.name for rule in ports.rules),
    )


def _as_asked(answer: Message, request: Request, modifiers: tuple[Modifier, ...], again: str) -> Message:
    """Show the answer as the modifiers say, and offer to share what others could see but do not yet."""
    for modifier in modifiers:
        answer = modifier.apply(answer)
    before = "".join(f"{modifier.name} " for modifier in modifiers)
    # What takes this answer's place is shown in the same way.
    buttons = [replace(b, words=before + b.words) if b.in_place else b for b in answer.buttons]
    if answer.private and request.in_channel:
        buttons.append(Button("Share", f"share {before}{again}"))
    return replace(answer, buttons=tuple(buttons))


def _check_role(config: Config, request: Request, needed: Role) -> None:
    person = request.person
    if config.people.role_of(person) < needed:
        role, entry = f"{needed.word}{_holders(config, request, needed)}", f"{person.platform}:{person.id}"
        raise NotAllowed(
            f"Only {needed.word}s may do that: you need the role {role}."
            f" Whoever configures memwarden can give it to {quoted(entry)} under [people]."
        )


def _holders(config: Config, request: Request, needed: Role) -> str:
    """Name the groups of the asker's own platform that have the role; never other people."""
    people, names = config.people, request.group_names
    groups = people.groups_of(request.person.platform)
    holders = [group for group in groups if people.role_of(Person("", "", "", (group,))) >= needed]
    shown = [short(names[group]) if names.get(group) else quoted(group) for group in holders]
    return f" (given to {enumerated(shown)})" if shown else ""


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
        refusal=True,
    )


def _apology(error: Exception) -> Message:
    """Log what nobody expected and say so; the reference is the same each time the same line fails."""
    reference = f"{zlib.crc32(_place(error).encode()):08x}"
    _LOG.error("mistake %s while answering a request", reference, exc_info=error)
    return Message(
        f"That is a mistake of ours, not of yours. The log tells more about it: reference {reference}.",
        tone=Tone.CRITICAL,
        refusal=True,
    )


def _place(error: Exception) -> str:
    frames = traceback.walk_tb(error.__traceback__)
    return f"{type(error).__name__} {[(frame.f_code.co_name, line) for frame, line in frames]}"
