"""What went wrong below, in a person's words; nothing a host says reaches a terminal as it came."""

from __future__ import annotations

_LONGEST = 160


def reason(error: BaseException | None) -> str:
    """Return why something failed, as the end of a sentence without its full stop."""
    if error is None or isinstance(error, EOFError):
        return "the connection was closed"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, TimeoutError):
        return "there was no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return printable(str(error)) or type(error).__name__


def printable(text: str) -> str:
    """Return a host's text on one line, at most 160 characters, what is not printable as `?`."""
    line = "".join(char if char.isprintable() else "?" for char in text.strip())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
