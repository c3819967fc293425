"""Writing to a stream that may end before we do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bot.errors import ChatError

if TYPE_CHECKING:
    from typing import TextIO


def put(stream: TextIO, text: str) -> bool:
    """Write the text at once; False says that nobody reads any more (`| head -1`).

    Raises ChatError for anything else that is wrong with the stream, such as a full disk.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        discard(stream)
        return False
    except OSError as error:
        discard(stream)
        raise ChatError(f"The answer cannot be written: {error.strerror}.", permanent=True) from error
    return True


def discard(stream: TextIO) -> None:
    """Let what is still buffered go nowhere: else Python complains about it when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
