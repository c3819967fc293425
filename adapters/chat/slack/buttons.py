"""Button -> what Slack shows, and what a click tells of it. A button carries all that a click needs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.chat.slack import limits
from adapters.chat.slack.blocks import actions, plain_text
from adapters.monospace.page import cut_to, length
from adapters.plain_text import visible
from bot.message import Button, Emphasis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adapters.chat.slack.blocks import JsonObject
    from bot.message import Form

ACTION = "memwarden-say"
"""What the action_id of a button that says words begins with; its place in the message follows."""

FORM_ACTION = "memwarden-form"
"""The action_id of the button that opens a form; its value are the words up to those that are missing."""

_VERSION = 1
_SURROGATE = re.compile("[\ud800-\udfff]")
_STYLES = {Emphasis.PRIMARY: "primary", Emphasis.DANGER: "danger"}


@dataclass(frozen=True, slots=True)
class Click:
    """What a clicked button says, and whether the answer takes the place of the message it belongs to."""

    words: str
    in_place: bool


def rows(buttons: Sequence[Button], form: Form | None) -> list[JsonObject]:
    """Return the buttons in rows; a button that Slack would refuse for its length is left out."""
    elements = [*([_form_button(form)] if form else []), *_elements(buttons)]
    fitting: list[JsonObject] = []
    used = 0
    for element in elements[: limits.BUTTONS]:
        used += length(json.dumps(element, ensure_ascii=False))
        if used > limits.BUTTONS_LENGTH:
            break
        fitting.append(element)
    step = limits.BUTTONS_IN_A_ROW
    return [actions(fitting[start : start + step]) for start in range(0, len(fitting), step)]


def value_of(button: Button) -> str:
    """Write what a click is to say. It can be longer than Slack takes.

    Half a character is replaced, as where it is typed; JSON would make a whole one of two halves.
    """
    words = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", button.words)
    said = {"v": _VERSION, "say": words, "in_place": button.in_place}
    return json.dumps(said, separators=(",", ":"))


def clicked(value: str) -> Click | None:
    """Read what `value_of` wrote; None for anything else: of another version, damaged, too long."""
    if len(value) > limits.BUTTON_VALUE:
        return None
    try:
        said = json.loads(value)
    except (ValueError, RecursionError):
        return None
    match said:
        case {"v": int(version), "say": str(words), "in_place": bool(in_place)} if version == _VERSION:
            return Click(words, in_place)
        case _:
            return None


def _elements(buttons: Sequence[Button]) -> Iterator[JsonObject]:
    for place, button in enumerate(buttons):
        value = value_of(button)
        if len(value) <= limits.BUTTON_VALUE:
            yield _element(f"{ACTION}-{place}", button, value)


def _element(action: str, button: Button, value: str) -> JsonObject:
    element: JsonObject = {
        "type": "button",
        "action_id": action,
        "text": plain_text(_shown(button.label, limits.BUTTON_LABEL)),
        "value": value,
    }
    if style := _STYLES.get(button.emphasis):
        element["style"] = style
    if button.confirm:
        element["confirm"] = _confirm(button)
    return element


def _confirm(button: Button) -> JsonObject:
    confirm: JsonObject = {
        "title": plain_text("Are you sure?"),
        "text": plain_text(_shown(button.confirm, limits.CONFIRM_TEXT)),
        "confirm": plain_text(_shown(button.label, limits.CONFIRM_LABEL)),
        "deny": plain_text("Cancel"),
    }
    if style := _STYLES.get(button.emphasis):
        confirm["style"] = style
    return confirm


def _form_button(form: Form) -> JsonObject:
    return {
        "type": "button",
        "action_id": FORM_ACTION,
        "text": plain_text("Fill in…"),
        "value": form.words,
        "style": "primary",
    }


def _shown(text: str, most: int) -> str:
    """Make a label safe and short; Slack takes none that is empty."""
    return cut_to(most, visible(text).strip()) or "…"
