"""Editing a line at a terminal: history, completion; and the sign that a command is running."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import Context, copy_context
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.output import create_output
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner

from adapters.chat.terminal.output import discard
from adapters.plain_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from typing import TextIO

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from adapters.chat import Complete

_PROMPT = "mem> "


class Prompt:
    """Asks a person for one line after the other, until `closed` is done."""

    def __init__(
        self, stdin: TextIO, stdout: TextIO, *, complete: Complete, history_file: Path, closed: Future[None]
    ) -> None:
        self._stdout = stdout
        self._closed = closed
        self._editing: Context | None = None
        self._session: PromptSession[str] = PromptSession(
            _PROMPT,
            completer=_Words(complete),
            complete_while_typing=False,
            enable_history_search=True,
            enable_suspend=True,
            history=_history(history_file),
            input=create_input(stdin),
            output=create_output(stdout),
        )
        closed.add_done_callback(lambda _: self._wake())

    def read(self) -> str | None:
        """Return what was typed, None at the end (Ctrl-D, or no terminal any more).

        Raises KeyboardInterrupt for Ctrl-C.
        """
        try:
            return self._session.prompt(pre_run=self._begin)
        except EOFError:
            return None
        except OSError:
            discard(self._stdout)
            return None
        finally:
            self._editing = None

    def above(self, write: Callable[[], object]) -> bool:
        """Let `write` print above the line that is being edited; False if none is, and nothing was done."""
        loop, context = self._session.app.loop, self._editing
        if loop is None or context is None:
            return False
        try:
            loop.call_soon_threadsafe(lambda: run_in_terminal(write), context=context)
        except RuntimeError:  # the line was ended in this very moment
            return False
        return True

    def _begin(self) -> None:
        # In which prompt_toolkit finds the line that is being edited.
        self._editing = copy_context()
        self._end_if_closed()

    def _wake(self) -> None:
        loop = self._session.app.loop
        if loop is not None:
            with suppress(RuntimeError):  # the line was ended in this very moment
                loop.call_soon_threadsafe(self._end_if_closed)

    def _end_if_closed(self) -> None:
        app = self._session.app
        if self._closed.done() and app.future is not None and not app.future.done():
            app.exit(exception=EOFError)


class _Words(Completer):
    """Offers what may stand where the word before the cursor is."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002 - the base class's signature
        line = document.text_before_cursor
        typed = "" if line[-1:].isspace() else "".join(line.split()[-1:])
        for word in self._complete(line):
            written = f'"{word}" ' if " " in word else f"{word} "
            yield Completion(written, start_position=-len(typed), display=visible(word))


class _FileHistory(FileHistory):
    """A history that a full disk or a vanished folder does not turn into a crash."""

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)


def _history(file: Path) -> History:
    """Keep the history in a file only its owner can read, or in memory where that file cannot be used."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        with file.open("rb+"):
            return _FileHistory(file) if file.is_file() else InMemoryHistory()
    except OSError:
        return InMemoryHistory()


@contextmanager
def checking(stderr: TextIO | None) -> Iterator[Callable[[], None]]:
    """Show that something is going on, and take it away again; nothing where nobody looks.

    What it yields moves the sign, and has to be called while one waits: there is no thread that does.
    """
    if stderr is None or not stderr.isatty():
        yield lambda: None
        return
    spinner = "dots" if stderr.encoding.lower() == "utf-8" else "line"
    sign = Spinner(spinner, visible("checking …", stderr.encoding), style="status.spinner")
    with Live(sign, console=Console(file=stderr), auto_refresh=False, transient=True) as live:

        def move() -> None:
            with suppress(OSError):
                live.refresh()

        yield move
