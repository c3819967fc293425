"""The terminal: the chat platform that needs no account, no network and no configuration."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from adapters.chat import Platform, Surroundings
from adapters.chat.terminal.chat import NAME, Streams, TerminalChat
from adapters.chat.terminal.output import put
from adapters.chat.terminal.rendering import render
from adapters.chat.terminal.screen import Screen, screen_of
from bot.config import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.finding import Finding
    from bot.ports import Chat

__all__ = ["PLATFORM", "Options", "Screen", "Streams", "TerminalChat", "build", "put", "render", "screen_of"]


class Options(Section):
    """`[chat.terminal]`: nothing can be set yet."""


def build(_options: Options, surroundings: Surroundings) -> Chat:
    """Return a chat on the streams the program was started with."""
    return TerminalChat(
        Streams(sys.stdin, sys.stdout, sys.stderr),
        os.environ,
        complete=surroundings.complete,
        history_file=surroundings.state_folder / "terminal-history",
    )


def examine(_options: Options, _surroundings: Surroundings) -> Iterator[Finding]:
    """Find nothing: a terminal that could not be used would not show it."""
    yield from ()


PLATFORM = Platform(NAME, Options, build, examine)
