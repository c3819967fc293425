"""Lines filled with whole phrases, so that a phrase (a command, a number and its unit) is not torn apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.text import Text as RichText

from adapters.monospace.flow import filled
from adapters.plain_text import GLUE, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adapters.chat.terminal.screen import Screen

_SEPARATOR = " · "
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|[KMGT]iB|s|min|h|d)(?!\w))")


def flowing(items: Iterable[RichText], between: RichText, width: int, indent: int = 0) -> Iterator[RichText]:
    """Fill lines of `width` cells with whole items; only an item wider than that is left to be wrapped.

    Every line but the first is indented.
    """
    margin = RichText()
    for line in filled(items, lambda item: item.cell_len, between.cell_len, width, indent):
        yield margin + between.join(line)
        margin = RichText(" " * indent)


def paragraph(text: str, style: str, screen: Screen, indent: int = 0) -> Iterator[RichText]:
    """Make text safe and break it between phrases (` · `) rather than words, never before a unit."""
    phrases = (RichText(_prose(phrase, screen), style=style) for phrase in text.split(_SEPARATOR))
    between = RichText(visible(_SEPARATOR, screen.encoding), style=style)
    return flowing(phrases, between, screen.width, indent)


def _prose(text: str, screen: Screen) -> str:
    return _BEFORE_UNIT.sub(GLUE, visible(text, screen.encoding))
