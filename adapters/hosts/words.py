"""An argument vector as bytes, checked once for everything no program can be given."""

from __future__ import annotations

from bot.errors import CommandFailed


def encoded(argv: tuple[str, ...]) -> tuple[bytes, ...]:
    """Return the words as bytes; undecodable ones (surrogateescape) become what they were.

    Raises CommandFailed for an empty command, a NUL byte or text that has no bytes.
    """
    if not argv:
        raise CommandFailed("A command without words cannot run.")
    try:
        words = tuple(word.encode("utf-8", "surrogateescape") for word in argv)
    except UnicodeEncodeError as error:
        raise CommandFailed(f"An argument of {argv[0]!a} cannot be written in UTF-8.") from error
    if any(b"\0" in word for word in words):
        raise CommandFailed(f"An argument of {argv[0]!a} holds a NUL byte, which no program can be given.")
    return words
