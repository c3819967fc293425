"""What can be learned from a host: one file per fact, its part of the probe beside its parser.

The probe is one awk program (see `bot.probe`). Every line it prints begins with a character that the
program wrote, so that nothing a process says of itself can pass for a line of the probe:

    @name   a section begins
    !what   a file could not be read
    other   a fact's own line; what follows the first character is the host's text
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.errors import Unreadable

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one fact, each with its leading character, and the files that could not be read."""

    name: str
    lines: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact(Generic[Value]):
    """One fact: the awk statements that print its section, and how to read that.

    `functions` are awk functions that this or a later fact's statements call.
    `parse` raises Unreadable for anything the statements cannot have printed.
    """

    name: str
    awk: str
    parse: Callable[[Section], Value]
    functions: str = ""


def numbers_by_key(section: Section) -> dict[str, int]:
    """Read lines such as ` MemFree:   123 kB` or ` oom_kill 2` into numbers; what is no number is left out."""
    found: dict[str, int] = {}
    for line in section.lines:
        words = line[1:].split()
        if len(words) > 1 and words[1].isascii() and words[1].isdigit():
            found[words[0].rstrip(":")] = int(words[1])
    return found


def whole(word: str, section: Section) -> int:
    """Read a whole number. Raises Unreadable."""
    try:
        return int(word)
    except ValueError:
        raise Unreadable(
            f"The host's answer holds {word[:20]!r} where a number belongs ({section.name})."
        ) from None
