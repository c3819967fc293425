"""Message -> what a terminal shows. Pure: the screen is a value.

Nothing in a Message is markup: every text is made safe first (`plain_text`) and handed to rich as a
finished `Text`, which rich neither parses nor highlights.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as RichText

from adapters.chat.terminal.flow import flowing, paragraph
from adapters.chat.terminal.style import BOLD, EMPHASES, FAINT, STYLES
from adapters.chat.terminal.table import drawn
from adapters.monospace.bar import GAP, cells, labels
from adapters.monospace.columns import safe
from adapters.monospace.document import clock
from adapters.monospace.marks import MARKS
from adapters.plain_text import drawable, visible
from bot.message import Bar, Code, Table, Text, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from adapters.chat.terminal.screen import Screen
    from bot.message import Block, Button, Message

_TAB = 8
_CODE_INDENT = 2
_NEXT = "next: "


def render(message: Message, screen: Screen) -> str:
    """Return the message as lines, the last one ended too, none wider than the screen.

    Without colour there is no escape sequence in it; it can always be written in the screen's encoding.
    """
    sheet = io.StringIO()
    # Everything is said here, so that rich asks neither the environment nor the real terminal.
    console = Console(
        file=sheet,
        width=screen.width,
        height=25,
        color_system="standard" if screen.colour else None,
        force_terminal=screen.colour,
        force_jupyter=False,
        force_interactive=False,
        no_color=not screen.colour,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    for part in _parts(message, screen):
        console.print(part)
    return drawable(re.sub(" +$", "", sheet.getvalue(), flags=re.MULTILINE), screen.encoding)


def _parts(message: Message, screen: Screen) -> Iterator[RenderableType]:
    yield from _headline(message, screen)
    for before, block in zip((None, *message.blocks), message.blocks, strict=False):
        if before and not (isinstance(before, Text) and isinstance(block, Text)):
            yield ""
        yield from _block(block, screen)
    if footnote := _footnote(message):
        yield from paragraph(footnote, FAINT, screen)
    if message.buttons:
        yield from _buttons(message.buttons, screen)


def _footnote(message: Message) -> str:
    measured = clock(message.measured_at) if message.measured_at else ""
    return " · ".join(filter(None, (measured, message.footnote)))


def _headline(message: Message, screen: Screen) -> Iterator[RichText]:
    mark = f"{MARKS[message.tone]} " if message.tone in MARKS else ""
    style = STYLES[message.tone] if message.tone is Tone.FAINT else f"{BOLD} {STYLES[message.tone]}"
    return paragraph(mark + message.headline, style, screen, len(mark))


def _block(block: Block, screen: Screen) -> Iterator[RenderableType]:
    match block:
        case Text():
            yield from paragraph(block.text, STYLES[block.tone], screen)
        case Code():
            yield from (_code_line(line, screen) for line in block.lines)
        case Table():
            yield from drawn(safe(block, screen.encoding), screen.width)
        case Bar():
            yield from _bar(block, screen)


def _code_line(line: str, screen: Screen) -> RenderableType:
    shown = visible(line.expandtabs(_TAB), screen.encoding)
    return Padding(RichText(shown, style=FAINT), (0, 0, 0, _CODE_INDENT))


def _bar(bar: Bar, screen: Screen) -> Iterator[RenderableType]:
    yield RichText(cells(bar.segments, screen.width), no_wrap=True)
    legend = map(RichText, labels(bar, screen.encoding))
    yield from flowing(legend, RichText(" " * GAP), screen.width)


def _buttons(buttons: tuple[Button, ...], screen: Screen) -> Iterator[RichText]:
    words = (RichText(visible(b.words, screen.encoding), style=EMPHASES[b.emphasis]) for b in buttons)
    first = RichText.assemble((_NEXT, FAINT), next(words))
    yield from flowing((first, *words), RichText.assemble((" · ", FAINT)), screen.width, len(_NEXT))
