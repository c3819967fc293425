"""Reads Discord's markup the way its client shows it, as far as a bot's messages need it.

The grammar is not documented; this covers emphasis, code, quotes, headings, lists, masked links, mentions,
timestamps and backslashes. What remains is what a reader reads.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(
    r"```(?:[\w+-]*\n)?(?P<block>.+?)```"
    r"|(?P<ticks>`{1,2})(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\\(?P<escaped>[^\w\s]|_)"
    r"|<(?P<mention>@!?|@&|#)(?P<id>\d+)>"
    r"|<t:(?P<seconds>-?\d+)(?::[tTdDfFR])?>"
    r"|\[(?P<label>[^\[\]\n]+)\]\(<?(?P<url>https?://[^\s)>]+)>?\)",
    re.DOTALL,
)
_MARKS = (
    (re.compile(r"(\*\*\*|\*\*|~~|\|\||__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL), r"\2"),
    (re.compile(r"(?<![\w*])([*_])(?=[^\s*_])(.+?)(?<=\S)\1(?![\w*])", re.DOTALL), r"\2"),
    (re.compile(r"^(?:-# |#{1,3} |>>> |> )", re.MULTILINE), ""),
    (re.compile(r"^(\s*)[*-] ", re.MULTILINE), r"\1• "),
)
_KEPT = re.compile("\ue000(\\d+)\ue001")


def read(text: str, names: Mapping[str, str]) -> str:
    """Return what a person reads. `names`: `@1`, `@&2`, `#3` -> name. Relative times are read as UTC."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(_shown(match, names))
        return f"\ue000{len(kept) - 1}\ue001"

    plain = _TOKEN.sub(keep, text)
    for mark, shown in _MARKS:
        plain = mark.sub(shown, plain)
    return _KEPT.sub(lambda match: kept[int(match[1])], plain)


def links(text: str) -> list[str]:
    """Return the addresses that a reader could be led to without seeing them: those of masked links."""
    return [match["url"] for match in _TOKEN.finditer(text) if match["url"] is not None]


def mentions(text: str) -> list[str]:
    """Return who is mentioned outside of code: `@1`, `@&2`, `everyone`, `here`.

    A backslash before a mention helps nobody: it is the client that reads it, and the server that notifies.
    """
    rest = _TOKEN.sub(lambda match: "" if match["block"] or match["code"] else match[0], text)
    found = [sign.rstrip("!") + one for sign, one in re.findall(r"<(@!?|@&)(\d+)>", rest)]
    return found + re.findall(r"@(everyone|here)\b", rest)


def _shown(match: re.Match[str], names: Mapping[str, str]) -> str:
    for group in ("block", "code", "escaped", "label"):
        if match[group] is not None:
            return match[group].strip("\n") if group == "block" else str(match[group])
    if match["seconds"] is not None:
        return f"{datetime.fromtimestamp(int(match['seconds']), UTC):%Y-%m-%d %H:%M} UTC"
    sign = match["mention"].rstrip("!")
    shown = names.get(sign + match["id"], "unknown")
    return ("#" if sign == "#" else "@") + shown
