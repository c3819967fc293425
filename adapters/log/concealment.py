"""What must never be read in a log: the secrets we know, and whatever looks like one.

Slack's and Discord's own libraries log web addresses and answers, and secrets stand in both.
Sources: Slack "Token types" and "Handling user interaction" (response URLs); Discord "Reference:
Authentication" and the routes of webhooks and interactions.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONCEALED = "***"
SHORTEST = 6
"""A shorter value is not concealed wherever it stands: it would tear holes into innocent words."""

_SLASH = r"(?:/|%2[Ff])"
_EQUALS = r"(?:=|%3[Dd])"
# As in text, in JSON within JSON, and as Python shows bytes.
_QUOTE = r"(?:b?\\?[\"'])"
_HOOKS = rf"{_SLASH}(?:actions|app|commands|services|triggers|workflows){_SLASH}"
_REST_OF_ADDRESS = r"[^\s\"'<>\\]+"
_PATTERNS = (
    # Slack: tokens; incoming webhooks and response URLs, on Slack's servers or behind a proxy.
    (r"x(?:ox[a-z]|app)[-.][A-Za-z0-9.-]+", CONCEALED),
    (rf"(hooks\.slack(?:-gov)?\.com){_SLASH}{_REST_OF_ADDRESS}", rf"\1/{CONCEALED}"),
    (rf"({_HOOKS})[TE][A-Z0-9]+{_SLASH}{_REST_OF_ADDRESS}", rf"\1{CONCEALED}"),
    # Tickets of websockets, tokens in forms, in JSON and in what Python shows of values.
    (rf"(?i)((?:ticket|token|secret){_EQUALS}{_QUOTE}?)[^&\s\"'<>\\,)]+", rf"\1{CONCEALED}"),
    (rf"(?i)((?:ticket|token|secret){_QUOTE}\s*[:,]\s*{_QUOTE})[^\"'\\]+", rf"\1{CONCEALED}"),
    # Discord: tokens; webhooks, whose tokens answer interactions too.
    (r"(?<![\w-])[\w-]{18,}\.[\w-]{5,}\.[\w-]{20,}", CONCEALED),
    (
        rf"({_SLASH}(?:webhooks|interactions){_SLASH}\d+{_SLASH})[^/%\s\"'<>\\?#]+",
        rf"\1{CONCEALED}",
    ),
    (r"\b((?:Bot|Bearer)\s+)[\w.~+/=-]{16,}", rf"\1{CONCEALED}"),
    (
        rf"(?i)(authorization{_QUOTE}?\s*[:=,]\s*{_QUOTE}?(?:(?:bot|bearer)\s+)?)[^\s\"'\\,]+",
        rf"\1{CONCEALED}",
    ),
)

_BOTH_QUOTES = "'\""


def _alone(literal: Callable[[str], str], text: str) -> str:
    return literal(text)[1:-1]


def _beside_quotes(literal: Callable[[str], str], text: str) -> str:
    """Beside quotes of both kinds those of the secret are escaped that else would not be."""
    return literal(_BOTH_QUOTES + text)[len(literal(_BOTH_QUOTES)) - 1 : -1]


def _bytes(text: str) -> str:
    return repr(text.encode())[1:]


_ESCAPED: tuple[Callable[[str], str], ...] = (
    str,
    *(partial(way, literal) for way in (_alone, _beside_quotes) for literal in (repr, ascii, _bytes)),
    lambda text: text.encode("unicode_escape").decode("ascii"),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
)
"""How Python and JSON write a text; what they wrote may be written by them once more."""

_QUOTED: tuple[Callable[[str], str], ...] = (
    quote,
    quote_plus,
    lambda text: quote(text, safe=""),
)


class Concealment:
    """Replaces secrets in texts; safe for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spellings: frozenset[str] = frozenset()
        self._known: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        """Conceal this value from now on, also where it is written as part of a web address."""
        new = frozenset(_spellings(value))
        with self._lock:
            if not new <= self._spellings:
                self._spellings |= new
                # The longest first: one secret may begin like another.
                longest_first = sorted(self._spellings, key=len, reverse=True)
                self._known = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """Return the text with `***` in the place of every secret."""
        if self._known is not None:
            text = self._known.sub(CONCEALED, text)
        for pattern, replacement in _patterns():
            text = pattern.sub(replacement, text)
        return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    # Most runs of the program log nothing.
    return tuple((re.compile(pattern, re.ASCII), replacement) for pattern, replacement in _PATTERNS)


def _spellings(value: str) -> Iterator[str]:
    for part in _parts(value):
        for inner in _ESCAPED:
            for outer in _ESCAPED:
                yield from _spelled(part, inner, outer)
        for spell in _QUOTED:
            for address in _spelled(part, spell):
                yield address
                yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), address)


def _parts(value: str) -> set[str]:
    """Return the secret, and its lines: what indents a text tears it apart there."""
    wholes = {value, value.strip(), *map(str.strip, value.splitlines())}
    return {whole for whole in wholes if len(whole) >= SHORTEST}


def _spelled(text: str, *spells: Callable[[str], str]) -> Iterator[str]:
    with suppress(UnicodeEncodeError):  # half a character has neither bytes nor a web address
        for spell in spells:
            text = spell(text)
        yield text
