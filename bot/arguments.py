"""The words after a command, matched against what it takes.

Everything here is pure. Every refusal is one sentence: what is wrong, and what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.errors import BadArgument
from bot.message import Kind
from bot.names import meant_hosts, meant_target
from bot.usage import LARGEST_COUNT, did_you_mean, known_host, listed, quoted, same_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.message import Parameter, Usage
    from bot.names import Fleet, Target

SHORTEST_S = 60.0
LONGEST_S = 30 * 86_400.0
LEAST_BYTES = 2**20
MOST_BYTES = 2**40

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_SMALL_NUMBER = re.compile(r"0*[0-9]{1,9}")
_INCIDENT = re.compile(r"#?(?P<number>0*[1-9][0-9]{0,8})")
_PART = re.compile(r"([0-9]{1,6}(?:[.,][0-9]{1,3})?)(days?|d|hours?|h|minutes?|min|m|seconds?|s)")
_DURATION = re.compile(f"(?:{_PART.pattern})+")
_SECONDS_PER = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_CODE = re.compile(r"[a-z0-9]{1,16}")
_UNIT = re.compile(r"(?P<unit>[kmgt])(i?b)?")
_SIZE = re.compile(rf"(?P<number>[0-9]{{1,7}}([.,][0-9]{{1,3}})?){_UNIT.pattern}")
_BYTES_PER = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_FOR = "for"

_NAMING = (Kind.HOST, Kind.HOSTS, Kind.TARGET)
_OPEN = (Kind.SERVICE, Kind.COMMAND, Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a person gave a command, one field for each kind of parameter; None where nothing was given.

    `host` is a configured host's name and is always there if the command has a host parameter. `hosts` are
    those that one word means, all of them where it was left out; empty if the command asks for no such word.
    `incident` and `plan` are numbers, `code` has small letters, `choice` is one of the parameter's choices,
    `duration_s` in seconds, `text` all the words that were left.
    """

    host: str | None = None
    hosts: tuple[str, ...] = ()
    service: str | None = None
    command: str | None = None
    count: int | None = None
    target: Target | None = None
    incident: int | None = None
    plan: int | None = None
    code: str | None = None
    choice: str | None = None
    duration_s: float | None = None
    size_bytes: int | None = None
    text: str | None = None


def match(usage: Usage, spoken: tuple[str, ...], fleet: Fleet) -> Arguments:
    """Tell what the words after a command's name mean, in the order of its parameters.

    An optional parameter takes a word only if enough words remain for the required ones, and leaves a word to
    a parameter after it that knows it better: a number to a count, `7d` to a duration or a choice (no host's
    name is a number). A host left out is the only one there is; hosts left out are all. The number and the
    unit of a size may be two words. Raises BadArgument or UnknownHost.
    """
    arguments = Arguments()
    rest = _with_whole_sizes(usage, spoken)
    for place, parameter in enumerate(usage.parameters):
        later = usage.parameters[place + 1 :]
        if _takes(parameter, later, rest, fleet):
            count = _length(parameter, rest)
            arguments = _read(arguments, parameter, rest[:count], fleet)
            rest = rest[count:]
        elif parameter.required:
            raise _missing(usage, parameter)
        elif parameter.kind is Kind.HOST:
            arguments = replace(arguments, host=_only_host(usage, later, rest, fleet.hosts))
        elif parameter.kind is Kind.HOSTS:
            arguments = replace(arguments, hosts=fleet.hosts)
    if rest:
        raise BadArgument(f"`{usage.name}` has no use for {quoted(rest[0])}: write `{usage.synopsis}`.")
    return arguments


def expected(usage: Usage, spoken: tuple[str, ...], fleet: Fleet) -> Iterator[Parameter]:
    """Name the parameters that the next word may be for, `spoken` being the words already typed."""
    rest = _with_whole_sizes(usage, spoken)
    for parameter in usage.parameters:
        if not rest:
            yield parameter
            if parameter.required:
                return
        elif parameter.kind is Kind.DURATION and _is_for(rest) and len(rest) == 1:
            yield parameter
            return
        elif parameter.required or _fits(parameter, rest[0], fleet):
            rest = rest[_length(parameter, rest) :]


