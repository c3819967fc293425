"""Lines from a pipe or a file, as they come, of bounded length."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from typing import TextIO

LONGEST = 4096
"""Characters that a line may have."""

_CHUNK_BYTES = 65536
_LISTEN_S = 0.5

# UTF-8 takes up to four bytes for a character.
_CUT_BYTES = 4 * (LONGEST + 1)


def lines(stream: TextIO, closed: Future[None]) -> Iterator[str]:
    """Yield lines until the stream ends or `closed` is done.

    An overlong line is cut, but not below `LONGEST` + 1 characters; what cannot be decoded is replaced.
    Raises ChatError if the stream cannot be read.
    """
    return (line.decode(stream.encoding, "replace") for line in split(_chunks(stream.fileno(), closed)))


def split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of the chunks without their ends, overlong ones cut."""
    line = b""
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            yield (line + part)[:_CUT_BYTES]
            line = b""
        line = (line + rest)[:_CUT_BYTES]
    if line:
        yield line


def _chunks(source: int, closed: Future[None]) -> Iterator[bytes]:
    # Whoever is done with `closed` hangs up this pipe, which wakes `select`.
    hear, ring = os.pipe()
    with os.fdopen(hear, "rb", 0), os.fdopen(ring, "wb", 0) as bell:
        closed.add_done_callback(lambda _: bell.close())
        # A signal that comes just before `select` begins to wait, or that another thread gets, wakes nobody:
        # Python's handler runs when the main thread goes on by itself.
        while hear not in (ready := select.select([source, hear], [], [], _LISTEN_S)[0]):
            if not ready:
                continue
            chunk = _read(source)
            if not chunk:
                return
            yield chunk


def _read(source: int) -> bytes:
    try:
        return os.read(source, _CHUNK_BYTES)
    except OSError as error:
        raise ChatError(f"Standard input cannot be read: {error.strerror}.", permanent=True) from error
