"""The terminal as a chat: what is typed or piped in is asked, the answers are printed."""

from __future__ import annotations

import os
import pwd
from collections import OrderedDict
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from adapters.background import start
from adapters.chat.terminal.lines import LONGEST, lines
from adapters.chat.terminal.output import put
from adapters.chat.terminal.rendering import render
from adapters.chat.terminal.screen import screen_of
from bot.domain.people import Person
from bot.errors import ChatError
from bot.message import Message, Request, Tone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import TextIO

    from adapters.chat import Complete
    from adapters.chat.terminal.prompt import Prompt
    from bot.message import Announcement
    from bot.ports import Answer

NAME = "terminal"

_FRAME_S = 0.1
_PATIENCE_S = 0.3
_HEADLINES = 200
_ENDING = frozenset({"exit", "quit"})
_GREETING = Message("`help` tells what can be asked, Tab completes, Ctrl-D ends.", tone=Tone.FAINT)
_OVERLONG = Message(
    f"That line is longer than {LONGEST} characters, which no command is: nothing was done.",
    tone=Tone.WARNING,
)


@dataclass(frozen=True, slots=True)
class Streams:
    """What the program was started with; None is a stream that was closed already."""

    stdin: TextIO | None
    stdout: TextIO | None
    stderr: TextIO | None


class TerminalChat:
    """A person at a terminal, or lines from a pipe.

    `serve` belongs on the main thread: that is where Ctrl-C arrives.
    """

    def __init__(
        self, streams: Streams, environ: Mapping[str, str], *, complete: Complete, history_file: Path
    ) -> None:
        self._streams = streams
        self._environ = environ
        self._complete = complete
        self._history_file = history_file
        self._person = person(os.getuid())
        self._closed: Future[None] = Future()
        self._prompt: Prompt | None = None
        self._headlines: OrderedDict[str, str] = OrderedDict()

    def serve(self, answer: Answer) -> None:
        """Answer until Ctrl-D, `exit`, the end of the input, or until nobody reads the answers any more.

        Raises ChatError if the input cannot be read or an answer not be written.
        """
        stdin, stdout = self._streams.stdin, self._streams.stdout
        if stdout is None:
            raise ChatError("There is no standard output to answer on.", permanent=True)
        if stdin is None:
            return
        if stdin.isatty() and stdout.isatty():
            self._converse(stdin, stdout, answer)
        else:
            self._answer_lines(stdin, stdout, answer)

    def announce(self, announcement: Announcement) -> str:
        """Print what nobody asked for, above the line that is being typed. Raises ChatError.

        What was printed cannot be changed: of what changes, a new headline is printed.
        """
        stdout = self._streams.stdout
        if stdout is None:
            raise ChatError("There is no standard output to write on.", permanent=True)
        message, ref = announcement.message, announcement.edits or announcement.key
        if announcement.edits:
            if self._headlines.get(ref) == message.headline:
                return ref
            message = Message(message.headline, tone=message.tone)

        def write() -> bool:
            return self._show(message, stdout, after="" if announcement.edits else "\n")

        if not (self._prompt and self._prompt.above(write)) and not write():
            raise ChatError("Nobody reads the standard output any more.", permanent=True)
        self._remember(ref, message.headline)
        return ref

    def close(self) -> None:
        """End `serve` from another thread."""
        with suppress(InvalidStateError):  # closed already
            self._closed.set_result(None)

    def _remember(self, ref: str, headline: str) -> None:
        self._headlines[ref] = headline
        self._headlines.move_to_end(ref)
        while len(self._headlines) > _HEADLINES:
            self._headlines.popitem(last=False)

    def _answer_lines(self, stdin: TextIO, stdout: TextIO, answer: Answer) -> None:
        between = ""
        for line in lines(stdin, self._closed):
            if ends(line):
                return
            if asks(line):
                if not self._show(self._reply(answer, line), stdout, before=between):
                    return
                between = "\n"

    def _converse(self, stdin: TextIO, stdout: TextIO, answer: Answer) -> None:
        # prompt_toolkit takes 100 ms to import: only who types waits for it.
        from adapters.chat.terminal.prompt import Prompt  # noqa: PLC0415

        self._prompt = prompt = Prompt(
            stdin,
            stdout,
            complete=self._complete,
            history_file=self._history_file,
            closed=self._closed,
        )
        going_on = self._show(_GREETING, stdout)
        while going_on:
            # Ctrl-C drops the line that is being typed, or the rest of a long answer.
            with suppress(KeyboardInterrupt):
                going_on = self._exchange(prompt, stdout, answer)

    def _exchange(self, prompt: Prompt, stdout: TextIO, answer: Answer) -> bool:
        """Read once and answer; what was pasted can have several lines. False ends the conversation."""
        typed = prompt.read()
        if typed is None:
            return False
        for line in typed.splitlines():
            if ends(line) or (asks(line) and not self._answer_one(line, stdout, answer)):
                return False
        return True

    def _answer_one(self, line: str, stdout: TextIO, answer: Answer) -> bool:
        pending = start(lambda: self._reply(answer, line))
        try:
            self._wait(pending)
        except KeyboardInterrupt:
            sentence = f"No longer waiting for `{line.strip()}`; what it began goes on."
            return self._show(Message(sentence, tone=Tone.FAINT), stdout, after="\n")
        return pending.done() and self._show(pending.result(), stdout, after="\n")

    def _wait(self, pending: Future[Message]) -> None:
        """Wait for the reply, or for the end of the conversation."""
        either = Event()
        pending.add_done_callback(lambda _: either.set())
        self._closed.add_done_callback(lambda _: either.set())
        if not either.wait(_PATIENCE_S):
            # Has been imported with the prompt already.
            from adapters.chat.terminal.prompt import checking  # noqa: PLC0415

            # A Ctrl-C that comes just before a wait begins wakes nobody: Python's handler runs when the main
            # thread goes on by itself.
            with checking(self._streams.stderr) as move:
                while not either.wait(_FRAME_S):
                    move()

    def _reply(self, answer: Answer, line: str) -> Message:
        return _OVERLONG if len(line) > LONGEST else answer(Request(self._person, line, channel=NAME))

    def _show(self, message: Message, stdout: TextIO, *, before: str = "", after: str = "") -> bool:
        return put(stdout, before + render(message, screen_of(stdout, self._environ)) + after)


def asks(line: str) -> bool:
    """Tell whether a line is a request: blank ones and comments (`# …`) are not."""
    return not line.lstrip().startswith("#") and bool(line.strip())


def ends(line: str) -> bool:
    """Tell whether a line ends the conversation."""
    return line.strip().casefold() in _ENDING


def person(uid: int) -> Person:
    """Return the person of an account; not by LOGNAME, which could name anybody.

    An account without a name, as containers have, is known by its number.
    """
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Person(NAME, name, name)
