"""What a filled-in input says, and what a client would not let a person submit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Json

_CHOICES = ("external_select", "static_select", "radio_buttons")


def state_of(block: Json, value: object, options: Sequence[Json]) -> Json:
    """Return the state of one input. Raises AssertionError where Slack's client refuses to submit."""
    element, label = block["element"], block["label"]["text"]
    kind = str(element["type"])
    assert value not in (None, "", ()) or block.get("optional"), f"{label!r} is required"
    if kind in _CHOICES:
        return {"type": kind, "selected_option": _chosen(label, value, options)}
    if kind == "checkboxes":
        names = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        chosen = [_chosen(label, name, options) for name in names if name is not None]
        return {"type": kind, "selected_options": chosen}
    text = None if value in (None, "") else str(value)
    if text is not None:
        _check_number(element, label, text) if kind == "number_input" else _check_text(element, label, text)
    return {"type": kind, "value": text}


def _chosen(label: str, value: object, options: Sequence[Json]) -> Json | None:
    if value is None:
        return None
    for option in options:
        if value in (option["text"]["text"], option["value"]):
            return option
    offered = [option["text"]["text"] for option in options]
    raise AssertionError(f"{label!r} does not offer {value!r}, only {offered}")


def _check_text(element: Json, label: str, text: str) -> None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    assert least <= len(text) <= most, f"{label!r} takes {least} to {most} characters"
    assert element.get("multiline") or "\n" not in text, f"{label!r} is one line"


def _check_number(element: Json, label: str, text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise AssertionError(f"{label!r} takes a number, not {text!r}") from error
    assert element["is_decimal_allowed"] or number == int(number), f"{label!r} takes whole numbers"
    assert number >= Decimal(element.get("min_value", text)), f"{label!r} is too small"
    assert number <= Decimal(element.get("max_value", text)), f"{label!r} is too large"