def _with_whole_sizes(usage: Usage, spoken: tuple[str, ...]) -> tuple[str, ...]:
    """Join the number and the unit of a size where the command takes one: `64 MiB`."""
    if not any(parameter.kind is Kind.SIZE for parameter in usage.parameters):
        return spoken
    joined: list[str] = []
    for word in spoken:
        if joined and _NUMBER.fullmatch(joined[-1]) and _UNIT.fullmatch(word.casefold()):
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


def _length(parameter: Parameter, rest: tuple[str, ...]) -> int:
    """Return how many of the words that are left the parameter takes."""
    if parameter.kind is Kind.TEXT:
        return len(rest)
    return 2 if parameter.kind is Kind.DURATION and _is_for(rest) and len(rest) > 1 else 1


def _takes(parameter: Parameter, later: tuple[Parameter, ...], rest: tuple[str, ...], fleet: Fleet) -> bool:
    if not rest or parameter.required:
        return bool(rest)
    if len(rest) <= sum(p.required for p in later):
        return False
    if parameter.kind in _NAMING and _fits(parameter, rest[0], fleet):
        return True
    if any(_claims(p, rest[0]) for p in later):
        return False
    # A word that means nothing here may mean something to the next: but where several hosts are configured,
    # a word in a host's place is rather one of them mistyped.
    anything = any(p.kind in _OPEN and not p.required for p in later)
    if parameter.kind is Kind.HOST:
        return not (anything and len(fleet.hosts) == 1) and not _is_all_for(later, rest)
    return not (anything and parameter.kind in (Kind.CHOICE, Kind.DURATION)) or _claims(parameter, rest[0])


def _is_all_for(later: tuple[Parameter, ...], rest: tuple[str, ...]) -> bool:
    """Tell whether the words are one each for the parameters after this one, some optional one among them."""
    optional = [(p, word) for p, word in zip(later, rest, strict=False) if not p.required]
    return len(rest) <= len(later) and bool(optional) and all(_claims(p, word) for p, word in optional)


def _claims(parameter: Parameter, word: str) -> bool:
    """Tell whether a word is by its form one for this parameter."""
    match parameter.kind:
        case Kind.COUNT:
            return _NUMBER.fullmatch(word) is not None
        case Kind.INCIDENT | Kind.PLAN:
            return _INCIDENT.fullmatch(word) is not None
        case Kind.CHOICE:
            return bool(same_names(word, parameter.choices))
        case Kind.SIZE:
            return _SIZE.fullmatch(word.casefold()) is not None
        case Kind.DURATION:
            return word.casefold() == _FOR or _DURATION.fullmatch(word.casefold()) is not None
        case _:
            return False


def _is_for(rest: tuple[str, ...]) -> bool:
    return bool(rest) and rest[0].casefold() == _FOR


def _fits(parameter: Parameter, word: str, fleet: Fleet) -> bool:
    match parameter.kind:
        case Kind.HOST:
            return bool(same_names(word, fleet.hosts))
        case Kind.HOSTS:
            return bool(same_names(word, fleet.names))
        case Kind.TARGET:
            return bool(same_names(word, fleet.targets))
        case Kind.SERVICE | Kind.COMMAND | Kind.TEXT:
            return not _NUMBER.fullmatch(word)
        case _:
            return _claims(parameter, word)


def _read(arguments: Arguments, parameter: Parameter, given: tuple[str, ...], fleet: Fleet) -> Arguments:
    word = given[-1]
    match parameter.kind:
        case Kind.HOST:
            return replace(arguments, host=known_host(word, fleet.hosts))
        case Kind.HOSTS:
            return replace(arguments, hosts=meant_hosts(word, fleet))
        case Kind.TARGET:
            return replace(arguments, target=meant_target(word, fleet))
        case Kind.TEXT:
            return replace(arguments, text=" ".join(given))
        case Kind.COUNT | Kind.INCIDENT | Kind.PLAN | Kind.DURATION | Kind.SIZE:
            return _read_number(arguments, parameter, word)
        case _:
            return _read_one(arguments, parameter, word)


def _read_number(arguments: Arguments, parameter: Parameter, word: str) -> Arguments:
    match parameter.kind:
        case Kind.COUNT:
            return replace(arguments, count=_count(parameter, word))
        case Kind.INCIDENT:
            return replace(arguments, incident=_number(parameter, word, "12"))
        case Kind.PLAN:
            return replace(arguments, plan=_number(parameter, word, "42"))
        case Kind.SIZE:
            return replace(arguments, size_bytes=_size_bytes(parameter, word))
        case _:
            return replace(arguments, duration_s=_duration_s(parameter, word))


