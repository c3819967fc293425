import fcntl
import io
import os
import struct
import termios
from collections.abc import Iterator
from typing import TextIO

import pytest

from adapters.chat.terminal.screen import DEFAULT_WIDTH, Screen, screen_of


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """A terminal of 72 columns."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 72, 0, 0))
    with os.fdopen(slave, "w", encoding="utf-8") as stream, os.fdopen(master, "rb", 0):
        yield stream


def test_a_terminal_is_as_wide_as_it_is_and_has_colour(terminal: TextIO) -> None:
    assert screen_of(terminal, {"TERM": "xterm"}) == Screen(width=72, colour=True, encoding="utf-8")


def test_a_pipe_has_the_usual_width_and_no_colour() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w", encoding="latin-1") as pipe:
        assert screen_of(pipe, {"TERM": "xterm"}) == Screen(DEFAULT_WIDTH, colour=False, encoding="latin-1")


def test_text_in_memory_has_the_usual_width_and_no_colour() -> None:
    assert screen_of(io.StringIO(), {}) == Screen(DEFAULT_WIDTH, colour=False, encoding="utf-8")


@pytest.mark.parametrize(
    ("columns", "width"),
    [("80", 80), ("1", 20), ("999", 400), ("99999999999", 72), ("-5", 72), ("²", 72), ("0", 72), ("", 72)],
)
def test_columns_says_how_wide_within_reason(terminal: TextIO, columns: str, width: int) -> None:
    assert screen_of(terminal, {"COLUMNS": columns}).width == width


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_follows_the_conventions(terminal: TextIO, environ: dict[str, str], *, colour: bool) -> None:
    assert screen_of(terminal, environ).colour is colour


def test_colour_can_be_forced_into_a_pipe() -> None:
    assert screen_of(io.StringIO(), {"FORCE_COLOR": "1"}).colour
