"""Message -> plain text, complete: the file that goes with an answer too long for a chat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from adapters.monospace import bar, sparkline, table
from adapters.plain_text import visible
from bot.message import Bar, Chart, Code, Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.message import Block, Message

WIDTH = 100
"""The columns of an answer where somebody asked for all of it."""

_UNBOUNDED = 1_000_000

_TAB = 8
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message: its name and its complete plain text."""

    name: str
    content: str


def attachment(message: Message, words: str) -> Attachment:
    """Write the whole message into a file that is named after the words that asked for it."""
    asked = re.sub(r"[^a-z0-9]+", "-", words.lower())[:_NAME_LENGTH].strip("-")
    return Attachment(f"memwarden-{asked}.txt" if asked else "memwarden.txt", document(message))


def document(message: Message) -> str:
    """Return all that a message says, without its buttons, in lines that each have an end."""
    parts = [_paragraph(message.headline)]
    for before, block in zip((None, *message.blocks), message.blocks, strict=False):
        if not (isinstance(before, Text) and isinstance(block, Text)):
            parts.append("")
        parts += _lines(block)
    if message.footnote or message.measured_at:
        parts.append("")
    if message.measured_at:
        parts.append(f"as of {message.measured_at:%Y-%m-%d} {clock(message.measured_at)}")
    if message.footnote:
        parts.append(_paragraph(message.footnote))
    return "".join(f"{part}\n" for part in parts)


def clock(moment: datetime) -> str:
    """`14:02:31 UTC`."""
    return f"{moment:%H:%M:%S} {moment.tzname()}"


def code_line(line: str) -> str:
    """Make a line of somebody else's text safe, its tabs being as wide as everywhere."""
    return visible(line.expandtabs(_TAB))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Text():
            yield _paragraph(block.text)
        case Code():
            yield from map(code_line, block.lines)
        case Table():
            yield from table.drawn(block, _UNBOUNDED).lines
        case Bar():
            yield from bar.lines_of(block, WIDTH)
        case Chart():
            yield from sparkline.lines(block, WIDTH)


def _paragraph(text: str) -> str:
    return "\n".join(wrap(visible(text), WIDTH, break_on_hyphens=False))