def _read_one(arguments: Arguments, parameter: Parameter, word: str) -> Arguments:
    """Read a word that means the same whatever hosts there are."""
    match parameter.kind:
        case Kind.CHOICE:
            return replace(arguments, choice=_choice(parameter, word))
        case Kind.CODE:
            return replace(arguments, code=_code(parameter, word))
        case Kind.COMMAND:
            return replace(arguments, command=word)
        case _:
            return replace(arguments, service=word)


def _count(parameter: Parameter, word: str) -> int:
    count = int(word) if _SMALL_NUMBER.fullmatch(word) else 0
    if not 1 <= count <= LARGEST_COUNT:
        raise BadArgument(
            f"{quoted(word)} is not a number that `{parameter.name}` can be:"
            f" write a whole number from 1 to {LARGEST_COUNT}."
        )
    return count


def _number(parameter: Parameter, word: str, such_as: str) -> int:
    found = _INCIDENT.fullmatch(word)
    if found is None:
        raise BadArgument(f"{quoted(word)} cannot be `{parameter.name}`: write a number such as `{such_as}`.")
    return int(found["number"])


def _code(parameter: Parameter, word: str) -> str:
    code = word.casefold()
    if not _CODE.fullmatch(code):
        raise BadArgument(
            f"{quoted(word)} cannot be `{parameter.name}`:"
            " write the letters and digits that the plan's card shows, such as `k7f3`."
        )
    return code


def _choice(parameter: Parameter, word: str) -> str:
    same = same_names(word, parameter.choices)
    if not same:
        near = did_you_mean(word, parameter.choices)
        choices = listed(parameter.choices, "or")
        raise BadArgument(f"{quoted(word)} cannot be `{parameter.name}`.{near} Write {choices}.")
    return same[0]


def _duration_s(parameter: Parameter, word: str) -> float:
    if _SMALL_NUMBER.fullmatch(word):
        raise BadArgument(f"{quoted(word)} has no unit: write `{word}m` for minutes, `{word}h` for hours.")
    if not _DURATION.fullmatch(word.casefold()):
        raise BadArgument(
            f"{quoted(word)} is not a time that `{parameter.name}` can be:"
            " write for instance `30m`, `2h`, `1h30m` or `1d`."
        )
    parts = _PART.finditer(word.casefold())
    seconds = sum(float(part[1].replace(",", ".")) * _SECONDS_PER[part[2][0]] for part in parts)
    if not SHORTEST_S <= seconds <= LONGEST_S:
        how = "short" if seconds < SHORTEST_S else "long"
        raise BadArgument(f"{quoted(word)} is too {how}: `{parameter.name}` can be from 1 minute to 30 days.")
    return seconds


def _size_bytes(parameter: Parameter, word: str) -> int:
    if _SMALL_NUMBER.fullmatch(word):
        raise BadArgument(f"{quoted(word)} has no unit: write `{word}mb` for MiB, `{word}gb` for GiB.")
    found = _SIZE.fullmatch(word.casefold())
    if found is None:
        raise BadArgument(
            f"{quoted(word)} is not a size that `{parameter.name}` can be:"
            " write for instance `64mb`, `64 MiB` or `1gb`."
        )
    size = round(float(found["number"].replace(",", ".")) * _BYTES_PER[found["unit"]])
    if not LEAST_BYTES <= size <= MOST_BYTES:
        how = "small" if size < LEAST_BYTES else "large"
        raise BadArgument(f"{quoted(word)} is too {how}: `{parameter.name}` can be from 1 MiB to 1 TiB.")
    return size


def _only_host(
    usage: Usage, later: tuple[Parameter, ...], rest: tuple[str, ...], hosts: tuple[str, ...]
) -> str:
    if len(hosts) == 1:
        return hosts[0]
    required = [parameter for parameter in later if parameter.required]
    if required and (not rest or same_names(rest[0], hosts)):
        raise _missing(usage, required[max(0, len(rest) - 1)])
    raise BadArgument(f"Which host? Write its name after `{usage.name}`. Known hosts: {listed(hosts)}.")


def _missing(usage: Usage, parameter: Parameter) -> BadArgument:
    return BadArgument(
        f"`{usage.name}` needs the word <{parameter.name}> ({parameter.help}): write `{usage.synopsis}`."
    )
