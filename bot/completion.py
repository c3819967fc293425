"""What may be typed next: whole lines for a terminal, single words for a form or an option of a command."""

from __future__ import annotations

import unicodedata
from itertools import chain
from typing import TYPE_CHECKING

from bot.arguments import expected
from bot.domain.people import Role
from bot.errors import BadArgument
from bot.message import Kind
from bot.modifiers import MODIFIERS, leading
from bot.names import Fleet
from bot.usage import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bot.domain.people import Person, Roster
    from bot.message import Usage

_DURATIONS = ("30m", "1h", "2h", "8h", "1d")
_SIZES = ("64mb", "128mb", "256mb", "512mb", "1gb")


def completions(
    usages: tuple[Usage, ...],
    hosts: tuple[str, ...],
    tags: Iterable[str],
    services: Iterable[str],
    *,
    rules: Iterable[str],
) -> Callable[[str], list[str]]:
    """Return what completes a partly typed line: the words that may stand where its last word is."""
    fleet = Fleet(hosts, dict.fromkeys(tags, ()), tuple(rules))
    vocabulary = _vocabulary(usages, fleet, services)
    by_name = {usage.name: usage for usage in usages}

    def offered(head: str) -> tuple[str, ...]:
        modifiers, spoken = leading(words(head))
        if not spoken:
            return (*by_name, *(modifier.name for modifier in MODIFIERS if modifier not in modifiers))
        usage = by_name.get(spoken[0].casefold())
        parameters = expected(usage, spoken[1:], fleet) if usage else ()
        words_of = (parameter.choices or vocabulary[parameter.kind] for parameter in parameters)
        return tuple(dict.fromkeys(chain.from_iterable(words_of)))

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


def offers(
    usages: tuple[Usage, ...],
    hosts: tuple[str, ...],
    tags: Iterable[str],
    services: Iterable[str],
    people: Roster,
    *,
    rules: Iterable[str],
) -> Callable[[Person, Kind, str], list[str]]:
    """Return what tells the words that a parameter of some kind can be, given what somebody typed of one.

    Those that begin with it come first, then those that contain it, whatever their case; there may be many.
    A parameter's own choices are not among them: the parameter has them.
    There are none for somebody who may not look: they would tell the names of hosts.
    """
    vocabulary = _vocabulary(usages, Fleet(hosts, dict.fromkeys(tags, ()), tuple(rules)), services)

    def offer(person: Person, kind: Kind, typed: str) -> list[str]:
        if people.role_of(person) < Role.VIEWER:
            return []
        part = unicodedata.normalize("NFC", typed.strip()).casefold()
        found = [word for word in vocabulary[kind] if part in word.casefold()]
        return sorted(found, key=lambda word: not word.casefold().startswith(part))

    return offer


def _vocabulary(
    usages: tuple[Usage, ...], fleet: Fleet, services: Iterable[str]
) -> Mapping[Kind, tuple[str, ...]]:
    return {
        Kind.HOST: fleet.hosts,
        Kind.HOSTS: fleet.names,
        Kind.SERVICE: tuple(services),
        Kind.COMMAND: (*(usage.name for usage in usages), *(modifier.name for modifier in MODIFIERS)),
        Kind.TARGET: fleet.targets,
        Kind.DURATION: _DURATIONS,
        Kind.SIZE: _SIZES,
        Kind.COUNT: (),
        Kind.INCIDENT: (),
        Kind.PLAN: (),
        Kind.CODE: (),
        Kind.CHOICE: (),
        Kind.TEXT: (),
    }
