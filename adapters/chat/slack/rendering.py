"""Message -> what Slack shows: blocks, the text for notifications, and a file where it is too long. Pure.

Whatever a host or a person wrote stands in elements that Slack takes literally (`blocks`), or is escaped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from adapters.chat.slack import blocks, limits
from adapters.chat.slack.blocks import JsonObject
from adapters.chat.slack.buttons import rows
from adapters.chat.slack.fallback import fallback
from adapters.monospace.document import WIDTH, Attachment, attachment
from adapters.monospace.marks import CIRCLES
from adapters.monospace.page import Fixed, Limits, Prose, cut_to, length, only_in_the_file, paged
from adapters.plain_text import visible
from bot.message import Button

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adapters.monospace.page import Page, Part
    from bot.message import Message

__all__ = ["Attachment", "JsonObject", "Sheet", "rendered"]

# More than what JSON needs around a part, and around all that is no part.
_AROUND_A_PART = 150
_AROUND = 1_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is posted: the text for notifications, the blocks, and all of it where they are not."""

    text: str
    blocks: tuple[JsonObject, ...]
    file: Attachment | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """Elements that stand in one line of a section."""

    elements: tuple[JsonObject, ...]


def rendered(message: Message, *, words: str = "") -> Sheet:
    """Render a message; `words` are what was asked, to offer the columns that a phone has no room for."""
    said = replace(
        message, headline=visible(message.headline).strip() or "…", footnote=visible(message.footnote)
    )
    short = replace(
        said,
        headline=cut_to(limits.HEADLINE, said.headline),
        footnote=cut_to(limits.FOOTNOTE, said.footnote),
    )
    more = (*message.buttons, Button("All columns", f"wide {words}"))
    page = _page(message, _limits(short, more))
    buttons = message.buttons if page.has_every_cell or message.wide or not words else more
    return Sheet(
        text=fallback(message),
        blocks=(*_blocks(short, page.parts), *rows(buttons, message.form)),
        file=None if page.whole and short == said else attachment(message, words),
    )


def _page(message: Message, limits: Limits) -> Page:
    page = paged(message.blocks, limits)
    note = only_in_the_file(page) if message.wide else None
    if note is None:
        return page
    page = paged(message.blocks, replace(limits, room=limits.room - limits.cost(note)))
    return replace(page, parts=(*page.parts, note), whole=False)


def _limits(message: Message, buttons: tuple[Button, ...]) -> Limits:
    others = (message.headline, message.footnote, rows(buttons, message.form))
    return Limits(
        width=WIDTH if message.wide else limits.COLUMNS,
        longest=limits.PART,
        room=limits.BLOCKS_LENGTH - _AROUND - sum(map(_size, others)),
        cost=lambda part: _size(part.text) + _AROUND_A_PART,
    )


def _size(value: object) -> int:
    return length(json.dumps(value, ensure_ascii=False))


def _blocks(message: Message, parts: tuple[Part, ...]) -> Iterator[JsonObject]:
    """Put what belongs together into one block: what is read, and what is small print."""
    for faint, run in groupby(_flow(message, parts), lambda part: isinstance(part, Prose)):
        if faint:
            yield from map(blocks.small_print, _joined(part.text for part in run if isinstance(part, Prose)))
        else:
            yield blocks.rich_text(_elements(part for part in run if not isinstance(part, Prose)))


def _flow(message: Message, parts: tuple[Part, ...]) -> list[_Line | Fixed | Prose]:
    """Set the parts between headline and footnote; the time of measurement ends what is not small print."""
    flow = [_headline(message), *map(_said, parts)]
    if message.measured_at:
        last = max(place for place, part in enumerate(flow) if not isinstance(part, Prose))
        flow.insert(last + 1, _Line((blocks.measured(message.measured_at),)))
    if message.footnote.strip():
        flow.append(Prose(message.footnote, faint=True))
    return flow


def _headline(message: Message) -> _Line | Fixed | Prose:
    circle = CIRCLES.get(message.tone)
    text = blocks.bold(message.headline)
    return _Line((blocks.words(f"{circle} "), text) if circle else (text,))


def _said(part: Part) -> _Line | Fixed | Prose:
    return part if isinstance(part, Fixed) or part.faint else _Line((blocks.words(part.text),))


def _elements(parts: Iterable[_Line | Fixed]) -> Iterator[JsonObject]:
    for _, run in groupby(parts, type):
        lines = []
        for part in run:
            if isinstance(part, Fixed):
                yield blocks.preformatted(part.text)
            else:
                lines += [blocks.words("\n"), *part.elements]
        if lines:
            yield blocks.section(lines[1:])


def _joined(paragraphs: Iterable[str]) -> Iterator[str]:
    """Join paragraphs as far as one text may be long."""
    joined = ""
    for paragraph in paragraphs:
        if joined and length(joined) + 1 + length(paragraph) > limits.PART:
            yield joined
            joined = ""
        joined = f"{joined}\n{paragraph}" if joined else paragraph
    yield joined
