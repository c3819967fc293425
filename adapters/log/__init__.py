"""Our log: one record, one line, no secret, nothing that could control a terminal or pass for another line.

What threads, finalizers and the program itself end by unexpectedly is written the same way, and so are
Python's warnings.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from adapters.log.concealment import Concealment

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_LOG = logging.getLogger(__name__)
# As global as logging itself: a secret that one part reads must not be told by the library of another.
_CONCEALED = Concealment()


class OneLine(logging.Formatter):
    """Conceals secrets and escapes whatever cannot be printed; tracebacks keep their lines, indented."""

    def __init__(self, conceal: Callable[[str], str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._conceal = conceal

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as it is written."""
        lines = self._conceal(super().format(record)).rstrip("\n").split("\n")
        return "\n    ".join("".join(_visible(character) for character in line) for line in lines)


class _Handler(logging.StreamHandler[TextIO]):
    """Says of a record that cannot be written only where it comes from.

    What Python would print of it holds the record's arguments as they are: secrets too.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        reason = type(sys.exception()).__name__
        lost = _LOG.makeRecord(
            _LOG.name,
            logging.ERROR,
            __file__,
            0,
            "a record of %s at %s:%d could not be written (%s)",
            (record.name, record.filename, record.lineno, reason),
            None,
        )
        with suppress(OSError, ValueError, AttributeError):  # the stream is gone: there is nobody to tell
            self.stream.write(self.format(lost) + self.terminator)
            self.flush()


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def start(level: str = "WARNING") -> None:
    """Log to standard error from `level` on; libraries only from WARNING on."""
    handler = _Handler(sys.stderr)
    handler.setFormatter(OneLine(_CONCEALED))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for package in ("bot", "adapters"):
        logging.getLogger(package).setLevel(level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_end_of_program
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_end_of_thread


def conceal(value: str) -> None:
    """Write `***` wherever this value would stand in the log from now on; very short ones are left alone."""
    _CONCEALED.add(value)


def concealed(text: str) -> str:
    """Return a text as the log would write it, as far as secrets are concerned."""
    return _CONCEALED(text)


def _log_end_of_program(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    _LOG.critical("a mistake of ours ended the program", exc_info=(kind, error, traceback))


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is SystemExit:
        return
    name = ended.thread.name if ended.thread else "unknown"
    error = ended.exc_value or ended.exc_type()
    _LOG.error("thread %s ended", name, exc_info=(ended.exc_type, error, ended.exc_traceback))


def _log_unraisable(ignored: sys.UnraisableHookArgs) -> None:
    error = ignored.exc_value or ignored.exc_type()
    _LOG.error("%s", ignored.err_msg or "ignored", exc_info=(ignored.exc_type, error, ignored.exc_traceback))
