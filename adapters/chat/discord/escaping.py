"""Text that Discord's clients show as it is, though they parse Markdown wherever they show text.

discord.py's own `escape_markdown` leaves URLs, lists with numbers, subtext, emoji names, mentions and
timestamps alone; here nothing is left. A backslash works before any character that is neither a letter, a
digit nor a space.
"""

from __future__ import annotations

import re

# Formats, code, spoilers, mentions, timestamps, commands, links, escapes: wherever they stand.
_ANYWHERE = r"[\\`*_~|<>\[\]@/]"
# `:boom:` and `https://` need a colon with something after it.
_COLON = r":(?=\S)"
# Headings, subtext, quotes and lists, where a line begins.
_LINE_BEGINS = r"^\s*(?:[#+-]+|\d+[.)])"
_MARKUP = re.compile(f"(?P<begins>{_LINE_BEGINS})|{_ANYWHERE}|{_COLON}")
_PUNCTUATION = re.compile(r"[^0-9A-Za-z\s]")

# Discord itself looks for these before any client reads the backslash.
_EVERYBODY = re.compile(r"@(?=everyone|here)")
_JOINER = "\N{WORD JOINER}"

_LOOK_ALIKE = "\N{MODIFIER LETTER GRAVE ACCENT}"


def literal(text: str) -> str:
    """Return one line of safe text so that nothing in it is markup, a mention or a link."""
    return _EVERYBODY.sub(f"@{_JOINER}", _MARKUP.sub(_escaped, text))


def fenced(text: str) -> str:
    """Return safe lines as a code block that nothing in them can end; there must be something in them."""
    # The line end after the fence keeps a first word from being taken for a language.
    return f"```\n{text.replace('`', _LOOK_ALIKE)}\n```"


def _escaped(found: re.Match[str]) -> str:
    return _PUNCTUATION.sub(lambda sign: f"\\{sign[0]}", found[0])
