"""Text for the one place where Slack parses what we send: a message's `text`, for notifications.

Blocks are built of elements that Slack takes literally and need none of this.
"""

from __future__ import annotations

import re

# Invisible and without width; it parts what Slack would read as one thing.
_JOINER = "\N{WORD JOINER}"

_INSTEAD = {
    ord("*"): "\N{ASTERISK OPERATOR}",
    ord("~"): "\N{TILDE OPERATOR}",
    ord("`"): "'",
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}

_UNDERSCORE_AT_THE_EDGE_OF_A_WORD = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# @everyone, :boom:, https://x, x.example; a quote begins with `>`.
_BEGINNING = re.compile(r"[@:](?=\S)|(?<=\w)\.(?=[^\W\d_])")
_QUOTE = re.compile(r"^(?=\s*>)")


def literal(text: str) -> str:
    """Return one line of safe text so that Slack shows it as it is: no mention, link, emoji or format."""
    text = _UNDERSCORE_AT_THE_EDGE_OF_A_WORD.sub("\N{MODIFIER LETTER LOW MACRON}", text)
    text = _BEGINNING.sub(lambda found: found[0] + _JOINER, _QUOTE.sub(_JOINER, text))
    return text.translate(_INSTEAD)
