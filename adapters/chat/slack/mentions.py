"""Roster entries -> mentions, the only markup that we ever send."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.chat.slack import limits
from adapters.chat.slack.blocks import rich_text, section, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.chat.slack.blocks import JsonObject
    from adapters.chat.slack.rendering import Sheet

_PERSON = re.compile(r"slack:([UW][A-Z0-9]{1,30})")
_GROUP = re.compile(r"slack-group:(S[A-Z0-9]{1,30})")


def addressed(sheet: Sheet, entries: Iterable[str]) -> Sheet:
    """Let the message notify these people and groups (`slack:U01`, `slack-group:S01`).

    Entries of other platforms are passed over.
    """
    found = [mention for entry in dict.fromkeys(entries) if (mention := _mention(entry))][: limits.MENTIONS]
    if not found:
        return sheet
    headline, line_break, rest = sheet.text.partition("\n")
    text = " ".join((headline, *(markup for markup, _ in found)))
    first, *others = sheet.blocks or (None,)
    line = rich_text([section(_spaced(element for _, element in found))])
    return replace(sheet, text=f"{text}{line_break}{rest}", blocks=(first, line, *others) if first else ())


def _mention(entry: str) -> tuple[str, JsonObject] | None:
    """Return the mention as it stands in a text and in a block, or None if it is nobody's of Slack."""
    if person := _PERSON.fullmatch(entry):
        return f"<@{person[1]}>", {"type": "user", "user_id": person[1]}
    if group := _GROUP.fullmatch(entry):
        return f"<!subteam^{group[1]}>", {"type": "usergroup", "usergroup_id": group[1]}
    return None


def _spaced(elements: Iterable[JsonObject]) -> Iterable[JsonObject]:
    for place, element in enumerate(elements):
        if place:
            yield words(" ")
        yield element
