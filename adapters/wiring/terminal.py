"""Messages on standard output."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.message import Message


def show(message: Message) -> None:
    """Print a message on standard output, as the terminal chat would."""
    terminal = importlib.import_module("adapters.chat.terminal")
    sys.stdout.write(terminal.render(message, terminal.screen_of(sys.stdout, os.environ)))
    sys.stdout.flush()
