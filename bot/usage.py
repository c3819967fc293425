"""What a person typed, matched against what a command takes.

Everything here is pure. Every refusal is one sentence: what is wrong, and what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING

from bot.errors import BadArgument, UnknownHost
from bot.message import Kind
from bot.modifiers import modifier_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bot.message import Parameter, Usage

LARGEST_COUNT = 1000
LONGEST_TEXT = 10_000

_SHOWN_CHARACTERS = 60
_SHOWN_NAMES = 10
_SHOWN_NEAR = 3
_ALIKE = 0.6

# Telephones and word processors turn straight quotes into these.
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "\u2018": "'", "\u2019": "'"})
# A quote counts only where a word begins and ends, so that an apostrophe stays an apostrophe.
_WORD = re.compile(r"""(?P<quote>["'`])(?P<quoted>.*?)(?P=quote)(?!\S)|(?P<bare>\S+)""")
_QUOTES = ('"', "'", "`")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_SMALL_NUMBER = re.compile(r"0*[0-9]{1,9}")
_ADDRESSES = frozenset({"/mem", "mem"})


@dataclass(frozen=True, slots=True)
class Fleet:
    """The names that words can mean: the configured hosts in their order, and for each tag its hosts."""

    hosts: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every word that means some hosts: the hosts themselves, then the tags."""
        return tuple(dict.fromkeys((*self.hosts, *self.tags)))


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a person gave a command, one field for each kind of parameter; None where nothing was given.

    `host` is a configured host's name and is always there if the command has a host parameter. `hosts` are
    those that one word means, all of them where it was left out; empty if the command asks for no such word.
    """

    host: str | None = None
    hosts: tuple[str, ...] = ()
    service: str | None = None
    command: str | None = None
    count: int | None = None


def words(text: str) -> tuple[str, ...]:
    """Split what a person typed into words; a `/mem` or `mem` before the command is left out.

    Quotes (straight, typographic or backticks) around a word or several keep them together; nothing else
    has a special meaning. What cannot be printed is replaced. Raises BadArgument for a quote without an end
    and for more than LONGEST_TEXT characters.
    """
    if len(text) > LONGEST_TEXT:
        raise BadArgument(f"That is {len(text):,} characters long; a command has at most {LONGEST_TEXT:,}.")
    return _unaddressed(tuple(filter(None, map(_word, _WORD.finditer(_straightened(text))))))


def _unaddressed(spoken: tuple[str, ...]) -> tuple[str, ...]:
    before = tuple(takewhile(lambda word: _is_address(word) or modifier_of(word) is not None, spoken))
    return (*(word for word in before if not _is_address(word)), *spoken[len(before) :])


def _is_address(word: str) -> bool:
    return word.casefold() in _ADDRESSES


def _straightened(text: str) -> str:
    return _printable(unicodedata.normalize("NFC", text).translate(_STRAIGHT))


def _printable(text: str) -> str:
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _word(found: re.Match[str]) -> str:
    if found["quote"]:
        return str(found["quoted"]).strip()
    if found[0].startswith(_QUOTES):
        raise BadArgument(f"The quote at {quoted(found.string[found.start() :])} has no end: close it.")
    return found[0]


def said(spoken: Iterable[str]) -> str:
    """Write words so that `words` reads them again: quoted where a blank or a quote would part them.

    Those that `words` returned come back as they are; of others, a word that leaves no kind of quotes usable
    loses one kind.
    """
    return " ".join(map(_in_quotes, spoken))


def _in_quotes(word: str) -> str:
    word = _straightened(word)
    if word and " " not in word and not word.startswith(_QUOTES):
        return word
    quote = next((quote for quote in _QUOTES if f"{quote} " not in word), None)
    return f"{quote}{word}{quote}" if quote else f"{_QUOTES[0]}{word.replace(_QUOTES[0], ' ')}{_QUOTES[0]}"


def match(usage: Usage, spoken: tuple[str, ...], fleet: Fleet) -> Arguments:
    """Tell what the words after a command's name mean, in the order of its parameters.

    An optional parameter takes a word only if enough words remain for the required ones, and leaves a number
    to the count after it (no host's name is a number). A host left out is the only one there is; hosts left
    out are all. Raises BadArgument or UnknownHost.
    """
    arguments = Arguments()
    rest = spoken
    for place, parameter in enumerate(usage.parameters):
        later = usage.parameters[place + 1 :]
        if _takes(parameter, later, rest):
            arguments = _read(arguments, parameter, rest[0], fleet)
            rest = rest[1:]
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
    rest = spoken
    for parameter in usage.parameters:
        if not rest:
            yield parameter
            if parameter.required:
                return
        elif parameter.required or _fits(parameter, rest[0], fleet):
            rest = rest[1:]


def _takes(parameter: Parameter, later: tuple[Parameter, ...], rest: tuple[str, ...]) -> bool:
    if not rest or parameter.required:
        return bool(rest)
    if len(rest) <= sum(p.required for p in later):
        return False
    return not (_NUMBER.fullmatch(rest[0]) and any(p.kind is Kind.COUNT for p in later))


def _fits(parameter: Parameter, word: str, fleet: Fleet) -> bool:
    if parameter.kind is Kind.HOST:
        return bool(_same(word, fleet.hosts))
    if parameter.kind is Kind.HOSTS:
        return bool(_same(word, fleet.names))
    return (parameter.kind is Kind.COUNT) == bool(_NUMBER.fullmatch(word))


def _read(arguments: Arguments, parameter: Parameter, word: str, fleet: Fleet) -> Arguments:
    match parameter.kind:
        case Kind.HOST:
            return replace(arguments, host=known_host(word, fleet.hosts))
        case Kind.HOSTS:
            return replace(arguments, hosts=_meant_hosts(word, fleet))
        case Kind.SERVICE:
            return replace(arguments, service=word)
        case Kind.COMMAND:
            return replace(arguments, command=word)
        case Kind.COUNT:
            return replace(arguments, count=_count(parameter, word))


def _count(parameter: Parameter, word: str) -> int:
    count = int(word) if _SMALL_NUMBER.fullmatch(word) else 0
    if not 1 <= count <= LARGEST_COUNT:
        raise BadArgument(
            f"{quoted(word)} is not a number that `{parameter.name}` can be:"
            f" write a whole number from 1 to {LARGEST_COUNT}."
        )
    return count


def known_host(word: str, hosts: tuple[str, ...]) -> str:
    """Return the configured host that the word means, however its letters are cased. Raises UnknownHost."""
    same = _same(word, hosts)
    if len(same) == 1:
        return same[0]
    if same:
        raise UnknownHost(f"{quoted(word)} can be {listed(same, 'or')}: write it exactly.")
    near = did_you_mean(word, hosts)
    raise UnknownHost(f"There is no host {quoted(word)}.{near} Known hosts: {listed(hosts)}.")


def _meant_hosts(word: str, fleet: Fleet) -> tuple[str, ...]:
    """Return the host that the word names, else all with that tag, in the fleet's order.

    What is written exactly goes before what differs in upper and lower case. Raises UnknownHost.
    """
    if _same(word, fleet.hosts) and (word in fleet.hosts or word not in fleet.tags):
        return (known_host(word, fleet.hosts),)
    tags = _same(word, tuple(fleet.tags))
    if not tags:
        raise _no_such_name(word, fleet)
    tagged = {host for tag in tags for host in fleet.tags[tag]}
    return tuple(host for host in fleet.hosts if host in tagged)


def _no_such_name(word: str, fleet: Fleet) -> UnknownHost:
    near = did_you_mean(word, fleet.names)
    what = "host or tag" if fleet.tags else "host"
    tags = f" Known tags: {listed(fleet.tags)}." if fleet.tags else ""
    return UnknownHost(f"There is no {what} {quoted(word)}.{near} Known hosts: {listed(fleet.hosts)}.{tags}")


def _same(word: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the name that is the word, else those that differ from it in upper and lower case only."""
    if word in names:
        return (word,)
    return tuple(name for name in names if name.casefold() == word.casefold())


def _only_host(
    usage: Usage, later: tuple[Parameter, ...], rest: tuple[str, ...], hosts: tuple[str, ...]
) -> str:
    if len(hosts) == 1:
        return hosts[0]
    required = [parameter for parameter in later if parameter.required]
    if required and (not rest or _same(rest[0], hosts)):
        raise _missing(usage, required[0])
    raise BadArgument(f"Which host? Write its name after `{usage.name}`. Known hosts: {listed(hosts)}.")


def _missing(usage: Usage, parameter: Parameter) -> BadArgument:
    return BadArgument(
        f"`{usage.name}` needs the word <{parameter.name}> ({parameter.help}): write `{usage.synopsis}`."
    )


def short(text: str) -> str:
    """Repeat what somebody wrote: printable and, where it is long, cut short."""
    return _printable(text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…")


def quoted(text: str) -> str:
    """Repeat what somebody wrote inside a sentence: in quotes, printable and, where it is long, cut short."""
    shown = short(text)
    return f"“{shown}”" if "`" in shown else f"`{shown}`"


def listed(names: Iterable[str], conjunction: str = "and") -> str:
    """Write names as a sentence lists them, each quoted, the first ten of many: "`a`, `b` and 3 more"."""
    return enumerated(map(quoted, names), conjunction)


def enumerated(phrases: Iterable[str], conjunction: str = "and") -> str:
    """Write phrases as a sentence lists them, the first ten of many: "a, b and 3 more", or "none"."""
    all_phrases = tuple(phrases)
    shown = list(all_phrases[:_SHOWN_NAMES])
    if len(all_phrases) > _SHOWN_NAMES:
        shown.append(f"{len(all_phrases) - _SHOWN_NAMES} more")
    return f" {conjunction} ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:]))) or "none"


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return " Did you mean `x`?" with the names that are most like the word, or nothing if none is."""
    if len(word) > _SHOWN_CHARACTERS:
        return ""
    matcher = SequenceMatcher(b=word.casefold(), autojunk=False)
    likeness: dict[str, float] = {}
    for name in names:
        matcher.set_seq1(name.casefold())
        likeness[name] = matcher.ratio()
    best = max(likeness.values(), default=0)
    nearest = [name for name, ratio in likeness.items() if ratio == best][:_SHOWN_NEAR]
    return f" Did you mean {listed(nearest, 'or')}?" if best >= _ALIKE else ""
