import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.terminal.lines import LONGEST, lines, split
from bot.errors import ChatError


@contextmanager
def pipe(content: bytes = b"", *, encoding: str = "utf-8") -> Iterator[tuple[TextIO, int]]:
    """A pipe that holds `content`: where to read it, and the end to write more to."""
    reading, writing = os.pipe()
    os.write(writing, content)
    with os.fdopen(reading, encoding=encoding) as stream, os.fdopen(writing, "wb", 0) as end:
        yield stream, end.fileno()


def read_all(file: Path, encoding: str = "utf-8") -> list[str]:
    with file.open(encoding=encoding) as stream:
        return list(lines(stream, Future()))


@given(st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\n", b"")), max_size=9), st.integers(1, 9))
def test_lines_do_not_depend_on_how_they_arrive(said: list[bytes], size: int) -> None:
    sent = b"".join(line + b"\n" for line in said)
    chunks = [sent[start : start + size] for start in range(0, len(sent), size)]
    assert list(split(chunks)) == said


def test_the_last_line_needs_no_end() -> None:
    assert list(split([b"a\nb"])) == [b"a", b"b"]


def test_an_overlong_line_is_cut_and_the_next_one_is_whole() -> None:
    first, second = split([b"x" * 1_000_000, b"x" * 1_000_000, b"\nstatus\n"])
    assert LONGEST < len(first) < 5 * LONGEST
    assert second == b"status"


@pytest.mark.parametrize("letter", ["x", "é", "語", "😀"])
def test_a_cut_line_is_still_longer_than_allowed(letter: str, tmp_path: Path) -> None:
    (tmp_path / "said").write_text(letter * 1_000_000)
    assert len(read_all(tmp_path / "said")[0]) > LONGEST


def test_a_signal_is_heard_whichever_thread_it_arrives_on() -> None:
    closed: Future[None] = Future()
    before = signal.signal(signal.SIGUSR1, lambda *_: closed.set_result(None))
    with pipe() as (stream, end):
        sent = Timer(0.1, signal.raise_signal, (signal.SIGUSR1,))
        late = Timer(10, os.write, (end, b"only this was heard\n"))
        sent.start()
        late.start()

        heard = list(lines(stream, closed))

        late.cancel()
        late.join()
    signal.signal(signal.SIGUSR1, before)
    assert heard == []


def test_lines_come_from_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "said").write_bytes(b"status\r\n\ntop")
    assert read_all(tmp_path / "said") == ["status\r", "", "top"]


def test_what_cannot_be_decoded_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "said").write_bytes(b"caf\xe9\n")
    assert read_all(tmp_path / "said") == ["caf\N{REPLACEMENT CHARACTER}"]
    assert read_all(tmp_path / "said", "latin-1") == ["café"]


def test_each_line_is_there_before_the_next_is_written() -> None:
    with pipe(b"status\n") as (stream, end):
        arriving = lines(stream, Future())
        assert next(arriving) == "status"
        os.write(end, b"top\n")
        assert next(arriving) == "top"


def test_closing_ends_a_wait_for_input() -> None:
    closed: Future[None] = Future()
    with pipe() as (stream, _):
        Timer(0.05, closed.set_result, (None,)).start()
        assert list(lines(stream, closed)) == []


def test_input_that_cannot_be_read_is_a_chat_error(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as stream, pytest.raises(ChatError, match="cannot be read"):
        list(lines(stream, Future()))
