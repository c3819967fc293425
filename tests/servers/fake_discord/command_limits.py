"""What commands, and the choices offered while typing, may hold."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.fake_discord.errors import Problems
    from tests.servers.fake_discord.wire import JsonObject

SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
_MOST_OPTIONS, _MOST_CHOICES, _LARGEST = 25, 25, 8000
_LONGEST_STRING = 6000
_COMMAND = frozenset(
    [
        "id",
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "options",
        "default_member_permissions",
        "dm_permission",
        "default_permission",
        "nsfw",
        "integration_types",
        "contexts",
    ]
)
_OPTION = frozenset(
    [
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "required",
        "choices",
        "options",
        "channel_types",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "autocomplete",
    ]
)
_CHOICE = frozenset({"name", "name_localizations", "value"})
_LOCALES = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)


def check_commands(problems: Problems, body: object, *, numbered: bool = True) -> list[JsonObject]:
    """Note what is wrong with commands; return them."""
    if not isinstance(body, list) or not all(isinstance(command, dict) for command in body):
        problems.add("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return []
    names: set[tuple[int, str]] = set()
    for number, command in enumerate(body):
        path = str(number) if numbered else ""
        _check_command(problems, path, command)
        key = (command.get("type", 1), str(command.get("name")))
        if key in names:
            message = "Application command names must be unique"
            problems.add(f"{path}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        names.add(key)
    return body


def _check_command(problems: Problems, path: str, command: JsonObject) -> None:
    problems.only(path, command, _COMMAND)
    if command.get("type", 1) != 1:
        problems.length(f"{path}.name", command.get("name"), 1, 32)
        return
    _check_name(problems, path, command)
    _check_description(problems, path, command)
    _check_options(problems, path, command.get("options") or [], depth=0)
    if _size(command) > _LARGEST:
        message = f"Command exceeds maximum size ({_LARGEST})"
        problems.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_name(problems: Problems, path: str, item: JsonObject) -> None:
    names = {"name": item.get("name")}
    for locale, name in _localised(problems, f"{path}.name_localizations", item.get("name_localizations")):
        names[f"name_localizations.{locale}"] = name
    for place, name in names.items():
        problems.length(f"{path}.{place}", name, 1, 32)
        if isinstance(name, str) and name and not _is_name(name):
            message = "String value did not match validation regex."
            problems.add(f"{path}.{place}", "STRING_TYPE_REGEX", message)


def _is_name(name: str) -> bool:
    """Tell whether it fits ^[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]+$, in lower case if there is one."""
    fits = all(sign in "-_'" or unicodedata.category(sign)[0] in "LNM" for sign in name)
    return fits and name == name.lower()


def _check_description(problems: Problems, path: str, item: JsonObject) -> None:
    problems.length(f"{path}.description", item.get("description"), 1, 100)
    place = f"{path}.description_localizations"
    for locale, text in _localised(problems, place, item.get("description_localizations")):
        problems.length(f"{place}.{locale}", text, 1, 100)


def _localised(problems: Problems, path: str, texts: JsonObject | None) -> list[tuple[str, object]]:
    for locale in texts or ():
        if locale not in _LOCALES:
            problems.add(f"{path}.{locale}", "BASE_TYPE_CHOICES", "There is no such locale.")
    return list((texts or {}).items())


def _check_options(problems: Problems, path: str, options: list[JsonObject], depth: int) -> None:
    if not problems.most(f"{path}.options", options, _MOST_OPTIONS):
        return
    optional_before = False
    names: set[object] = set()
    kinds = {option.get("type") in {SUBCOMMAND, GROUP} for option in options}
    for number, option in enumerate(options):
        place = f"{path}.options.{number}"
        _check_option(problems, place, option, depth)
        if option.get("name") in names:
            message = "Option names must be unique"
            problems.add(f"{place}.name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
        names.add(option.get("name"))
        if option.get("required") and optional_before:
            message = "Required options must be placed before non-required options"
            problems.add(place, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_before = optional_before or not option.get("required")
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        problems.add(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)


def _check_option(problems: Problems, path: str, option: JsonObject, depth: int) -> None:
    problems.only(path, option, _OPTION)
    _check_name(problems, path, option)
    _check_description(problems, path, option)
    kind = option.get("type")
    if kind not in range(1, 12):
        problems.add(f"{path}.type", "BASE_TYPE_CHOICES", "Value must be one of (1, …, 11).")
    if kind in {SUBCOMMAND, GROUP}:
        # A group is directly below the command, and in it are subcommands alone.
        if depth > (0 if kind == GROUP else 1):
            message = "Sub-commands and groups cannot be nested like this"
            problems.add(f"{path}.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        _check_options(problems, path, option.get("options") or [], depth + (1 if kind == GROUP else 2))
        return
    if depth == 1:
        problems.add(f"{path}.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group holds sub-commands")
    _check_value_limits(problems, path, option)


def _check_value_limits(problems: Problems, path: str, option: JsonObject) -> None:
    kind, choices = option.get("type"), option.get("choices") or []
    if (choices or option.get("autocomplete")) and kind not in {STRING, INTEGER, NUMBER}:
        problems.add(path, "APPLICATION_COMMAND_OPTION_CHOICES", "This type has no choices.")
    if choices and option.get("autocomplete"):
        message = "Choices cannot be set where they are offered while typing."
        problems.add(path, "APPLICATION_COMMAND_OPTION_CHOICES", message)
    _check_choices(problems, f"{path}.choices", choices, kind)
    shortest, longest = option.get("min_length", 0), option.get("max_length", _LONGEST_STRING)
    if not (0 <= shortest <= longest <= _LONGEST_STRING and longest >= 1):
        problems.add(f"{path}.max_length", "BASE_TYPE_RANGE", f"Must be between 1 and {_LONGEST_STRING}.")
    if "min_value" in option and "max_value" in option and option["min_value"] > option["max_value"]:
        problems.add(f"{path}.max_value", "BASE_TYPE_RANGE", "Must not be less than min_value.")


def _check_choices(problems: Problems, path: str, choices: object, kind: object) -> None:
    if not problems.most(path, choices, _MOST_CHOICES) or not isinstance(choices, list):
        return
    names: set[object] = set()
    for number, choice in enumerate(choices):
        place = f"{path}.{number}"
        problems.only(place, choice, _CHOICE)
        problems.length(f"{place}.name", choice.get("name"), 1, 100)
        if choice.get("name") in names:
            message = "Option choice names must be unique"
            problems.add(f"{place}.name", "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", message)
        names.add(choice.get("name"))
        value = choice.get("value")
        if kind == STRING:
            problems.length(f"{place}.value", value, 1, 100)
        elif isinstance(value, bool) or not isinstance(value, int if kind == INTEGER else int | float):
            problems.add(
                f"{place}.value", "NUMBER_TYPE_COERCE", f'Value "{value}" is not of the option\'s type.'
            )


def check_offered(problems: Problems, data: JsonObject, option: JsonObject) -> None:
    """Note what is wrong with the choices offered for an option while a person types."""
    problems.only("", data, frozenset({"choices"}))
    _check_choices(problems, "choices", data.get("choices"), option.get("type"))


def _size(item: JsonObject) -> int:
    """Count names, descriptions and values; of translations only the longest counts."""
    total = 0
    for key in ("name", "description"):
        texts = [item.get(key) or "", *(item.get(f"{key}_localizations") or {}).values()]
        total += max(len(str(text)) for text in texts)
    for choice in item.get("choices") or ():
        total += _size(choice) + len(str(choice.get("value", "")))
    return total + sum(_size(option) for option in item.get("options") or ())
