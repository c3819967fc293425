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
from adapters.monospace import sparkline
from adapters.monospace.document import WIDTH, Attachment, attachment
from adapters.monospace.marks import CIRCLES
from adapters.monospace.page import Fixed, Limits, Page, Prose, cut_to, length, only_in_the_file, paged
from adapters.plain_text import visible
from bot.message import Button, Chart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from adapters.monospace.page import Part
    from bot.message import Block, Message

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


@dataclass(frozen=True, slots=True)
class _Picture:
    """A chart that was drawn and uploaded."""

    block: JsonObject


@dataclass(frozen=True, slots=True)
class _Body:
    """What is shown between headline and footnote, and the pages it is of."""

    parts: tuple[Part | _Picture, ...]
    pages: tuple[Page, ...]

    @property
    def has_every_cell(self) -> bool:
        return all(page.has_every_cell for page in self.pages)

    @property
    def is_whole(self) -> bool:
        return all(page.whole for page in self.pages)


def rendered(message: Message, *, words: str = "", pictures: Mapping[Chart, str] | None = None) -> Sheet:
    """Render a message; `words` are what was asked, to offer the columns that a phone has no room for.

    `pictures` are the ids of the files in which charts were drawn; the others are lines of characters.
    """
    said = replace(
        message, headline=visible(message.headline).strip() or "…", footnote=visible(message.footnote)
    )
    short = replace(
        said,
        headline=cut_to(limits.HEADLINE, said.headline),
        footnote=cut_to(limits.FOOTNOTE, said.footnote),
    )
    more = (*message.buttons, Button("All columns", f"wide {words}"))
    body = _body(message, _limits(short, more), pictures or {})
    buttons = message.buttons if body.has_every_cell or message.wide or not words else more
    return Sheet(
        text=fallback(message),
        blocks=(*_blocks(short, body.parts), *rows(buttons, message.form)),
        file=None if body.is_whole and short == said else attachment(message, words),
    )


def _body(message: Message, limits: Limits, pictures: Mapping[Chart, str]) -> _Body:
    body = _drawn(message.blocks, limits, pictures)
    note = only_in_the_file(*body.pages) if message.wide else None
    if note is None:
        return body
    body = _drawn(message.blocks, replace(limits, room=limits.room - limits.cost(note)), pictures)
    return _Body((*body.parts, note), (*body.pages, Page(whole=False)))


def _drawn(drawn: Iterable[Block], limits: Limits, pictures: Mapping[Chart, str]) -> _Body:
    """Draw the blocks as far as there is room; pictures stand where their charts do."""
    parts: list[Part | _Picture] = []
    pages = []
    room = limits.room
    for is_picture, run in groupby(drawn, lambda block: isinstance(block, Chart) and block in pictures):
        if is_picture:
            shown = [_picture(chart, pictures[chart]) for chart in run if isinstance(chart, Chart)]
            room -= sum(_size(each.block) for each in shown)
            parts += shown
        else:
            page = paged(run, replace(limits, room=room))
            room -= sum(map(limits.cost, page.parts))
            parts += page.parts
            pages.append(page)
    return _Body(tuple(parts), tuple(pages))


def _picture(chart: Chart, file: str) -> _Picture:
    title = cut_to(limits.PICTURE_TITLE, visible(chart.title).strip())
    text = cut_to(limits.PICTURE_TEXT, sparkline.described(chart))
    return _Picture(blocks.picture(file, title, text))


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


def _blocks(message: Message, parts: tuple[Part | _Picture, ...]) -> Iterator[JsonObject]:
    """Put what belongs together into one block: what is read, what is small print, each picture."""
    for kind, run in groupby(_flow(message, parts), _kind):
        if kind is Prose:
            yield from map(blocks.small_print, _joined(part.text for part in run if isinstance(part, Prose)))
        elif kind is _Picture:
            yield from (part.block for part in run if isinstance(part, _Picture))
        else:
            yield blocks.rich_text(_elements(part for part in run if isinstance(part, _Line | Fixed)))


def _kind(part: _Line | Fixed | Prose | _Picture) -> type:
    return Fixed if isinstance(part, _Line) else type(part)


def _flow(message: Message, parts: tuple[Part | _Picture, ...]) -> list[_Line | Fixed | Prose | _Picture]:
    """Set the parts between headline and footnote; the time of measurement ends what is read."""
    flow = [_headline(message), *map(_said, parts)]
    if message.measured_at:
        last = max(place for place, part in enumerate(flow) if _kind(part) is Fixed)
        flow.insert(last + 1, _Line((blocks.measured(message.measured_at),)))
    if message.footnote.strip():
        flow.append(Prose(message.footnote, faint=True))
    return flow


def _headline(message: Message) -> _Line | Fixed | Prose | _Picture:
    circle = CIRCLES.get(message.tone)
    text = blocks.bold(message.headline)
    return _Line((blocks.words(f"{circle} "), text) if circle else (text,))


def _said(part: Part | _Picture) -> _Line | Fixed | Prose | _Picture:
    if isinstance(part, Prose) and not part.faint:
        return _Line((blocks.words(part.text),))
    return part


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
