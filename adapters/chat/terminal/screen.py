"""What an output stream can show: how wide, in colour or not, in which encoding."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_WIDTH = 100

_NARROWEST = 20
_WIDEST = 400


@dataclass(frozen=True, slots=True)
class Screen:
    """`width` in cells; `colour` allows escape sequences; `encoding` as Python names it."""

    width: int = DEFAULT_WIDTH
    colour: bool = False
    encoding: str = "utf-8"


def screen_of(stream: TextIO, environ: Mapping[str, str]) -> Screen:
    """Look at the stream and at COLUMNS, NO_COLOR, FORCE_COLOR and TERM.

    NO_COLOR wins over FORCE_COLOR (no-color.org, force-color.org); COLUMNS over the terminal's own size.
    """
    return Screen(_width(stream, environ), _colour(stream, environ), stream.encoding or "utf-8")


def _width(stream: TextIO, environ: Mapping[str, str]) -> int:
    columns = environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and len(columns) <= len(str(_WIDEST)) else 0
    return min(max(width or _terminal_width(stream) or DEFAULT_WIDTH, _NARROWEST), _WIDEST)


def _terminal_width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


def _colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"
