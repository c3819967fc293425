"""The words that people type and that we answer: split, quoted, listed, compared.

Everything here is pure. Every refusal is one sentence: what is wrong, and what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING

from bot.errors import BadArgument, UnknownHost
from bot.modifiers import modifier_of

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST_COUNT = 1000
LONGEST_TEXT = 10_000

_ROUGHLY_CHARACTERS = 1000
_SHOWN_CHARACTERS = 60
_SHOWN_NAMES = 10
_SHOWN_NEAR = 3
_ALIKE = 0.6

# Telephones and word processors turn straight quotes into these.
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "\u2018": "'", "\u2019": "'"})
# A quote counts only where a word begins and ends, so that an apostrophe stays an apostrophe.
_WORD = re.compile(r"""(?P<quote>["'`])(?P<quoted>.*?)(?P=quote)(?!\S)|(?P<bare>\S+)""")
_QUOTES = ('"', "'", "`")
_ADDRESSES = frozenset({"/mem", "mem"})


def words(text: str) -> tuple[str, ...]:
    """Split what a person typed into words; a `/mem` or `mem` before the command is left out.

    Quotes (straight, typographic or backticks) around a word or several keep them together; nothing else
    has a special meaning. What cannot be printed is replaced. Raises BadArgument for a quote without an end
    and for more than LONGEST_TEXT characters.
    """
    if len(text) > LONGEST_TEXT:
        raise BadArgument(f"That is {len(text):,} characters long; a command has at most {LONGEST_TEXT:,}.")
    return _unaddressed(tuple(filter(None, map(_word, _WORD.finditer(_straightened(text))))))


def roughly(text: str) -> tuple[str, ...]:
    """Split the beginning of what `words` cannot read at its blanks, without the quotes around words."""
    parts = _straightened(text[:_ROUGHLY_CHARACTERS]).split()
    return _unaddressed(tuple(filter(None, (part.strip("".join(_QUOTES)) for part in parts))))


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


def known_host(word: str, hosts: tuple[str, ...]) -> str:
    """Return the configured host that the word means, however its letters are cased. Raises UnknownHost."""
    same = same_names(word, hosts)
    if len(same) == 1:
        return same[0]
    if same:
        raise UnknownHost(f"{quoted(word)} can be {listed(same, 'or')}: write it exactly.")
    near = did_you_mean(word, hosts)
    raise UnknownHost(f"There is no host {quoted(word)}.{near} Known hosts: {listed(hosts)}.")


def same_names(word: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the name that is the word, else those that differ from it in upper and lower case only."""
    if word in names:
        return (word,)
    return tuple(name for name in names if name.casefold() == word.casefold())


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
