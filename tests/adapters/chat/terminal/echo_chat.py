"""A terminal chat whose answers repeat what was asked: `python -m …echo_chat HISTORY_FILE`.

`long` is answered with a table, `wait` never.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from adapters.chat.terminal import Streams, TerminalChat
from bot.errors import ChatError
from bot.message import Message, Text

if TYPE_CHECKING:
    from bot.message import Request

WORDS = {0: ("report", "status", "top"), 1: ("web-1", "web-2", "db 1")}


def answer(request: Request) -> Message:
    """Repeat it, at length if asked to; or think about it for ever."""
    if request.text == "wait":
        Event().wait()
    return Message(f"you said {request.text}", (Text("x " * 100_000),) if request.text == "long" else ())


def complete(line: str) -> list[str]:
    """Offer commands first, then hosts."""
    before, _, last = line.rpartition(" ")
    return [word for word in WORDS[min(len(before.split()), 1)] if word.startswith(last)]


def main() -> None:
    """Serve the streams this program was started with."""
    if sys.stdin is not None and sys.stdin.isatty():
        # What a shell starts in the background ignores Ctrl-C, and so does what the tests start there.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        fcntl.ioctl(sys.stdin, termios.TIOCSCTTY, 0)  # so that Ctrl-C is a signal
    try:
        TerminalChat(
            Streams(sys.stdin, sys.stdout, sys.stderr),
            os.environ,
            complete=complete,
            history_file=Path(sys.argv[1]),
        ).serve(answer)
    except ChatError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
