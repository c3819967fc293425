"""The few elements of Block Kit that we use; Slack takes the text in every one of them literally."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.monospace.document import clock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

JsonObject = dict[str, object]


def plain_text(text: str) -> JsonObject:
    """Text in a button, a dialog or small print: `:boom:` stays what it is."""
    return {"type": "plain_text", "text": text, "emoji": False}


def words(text: str) -> JsonObject:
    """Text in a section."""
    return {"type": "text", "text": text}


def bold(text: str) -> JsonObject:
    """Text in a section, bold."""
    return words(text) | {"style": {"bold": True}}


def measured(moment: datetime) -> JsonObject:
    """When something was measured: in the reader's own time zone, and how long ago as time goes by."""
    return {
        "type": "date",
        "timestamp": int(moment.timestamp()),
        "format": "as of {time_secs}, {ago}",
        "fallback": f"as of {clock(moment)}",
    }


def section(elements: Iterable[JsonObject]) -> JsonObject:
    """A paragraph or several."""
    return {"type": "rich_text_section", "elements": list(elements)}


def preformatted(text: str) -> JsonObject:
    """Lines in a fixed-width face."""
    return {"type": "rich_text_preformatted", "elements": [words(text)]}


def rich_text(elements: Iterable[JsonObject]) -> JsonObject:
    """A block of paragraphs and fixed-width lines."""
    return {"type": "rich_text", "elements": list(elements)}


def small_print(text: str) -> JsonObject:
    """A block of small grey text."""
    return {"type": "context", "elements": [plain_text(text)]}


def picture(file: str, title: str, alt_text: str) -> JsonObject:
    """A picture that was uploaded; `alt_text` is for those who cannot see it."""
    block: JsonObject = {"type": "image", "slack_file": {"id": file}, "alt_text": alt_text}
    return block | ({"title": plain_text(title)} if title else {})


def actions(elements: Iterable[JsonObject]) -> JsonObject:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}
