"""What buttons, menus and forms may hold.

The limits are documented, but few of the codes that tell of breaking them; the other codes are our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.fake_discord.errors import Problems
    from tests.servers.fake_discord.wire import JsonObject

ROW, BUTTON, SELECT, TEXT_INPUT, TEXT, LABEL = 1, 2, 3, 4, 10, 18
_LINK = 5
_BUTTON = frozenset({"type", "id", "style", "label", "emoji", "custom_id", "url", "disabled"})
_SELECT = frozenset(
    ["type", "id", "custom_id", "options", "placeholder", "min_values", "max_values", "disabled", "required"]
)
_OPTION = frozenset({"label", "value", "description", "emoji", "default"})
_TEXT_INPUT = frozenset(
    [
        "type",
        "id",
        "custom_id",
        "style",
        "label",
        "min_length",
        "max_length",
        "required",
        "value",
        "placeholder",
    ]
)
_MOST_ROWS, _MOST_IN_ROW, _MOST_OPTIONS = 5, 5, 25
_LABEL_OF_BUTTON, _LABEL_OF_INPUT, _TITLE, _LONGEST_TEXT = 80, 45, 45, 4000


def check_rows(problems: Problems, rows: list[JsonObject]) -> None:
    """Note what is wrong with the action rows of a message."""
    if not problems.most("components", rows, _MOST_ROWS, 1):
        return
    used: set[str] = set()
    for number, row in enumerate(rows):
        path = f"components.{number}"
        if row.get("type") != ROW:
            problems.add(
                f"{path}.type", "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({ROW},).'
            )
            continue
        problems.only(path, row, frozenset({"type", "id", "components"}))
        parts = row.get("components") or []
        if problems.most(f"{path}.components", parts, _MOST_IN_ROW, 1):
            _check_row(problems, f"{path}.components", parts, used)


def _check_row(problems: Problems, path: str, parts: list[JsonObject], used: set[str]) -> None:
    for number, part in enumerate(parts):
        if part.get("type") == BUTTON:
            _check_button(problems, f"{path}.{number}", part, used)
        elif part.get("type") == SELECT:
            _check_select(problems, f"{path}.{number}", part, used)
            if len(parts) > 1:
                message = "The specified component exceeds the maximum width"
                problems.add(f"{path}.{number}", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        else:
            message = f'Value of field "type" must be one of ({BUTTON}, {SELECT}).'
            problems.add(f"{path}.{number}.type", "UNION_TYPE_CHOICES", message)


def _check_button(problems: Problems, path: str, button: JsonObject, used: set[str]) -> None:
    problems.only(path, button, _BUTTON)
    style = button.get("style")
    if style not in range(1, 6):
        problems.add(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5).")
    problems.length(f"{path}.label", button.get("label") or "", 0, _LABEL_OF_BUTTON)
    if not (button.get("label") or "").strip() and not button.get("emoji"):
        problems.add(path, "BUTTON_COMPONENT_EMPTY", "A button must have a label or an emoji.")
    if style == _LINK:
        problems.length(f"{path}.url", button.get("url"), 1, 512)
        if "custom_id" in button:
            problems.add(path, "BUTTON_COMPONENT_INVALID", "A link has no custom_id.")
        return
    if "url" in button:
        problems.add(path, "BUTTON_COMPONENT_INVALID", "Only a link has an url.")
    _check_custom_id(problems, path, button, used)


def _check_custom_id(problems: Problems, path: str, part: JsonObject, used: set[str]) -> None:
    custom_id = part.get("custom_id")
    problems.length(f"{path}.custom_id", custom_id, 1, 100)
    if custom_id in used:
        message = "Component custom id cannot be duplicated"
        problems.add(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
    used.add(str(custom_id))


def _check_select(problems: Problems, path: str, menu: JsonObject, used: set[str]) -> None:
    problems.only(path, menu, _SELECT)
    _check_custom_id(problems, path, menu, used)
    problems.length(f"{path}.placeholder", menu.get("placeholder") or "", 0, 150)
    options = menu.get("options")
    if not problems.most(f"{path}.options", options, _MOST_OPTIONS, 1) or not isinstance(options, list):
        return
    values: set[object] = set()
    for number, option in enumerate(options):
        place = f"{path}.options.{number}"
        problems.only(place, option, _OPTION)
        problems.length(f"{place}.label", option.get("label"), 1, 100)
        problems.length(f"{place}.value", option.get("value"), 1, 100)
        problems.length(f"{place}.description", option.get("description") or "", 0, 100)
        if option.get("value") in values:
            message = "The specified option value is already used"
            problems.add(f"{place}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        values.add(option.get("value"))
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if not 0 <= least <= most <= len(options) or most < 1:
        problems.add(f"{path}.max_values", "BASE_TYPE_RANGE", "More are to be chosen than there are.")


def check_modal(problems: Problems, data: JsonObject) -> None:
    """Note what is wrong with a form: labels with one input each, or (deprecated) rows of one text input."""
    problems.only("", data, frozenset({"custom_id", "title", "components"}))
    problems.length("custom_id", data.get("custom_id"), 1, 100)
    problems.length("title", data.get("title"), 1, _TITLE)
    rows = data.get("components")
    if not problems.most("components", rows, _MOST_ROWS, 1) or not isinstance(rows, list):
        return
    used: set[str] = set()
    for number, row in enumerate(rows):
        _check_modal_row(problems, f"components.{number}", row, used)


def _check_modal_row(problems: Problems, path: str, row: JsonObject, used: set[str]) -> None:
    if row.get("type") == LABEL:
        problems.only(path, row, frozenset({"type", "id", "label", "description", "component"}))
        problems.length(f"{path}.label", row.get("label"), 1, _LABEL_OF_INPUT)
        problems.length(f"{path}.description", row.get("description") or "", 0, 100)
        part = row.get("component") or {}
        if part.get("label") is not None:
            problems.add(f"{path}.component.label", "TEXT_INPUT_LABEL", "The label around it has the text.")
        _check_input(problems, f"{path}.component", part, used)
    elif row.get("type") == ROW:
        parts = row.get("components") or []
        if problems.most(f"{path}.components", parts, 1, 1):
            for part in parts:
                problems.length(f"{path}.components.0.label", part.get("label"), 1, _LABEL_OF_INPUT)
                _check_input(problems, f"{path}.components.0", part, used)
    elif row.get("type") == TEXT:
        problems.length(f"{path}.content", row.get("content"), 1, _LONGEST_TEXT)
    else:
        message = f'Value of field "type" must be one of ({ROW}, {TEXT}, {LABEL}).'
        problems.add(f"{path}.type", "UNION_TYPE_CHOICES", message)


def _check_input(problems: Problems, path: str, part: JsonObject, used: set[str]) -> None:
    if part.get("type") == SELECT:
        _check_select(problems, path, part, used)
        if part.get("disabled"):
            problems.add(f"{path}.disabled", "COMPONENT_DISABLED", "A menu in a form cannot be disabled.")
        return
    if part.get("type") != TEXT_INPUT:
        message = f'Value of field "type" must be one of ({SELECT}, {TEXT_INPUT}).'
        problems.add(f"{path}.type", "UNION_TYPE_CHOICES", message)
        return
    problems.only(path, part, _TEXT_INPUT)
    _check_custom_id(problems, path, part, used)
    if part.get("style") not in {1, 2}:
        problems.add(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
    problems.length(f"{path}.placeholder", part.get("placeholder") or "", 0, 100)
    least, most = part.get("min_length", 0), part.get("max_length", _LONGEST_TEXT)
    if not (0 <= least <= most <= _LONGEST_TEXT and most >= 1):
        problems.add(f"{path}.max_length", "BASE_TYPE_RANGE", f"Must be between 1 and {_LONGEST_TEXT}.")
    elif part.get("value"):
        problems.length(f"{path}.value", part["value"], least, most)
