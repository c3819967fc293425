import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import pytest

from adapters.chat.terminal import Streams, TerminalChat
from bot.message import Announcement, Message
from tests.adapters.chat.terminal import echo_chat

TAB, CTRL_C, CTRL_D, UP, ENTER = "\t", "\x03", "\x04", "\x1b[A", "\r"

# No answers to cursor position requests: nobody draws this terminal.
ENVIRON = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "NO_COLOR": "1"}

_PATIENCE_S = 15.0


class Keyboard:
    """The person's side of a terminal: types, and reads what is on the screen."""

    def __init__(self, master: FileIO) -> None:
        self._master = master
        self._seen = ""

    def unplug(self) -> None:
        """Close the window."""
        self._master.close()

    def type(self, keys: str) -> None:
        self._master.write(keys.encode())

    def expect(self, text: str) -> str:
        """Read until the text appears; return what came before it, without control sequences."""
        until = time.monotonic() + _PATIENCE_S
        while text not in self._seen:
            ready, _, _ = select.select([self._master], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{text!r} did not appear, only {self._seen!r}"
            self._seen += re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|[=>])", "", self._master.read(65536).decode())
        before, _, self._seen = self._seen.partition(text)
        return before


@contextmanager
def terminal(columns: int = 80) -> Iterator[tuple[Keyboard, int]]:
    """A terminal without a window: its keyboard, and the descriptor that programs use."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with FileIO(master, "r+") as plug, FileIO(slave):
        yield Keyboard(plug), slave


@contextmanager
def program(history: Path, **environ: str) -> Iterator[tuple[Keyboard, subprocess.Popen[bytes]]]:
    """The echo chat as a program of its own, in a terminal of its own."""
    with (
        terminal() as (keyboard, slave),
        subprocess.Popen(
            (sys.executable, "-m", "tests.adapters.chat.terminal.echo_chat", str(history)),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, **ENVIRON, **environ},
        ) as running,
    ):
        try:
            yield keyboard, running
        finally:
            running.kill()


@contextmanager
def conversation(history: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Keyboard, TerminalChat]]:
    """The echo chat on a thread of this process; waits for its end."""
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    with (
        terminal() as (keyboard, slave),
        os.fdopen(os.dup(slave), encoding="utf-8") as stdin,
        os.fdopen(os.dup(slave), "w", encoding="utf-8") as stdout,
    ):
        chat = TerminalChat(
            Streams(stdin, stdout, stdout), ENVIRON, complete=echo_chat.complete, history_file=history
        )
        serving = threading.Thread(target=chat.serve, args=(echo_chat.answer,), daemon=True)
        serving.start()
        try:
            yield keyboard, chat
            serving.join(_PATIENCE_S)
            assert not serving.is_alive()
        finally:
            chat.close()
            serving.join(_PATIENCE_S)


def test_words_are_completed_and_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation(tmp_path / "history", monkeypatch) as (keyboard, _):
        keyboard.expect("mem>")
        keyboard.type("re" + TAB)
        keyboard.expect("report")
        keyboard.type("db" + TAB)
        keyboard.expect('"db 1"')
        keyboard.type(ENTER)
        keyboard.expect('you said report "db 1"')
        keyboard.expect("mem>")
        keyboard.type("exit" + ENTER)


def test_an_announcement_leaves_the_line_that_is_being_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with conversation(tmp_path / "history", monkeypatch) as (keyboard, chat):
        keyboard.expect("mem>")
        keyboard.type("rep")
        keyboard.expect("rep")
        chat.announce(Announcement(Message("web-1 is critical"), "incident 1"))
        keyboard.expect("web-1 is critical")
        keyboard.expect("mem> rep")
        keyboard.type("ort" + ENTER)
        keyboard.expect("you said report")
        keyboard.expect("mem>")
        keyboard.type(CTRL_D)


def test_ctrl_c_drops_the_line_and_ctrl_d_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation(tmp_path / "history", monkeypatch) as (keyboard, _):
        keyboard.expect("mem>")
        keyboard.type("nonsense" + CTRL_C)
        keyboard.expect("mem>")
        keyboard.type("status" + ENTER)
        keyboard.expect("you said status")
        keyboard.expect("mem>")
        keyboard.type(CTRL_D)


def test_the_history_outlives_the_conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = tmp_path / "state" / "history"
    for keys in ("top web-1" + ENTER, UP + ENTER):
        with conversation(history, monkeypatch) as (keyboard, _):
            keyboard.expect("mem>")
            keyboard.type(keys)
            keyboard.expect("you said top web-1")
            keyboard.expect("mem>")
            keyboard.type(CTRL_D)
    assert history.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("unusable", ["", "/dev/full", "/proc/nothing/history", "/dev/null"])
def test_an_unusable_history_file_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unusable: str
) -> None:
    with conversation(Path(unusable) if unusable else tmp_path, monkeypatch) as (keyboard, _):
        keyboard.expect("mem>")
        keyboard.type("status" + ENTER)
        keyboard.expect("you said status")
        keyboard.expect("mem>")
        keyboard.type(CTRL_D)


def test_pasted_lines_are_answered_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation(tmp_path / "history", monkeypatch) as (keyboard, _):
        keyboard.expect("mem>")
        keyboard.type("\x1b[200~status\n# comment\ntop\nquit\x1b[201~" + ENTER)
        keyboard.expect("you said status")
        keyboard.expect("you said top")


def test_close_ends_a_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation(tmp_path / "history", monkeypatch) as (keyboard, chat):
        keyboard.expect("mem>")
        chat.close()


def test_close_ends_a_wait_for_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation(tmp_path / "history", monkeypatch) as (keyboard, chat):
        keyboard.expect("mem>")
        keyboard.type("wait" + ENTER)
        keyboard.expect("checking …")
        chat.close()


def test_a_terminal_that_goes_away_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation(tmp_path / "history", monkeypatch) as (keyboard, _):
        keyboard.expect("mem>")
        keyboard.unplug()


def test_a_mistake_of_ours_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: object) -> Message:
        raise LookupError("ours")

    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    with terminal() as (keyboard, slave):
        keyboard.type("status" + ENTER)
        with (
            os.fdopen(os.dup(slave), encoding="utf-8") as stdin,
            os.fdopen(os.dup(slave), "w", encoding="utf-8") as stdout,
            pytest.raises(LookupError, match="ours"),
        ):
            TerminalChat(
                Streams(stdin, stdout, None),
                ENVIRON,
                complete=echo_chat.complete,
                history_file=tmp_path / "h",
            ).serve(broken)


def test_ctrl_c_abandons_a_command_at_once(tmp_path: Path) -> None:
    with program(tmp_path / "history") as (keyboard, running):
        keyboard.expect("mem>")
        keyboard.type("wait" + ENTER)
        keyboard.expect("checking …")
        keyboard.type(CTRL_C)
        keyboard.expect("No longer waiting for `wait`; what it began goes on.")
        keyboard.expect("mem>")
        keyboard.type("status" + ENTER)
        keyboard.expect("you said status")
        keyboard.expect("mem>")
        keyboard.type(CTRL_D)
        assert running.wait(_PATIENCE_S) == 0


def test_a_dumb_terminal_gets_no_control_sequences(tmp_path: Path) -> None:
    with program(tmp_path / "history", TERM="dumb") as (keyboard, running):
        keyboard.expect("mem>")
        keyboard.type("status" + ENTER)
        assert "\x1b" not in keyboard.expect("you said status")
        keyboard.expect("mem>")
        keyboard.type(CTRL_D)
        assert running.wait(_PATIENCE_S) == 0
