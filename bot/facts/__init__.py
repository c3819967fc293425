"""What can be learned from a host: one file per fact, its part of the probe beside its parser.

The probe is one awk program (see `bot.probe`). Every line it prints begins with a character that the
program wrote, so that nothing a process says of itself can pass for a line of the probe:

    @name   a section begins
    !what   a file could not be read
    other   a fact's own line; what follows the first character is the host's text
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

LARGEST = 1 << 40
"""No count and no number of KiB or pages is larger (1 PiB in KiB); sums of many still fit 64 bits."""
_MOST_DIGITS = 20


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
    """Read lines such as ` MemFree:  123 kB` or ` oom_kill 2` into numbers; what is no number is left out."""
    found: dict[str, int] = {}
    for line in section.lines:
        words = line[1:].split()
        value = number(words[1]) if len(words) > 1 else None
        if value is not None and 0 <= value <= LARGEST:
            found[words[0].rstrip(":")] = value
    return found


def whole(word: str, section: Section, *, least: int = 0, most: int = LARGEST) -> int:
    """Read a whole number. Raises Unreadable where it is none or out of bounds."""
    value = number(word)
    if value is None or not least <= value <= most:
        raise Unreadable(f"The host's answer holds {word[:20]!r} where a number belongs ({section.name}).")
    return value


def number(word: str) -> int | None:
    """Read what the kernel prints as a number: ASCII digits, at most 20 of them (2**64)."""
    digits = word.removeprefix("-")
    return int(word) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None
