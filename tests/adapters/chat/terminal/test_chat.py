import os
import pwd
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import TextIO

import pytest

from adapters.chat.terminal import PLATFORM, Options
from adapters.chat.terminal.chat import Streams, TerminalChat, person
from bot.domain.people import Person
from bot.errors import ChatError
from bot.message import Announcement, Button, Message, Request, Text
from tests.fakes.surroundings import surroundings

ECHO_CHAT = (sys.executable, "-m", "tests.adapters.chat.terminal.echo_chat")


class Asked:
    """Answers with what was asked, and remembers it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Message:
        self.requests.append(request)
        return Message(f"you said {request.text}")

    @property
    def texts(self) -> list[str]:
        return [request.text for request in self.requests]


def chat(stdin: TextIO | None, stdout: TextIO | None) -> TerminalChat:
    return TerminalChat(
        Streams(stdin, stdout, None), {}, complete=lambda _: (), history_file=Path("/nonexistent/history")
    )


def said(tmp_path: Path, content: bytes, answer: Asked) -> str:
    """What the chat prints for these lines."""
    (tmp_path / "in").write_bytes(content)
    with (
        (tmp_path / "in").open(encoding="utf-8") as stdin,
        (tmp_path / "out").open("w", encoding="utf-8") as stdout,
    ):
        chat(stdin, stdout).serve(answer)
    return (tmp_path / "out").read_text(encoding="utf-8")


def run(redirection: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run the echo chat in a shell with something done to its streams."""
    return subprocess.run(
        ("sh", "-c", f'"$@" {redirection}', "sh", *ECHO_CHAT, "/nonexistent/history"),
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def test_each_line_is_a_request_passed_on_as_typed(tmp_path: Path) -> None:
    asked = Asked()
    printed = said(tmp_path, b"/mem status\n  top  web-1 \n", asked)
    assert asked.texts == ["/mem status", "  top  web-1 "]
    assert printed == "you said /mem status\n\nyou said   top  web-1\n"


def test_blank_lines_and_comments_are_no_requests(tmp_path: Path) -> None:
    asked = Asked()
    assert said(tmp_path, b"\n   \n# a comment\n  # another\n\t\n", asked) == ""
    assert asked.texts == []


@pytest.mark.parametrize("word", [b"exit", b"QUIT", b" quit \r"])
def test_exit_ends_before_the_input_does(tmp_path: Path, word: bytes) -> None:
    asked = Asked()
    said(tmp_path, b"status\n" + word + b"\ntop\n", asked)
    assert asked.texts == ["status"]


def test_hostile_lines_are_answered_and_harmless(tmp_path: Path) -> None:
    printed = said(tmp_path, b"\xff\x1b[2J\x00\n" + b"x" * 1_000_000 + b"\nstatus\n", Asked())
    assert printed.splitlines()[0] == "you said \N{REPLACEMENT CHARACTER}\\x1b[2J\\x00"
    assert "longer than 4096 characters" in printed
    assert printed.endswith("you said status\n")
    assert len(printed) < 500


def test_an_overlong_line_is_not_half_a_request(tmp_path: Path) -> None:
    asked = Asked()
    said(tmp_path, b"stop web-1 " + b"x" * 5000, asked)
    assert asked.texts == []


def test_an_account_without_a_name_is_known_by_its_number() -> None:
    assert person(3_999_999_999) == Person("terminal", "3999999999", "3999999999")


def test_the_person_is_the_account_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    name = pwd.getpwuid(os.getuid()).pw_name
    assert person(os.getuid()) == Person("terminal", name, name)


def test_a_closed_input_is_an_input_at_its_end(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as stdout:
        chat(None, stdout).serve(Asked())
    assert (tmp_path / "out").read_text() == ""


def test_without_an_output_there_is_nothing_to_serve() -> None:
    with pytest.raises(ChatError, match="no standard output"):
        chat(None, None).serve(Asked())


def test_close_ends_a_wait_for_input(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w"), (tmp_path / "out").open("w") as stdout:
        served = chat(stdin, stdout)
        Timer(0.05, served.close).start()
        served.serve(Asked())
        served.close()
    assert (tmp_path / "out").read_text() == ""


def test_the_platform_is_built_without_configuration(tmp_path: Path) -> None:
    built = PLATFORM.build(PLATFORM.section(), surroundings(tmp_path))
    assert (PLATFORM.name, PLATFORM.section) == ("terminal", Options)
    assert isinstance(built, TerminalChat)
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_asked_for_is_printed_too(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as stdout:
        chat(None, stdout).announce(Announcement(Message("web-1 is critical"), "incident 1"))

    assert (tmp_path / "out").read_text() == "web-1 is critical\n\n"


def test_of_what_changes_the_new_headline_is_printed_and_nothing_that_stands_there_already(
    tmp_path: Path,
) -> None:
    card = Message("web-1 is critical", blocks=(Text("96 MiB"),), buttons=(Button("Report", "report web-1"),))
    with (tmp_path / "out").open("w", encoding="utf-8") as stdout:
        terminal = chat(None, stdout)
        ref = terminal.announce(Announcement(card, "a"))
        terminal.announce(Announcement(card, "b", edits=ref))
        terminal.announce(Announcement(replace(card, headline="web-1 is well"), "c", edits=ref))
        terminal.announce(Announcement(Message("acknowledged by Ann"), "d", thread=ref))

    assert (tmp_path / "out").read_text().splitlines() == [
        "web-1 is critical",
        "96 MiB",
        "next: report web-1",
        "",
        "web-1 is well",
        "acknowledged by Ann",
        "",
    ]


def test_what_is_asked_here_can_be_shown_here(tmp_path: Path) -> None:
    asked = Asked()
    said(tmp_path, b"watch web-1\n", asked)

    assert [request.channel for request in asked.requests] == ["terminal"]


def test_what_nobody_can_read_is_a_failure_that_lasts() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    for stdout in (None, os.fdopen(writing, "w")):
        with pytest.raises(ChatError, match="standard output") as caught:
            chat(None, stdout).announce(Announcement(Message("web-1 is critical"), "incident 1"))
        assert caught.value.permanent
        if stdout:
            stdout.close()


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    ended = run("| head -n 1", "status\nlong\nlong\n")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "you said status\n", "")


def test_a_full_disk_is_one_sentence() -> None:
    ended = run("> /dev/full", "status\n")
    assert (ended.returncode, ended.stderr) == (1, "The answer cannot be written: No space left on device.\n")


def test_streams_closed_from_the_start_are_no_crash() -> None:
    without_input, without_output = run("<&-"), run(">&-", "status\n")
    assert (without_input.returncode, without_input.stdout, without_input.stderr) == (0, "", "")
    assert (without_output.returncode, without_output.stderr) == (
        1,
        "There is no standard output to answer on.\n",
    )


def test_an_old_encoding_is_no_crash() -> None:
    ended = run("", "gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n\n")
    old = subprocess.run(
        (*ECHO_CHAT, "/nonexistent/history"),
        input=b"gr\xfcn \xe2\n",
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=20,
    )
    assert ended.stdout == "you said gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n\n"
    assert old.stdout == b"you said gr\\ufffdn \\ufffd\n"
