"""Our log: one record, one line, no secret."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import log
from adapters.log.concealment import Concealment

if TYPE_CHECKING:
    from collections.abc import Callable

# `***` itself may stand in the log; what cannot be printed is escaped there, so it is never as it was.
secrets = st.text(st.characters(exclude_characters="*", exclude_categories=["C", "Z"]), min_size=6)


def test_a_hostile_record_cannot_control_the_terminal_or_forge_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.start()

    logging.getLogger("bot").warning("host said %s", "\x1b[2Jhello\n2026-01-01 CRITICAL forged\u202e\udcff")

    written = capsys.readouterr().err
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert [line for line in written.splitlines() if not line.startswith("    ")] == [written.splitlines()[0]]


def test_information_is_logged_only_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    log.start()
    logging.getLogger("adapters.hosts").info("quiet")
    log.start("INFO")
    logging.getLogger("adapters.hosts").info("said")

    assert "quiet" not in (written := capsys.readouterr().err)
    assert "said" in (written + capsys.readouterr().err)


def failing(secret: str) -> None:
    raise ValueError(f"no entry with {secret}")


def logged(secret: str) -> str:
    """Log a secret in all the ways that a record can hold one, as a library would; return what is written."""
    conceal = Concealment()
    conceal.add(secret)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.OneLine(conceal))
    library = logging.getLogger("slack_bolt.App")
    library.handlers[:] = [handler]
    library.propagate = False
    library.error(f"message {secret} end")
    library.error("argument %s end, %r end", secret, {"key": secret})
    library.error("address https://host/%s?x=%s", quote(secret), quote(secret, safe=""))
    library.error("ascii %a end, bytes %r end, twice %r end", secret, secret.encode(), repr([secret]))
    library.error("escaped %s end, JSON %s end", secret.encode("unicode_escape").decode(), json.dumps(secret))
    library.error("beside %r", f"'\" {secret} end")
    try:
        failing(secret)
    except ValueError:
        library.exception("traceback")
    library.error("group", exc_info=ExceptionGroup("several", [ValueError(f"grouped {secret} end")]))
    return stream.getvalue()


@given(secrets)
def test_a_secret_is_never_written(secret: str) -> None:
    written = logged(secret)

    assert secret not in written
    assert quote(secret) not in written
    assert quote(secret, safe="") not in written


@pytest.mark.parametrize(
    "secret", ["hunter2", 'it\'s a "secret"', "back\\slash-1", "two\nlines of it", "umläut-ß", "a b/c+d"]
)
def test_a_secret_is_concealed_however_python_or_an_address_spells_it(secret: str) -> None:
    written = logged(secret)

    assert "message *** end\n" in written
    assert "argument *** end, {'key': '***'} end\n" in written.replace('"***"', "'***'")
    assert "address https://host/***?x=***\n" in written
    assert "ValueError: no entry with ***\n" in written
    same_quotes = written.replace('"***"', "'***'")
    assert "ascii '***' end, bytes b'***' end, twice " in same_quotes
    assert "escaped *** end, JSON '***' end\n" in same_quotes
    assert "beside '\\'\" *** end'\n" in written


@pytest.mark.parametrize(
    "secret", ["pä-xyzzy-1", 'it\'s "ä" xyzzy', "back\\xyzzy-ä", "xyzzy line\nlast xyzzy"]
)
def test_no_part_of_a_secret_is_written_in_any_spelling(secret: str) -> None:
    written = logged(secret)

    assert "xyzzy" not in written


def test_the_lines_of_a_secret_are_concealed_where_they_are_torn_apart() -> None:
    written = logged("-----BEGIN KEY-----\nb3BlbnNzaC1rZXk\nend")

    assert "BEGIN" not in written
    assert "b3Blbn" not in written


def test_a_very_short_value_is_no_reason_to_tear_holes_into_words() -> None:
    log.conceal("a")
    log.conceal(" end ")
    log.conceal("")

    assert log.concealed("a bad end to it") == "a bad end to it"


def test_a_secret_that_is_known_later_is_concealed_from_then_on() -> None:
    before = log.concealed("hunter2-later")
    log.conceal("hunter2-later\n")

    assert (before, log.concealed("<hunter2-later>")) == ("hunter2-later", "<***>")


class Unspeakable:
    """Cannot be shown, and is shown by Python's own complaint about that."""

    def __str__(self) -> str:
        raise ValueError("hunter2-argument")

    __repr__ = __str__


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("%d", ("hunter2-argument",)),
        ("%s %s", ("hunter2-argument",)),
        ("no place", ("hunter2-argument",)),
        ("%s", (Unspeakable(),)),
        (Unspeakable(), ()),
    ],
)
def test_a_record_that_cannot_be_written_is_told_in_a_line_without_its_secrets(
    message: object, arguments: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    log.start()
    log.conceal("hunter2-argument")

    logging.getLogger("bot.flows").warning(message, *arguments)

    (line,) = capsys.readouterr().err.splitlines()
    assert "ERROR adapters.log: a record of bot.flows at test_log.py:" in line
    assert "hunter2" not in line


def test_a_log_that_nobody_can_read_any_more_is_no_reason_to_fail() -> None:
    log.start()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    closed = io.StringIO()
    closed.close()
    handler.setStream(closed)

    logging.getLogger("bot").error("%s", "lost")

    assert handler.stream is closed


def test_a_warning_of_python_is_a_record_like_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    log.start()
    log.conceal("hunter2-warning")

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("no such entry: hunter2-warning\n2026-01-01 CRITICAL forged", stacklevel=1)

    first, *more = capsys.readouterr().err.splitlines()
    assert " WARNING py.warnings: " in first
    assert first.endswith("UserWarning: no such entry: ***")
    assert "hunter2-warning" not in "".join(more)
    assert all(line.startswith("    ") for line in more)


def in_a_thread() -> None:
    thread = threading.Thread(target=failing, args=("hunter2-thread",), name="wing")
    thread.start()
    thread.join()


def at_the_end_of_the_program() -> None:
    try:
        failing("hunter2-thread")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def in_a_finalizer() -> None:
    class Bird:
        def __del__(self) -> None:
            failing("hunter2-thread")

    Bird()


@pytest.mark.parametrize("end", [in_a_thread, at_the_end_of_the_program, in_a_finalizer])
def test_what_ends_unexpectedly_tells_no_secret(
    end: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    log.start()
    log.conceal("hunter2-thread")

    end()

    written = capsys.readouterr().err
    assert "hunter2" not in written
    assert "ValueError: no entry with ***" in written
    assert [line for line in written.splitlines() if not line.startswith("    ")] == [written.splitlines()[0]]


def test_a_thread_that_was_told_to_exit_is_not_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.start()

    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()

    assert capsys.readouterr().err == ""
