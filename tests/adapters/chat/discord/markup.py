"""What Discord's clients make of a text: the rules of their Markdown, written down independently.

Anything but escapes and plain text that is found is named, so an empty answer means: nothing but text.
"""

from __future__ import annotations

import re

_BLOCKS = {
    "heading": r"#{1,3}\s+\S",
    "subtext": r"-#\s+\S",
    "quote": r">(?:>>)?\s",
    "list": r"(?:[*+-]|\d+[.)])\s+\S",
}
_INLINE = {
    "code block": r"```(?:[a-z0-9_+\-.#]+\n)?\n*[^\n][\s\S]*?\n*```",
    "code": r"(`+)[\s\S]*?[^`]\1(?!`)",
    "bold": r"\*\*[\s\S]+?\*\*(?!\*)",
    "italics": r"\*(?=\S)[\s\S]+?\*(?!\*)|\b_[\s\S]+?_(?!_)\b|_(?=\S)[\s\S]*?\S_",
    "underline": r"__[\s\S]+?__(?!_)",
    "strike": r"~~[\s\S]+?~~(?!_)",
    "spoiler": r"\|\|[\s\S]+?\|\|",
    "masked link": r"\[[^\]]*\]\([^)]*\)",
    "link": r"(?:https?|steam|discord|mailto|tel):(?://)?\S",
    "bracketed link": r"<[^: >]+:/[^ >]+>",
    "invitation": r"(?:discord\.gg|discord(?:app)?\.com/invite)/\w",
    "mention": r"<(?:@[!&]?|#)\d+>|@everyone|@here",
    "emoji": r"<a?:\w+:\d+>|:[^\s:]+?(?:::skin-tone-\d)?:",
    "timestamp": r"<t:-?\d+(?::[tTdDfFR])?>",
    "command": r"</[^:<>]+:\d+>",
    "navigation": r"<id:\w+>",
    "mail or telephone": r"<(?:[^\s<>@]+@[^\s<>@]+|\+\d+)>",
}
_ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")
_BLOCK_RULES = re.compile("|".join(f"(?P<{n.replace(' ', '_')}>{r})" for n, r in _BLOCKS.items()))
_INLINE_RULES = {name: re.compile(rule) for name, rule in _INLINE.items()}


def found_in(text: str) -> list[str]:
    """Name everything in the text that a client would not show as it is written."""
    return [name for line in text.split("\n") for name in _found_in_line(line)]


def _found_in_line(line: str) -> list[str]:
    found = []
    if block := _BLOCK_RULES.match(line.lstrip()):
        found.append(str(block.lastgroup))
    place = 0
    while place < len(line):
        if escape := _ESCAPE.match(line, place):
            place = escape.end()
            continue
        found += [name for name, rule in _INLINE_RULES.items() if rule.match(line, place)]
        place += 1
    return found


def shown(text: str) -> str:
    """Return what a reader reads of a text without markup."""
    return _ESCAPE.sub(lambda escape: escape[0][1], text)
