"""A line of a unit file as systemd splits it into words, and what stands where in it.

Source: systemd.service(5) "COMMAND LINES" and systemd.syntax(7) "QUOTING".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANKS = " \t"
_QUOTES = "\"'"
_ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SINGLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: from `start` up to before `end` of the line; `raw` as written, `text` without its quotes."""

    start: int
    end: int
    raw: str
    text: str

    @property
    def is_plain(self) -> bool:
        """Whether it is written as it is meant: without quotes and backslashes."""
        return self.raw == self.text


class Unbalanced(ValueError):
    """A quote of a line has no end."""


def words(line: str) -> tuple[Word, ...]:
    """Split a line into its words. Raises Unbalanced."""
    return tuple(_words(line))


def variable(word: str) -> str | None:
    """Return the name of the variable that a word stands for, `$NAME` or `${NAME}`; None where it is none."""
    found = _VARIABLE.fullmatch(word)
    return (found[1] or found[2]) if found else None


def _words(line: str) -> Iterator[Word]:
    place = 0
    while place < len(line):
        if line[place] in _BLANKS:
            place += 1
            continue
        end, text = _word(line, place)
        yield Word(place, end, line[place:end], text)
        place = end


def _word(line: str, place: int) -> tuple[int, str]:
    """Return where the word that begins at a place ends, and its text."""
    text, quote = "", ""
    while place < len(line):
        character = line[place]
        if character == "\\" and (escaped := _ESCAPED.match(line, place)):
            text += _unescaped(escaped)
            place = escaped.end()
            continue
        if character == quote:
            quote = ""
        elif not quote and character in _QUOTES:
            quote = character
        elif not quote and character in _BLANKS:
            break
        else:
            text += character
        place += 1
    if quote:
        raise Unbalanced(f"a {quote} has no end")
    return place, text


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return _SINGLE.get(found[2], found[2])
