"""Message -> the text that notifications show and screen readers read, where the blocks are for the eye."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapters.chat.slack.escaping import literal
from adapters.monospace.marks import CIRCLES
from adapters.monospace.page import cut, length
from adapters.plain_text import visible
from bot.message import Bar, Chart, Code, Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.message import Block, Message

LONGEST = 2_000
"""The length of the text; near 4,000 characters Slack has been seen to refuse some."""

_LONGEST_LINE = 600
_WORDS = re.compile(r"\w")


def fallback(message: Message) -> str:
    """Say the message in lines, the headline first, as far as there is room; no line is markup."""
    said: list[str] = []
    room = LONGEST - 2
    for line in _lines(message):
        escaped = literal(cut(line, lambda text: length(literal(text)) <= _LONGEST_LINE))
        room -= length(escaped) + 1
        if room < 0:
            return "\n".join((*said, "…"))
        said.append(escaped)
    return "\n".join(said)


def _lines(message: Message) -> Iterator[str]:
    circle = f"{CIRCLES[message.tone]} " if message.tone in CIRCLES else ""
    yield circle + (visible(message.headline).strip() or "…")
    for block in message.blocks:
        # A bar is nothing to be read out.
        yield from filter(_WORDS.search, map(visible, _said(block)))
    if message.footnote:
        yield visible(message.footnote)


def _said(block: Block) -> Iterator[str]:
    match block:
        case Text(text):
            yield text
        case Code(lines):
            yield from lines
        case Bar(segments):
            yield ", ".join(segment.label for segment in segments if segment.label)
        case Chart(title=title, text=text):
            yield text or title
        case Table(_, rows, total):
            for row in (*rows, *((total,) if total else ())):
                yield ", ".join(filter(str.strip, row.cells))
