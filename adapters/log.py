"""Our log: one record, one line, nothing in it that could control a terminal or pass for another line."""

from __future__ import annotations

import logging
import sys


class _OneLine(logging.Formatter):
    """Escapes whatever cannot be printed; our own tracebacks come escaped and keep their lines."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n")
        return "\n    ".join("".join(_visible(character) for character in line) for line in lines)


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def start(level: str = "WARNING") -> None:
    """Log to standard error from `level` on; libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for package in ("bot", "adapters"):
        logging.getLogger(package).setLevel(level)
