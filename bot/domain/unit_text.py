"""The text of a unit's files: which settings it makes, and which of them are in force.

Source: systemd.syntax(7), and systemd 252's `config_parse`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.command_line import Unbalanced, words
from bot.domain.unit_file import Assigned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINE_END = re.compile("\r\n|\n\r|[\n\r\0]")
_COMMENTS = ("#", ";")
_BLANKS = " \t"
_SECTION = "Service"


def assignments(text: str) -> Iterator[tuple[str, str]]:
    """Yield each setting of a file's [Service] sections and its value, in order."""
    section = ""
    for line in _joined(text):
        if line.startswith("["):
            section = line.removeprefix("[").removesuffix("]") if line.endswith("]") else ""
            continue
        key, equals, value = line.partition("=")
        if equals and section == _SECTION:
            yield key.rstrip(_BLANKS), value.lstrip(_BLANKS)


def in_force(files: Iterable[tuple[str, str]], setting: str) -> tuple[Assigned, ...]:
    """Return what a list-like setting is after all files were read: an empty assignment forgets the rest."""
    found: list[Assigned] = []
    for path, text in files:
        for key, value in assignments(text):
            if key == setting and not value:
                found = []
            elif key == setting:
                found.append(Assigned(path, value))
    return tuple(found)


def _joined(text: str) -> Iterator[str]:
    """Yield the lines without blanks around them, comments left out and continued ones joined."""
    begun: str | None = None
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        if line.lstrip(_BLANKS).startswith(_COMMENTS):
            continue
        whole = line if begun is None else _join(begun, line)
        if (len(whole) - len(whole.rstrip("\\"))) % 2:
            begun = whole[:-1]
            continue
        begun = None
        if whole.strip(_BLANKS):
            yield whole.strip(_BLANKS)
    if begun is not None and begun.strip(_BLANKS):
        yield begun.strip(_BLANKS)


def _join(begun: str, line: str) -> str:
    """Join with one blank; within quotes, where every blank counts, exactly as systemd does."""
    try:
        words(begun.partition("=")[2])
    except Unbalanced:
        return f"{begun} {line}"
    return f"{begun.rstrip(_BLANKS)} {line.lstrip(_BLANKS)}"
