r"""Text from anywhere, made safe for a terminal.

What hosts and people write can hold escape sequences, bidirectional overrides, invisible characters and
undecodable bytes. All of them are shown as escapes (`\x1b`), so that nothing acts and nothing hides.
"""

from __future__ import annotations

import unicodedata

GLUE = "\u2800"
"""A blank that does not end a line; `drawable` turns it into a space."""

# Printable by Python's rule, but drawn as nothing: Unicode's Default_Ignorable_Code_Point, the empty Braille.
_INVISIBLE = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, ord(GLUE)),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)

# No written language stacks more; what does, draws over the lines above and below.
_MOST_MARKS = 2

_UNDECODABLE = range(0xDC80, 0xDD00)

_WORDS_FOR = {
    "●": "*", "○": "o", "█": "#", "▓": "=", "▒": "+", "░": ":", "·": "-", "─": "-", "…": "...", "→": "->",
    "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "x",
    "“": '"', "”": '"', "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}  # fmt: skip

# Truncation is drawn in one cell, so its sign has to stay one.
_GLYPHS = {**{sign: word for sign, word in _WORDS_FOR.items() if len(word) == 1}, "…": "~"}


def visible(text: str, encoding: str = "utf-8") -> str:
    """Return the text on one line, of characters that `encoding` has and a terminal only draws.

    A letter keeps up to two combining marks; a mark without a letter is shown as an escape.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = _MOST_MARKS
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        shown.append(_escape(character) if marks > _MOST_MARKS else _shown(character, encoding))
    return "".join(shown)


def drawable(drawing: str, encoding: str) -> str:
    """Replace our own signs that `encoding` lacks (`●`, `█`, `…`) by others as wide."""
    missing = {ord(sign): plain for sign, plain in _GLYPHS.items() if not _has(encoding, sign)}
    return drawing.translate({ord(GLUE): " ", **missing})


def _shown(character: str, encoding: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    if not character.isprintable() or character in _INVISIBLE:
        return _escape(character)
    if _has(encoding, character):
        return character
    return _WORDS_FOR.get(character) or _escape(character)


def _escape(character: str) -> str:
    if ord(character) in _UNDECODABLE:
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _has(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
