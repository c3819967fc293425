"""A few building blocks to say what shape JSON must have; complaints read as Slack's do.

Slack's wording is known from reports of its answers (`must be less than 3001 characters`, `no more than 50
items allowed`, `must provide an integer`, `missing required field`, `failed to match all allowed schemas`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Shape = Callable[["Findings", object, str], None]
"""Looks at a value found at a JSON pointer and reports what is wrong."""


@dataclass
class Findings:
    """What is wrong, in Slack's words, and how many characters of text there are."""

    messages: list[str] = field(default_factory=list)

    def report(self, sentence: str, pointer: str) -> None:
        self.messages.append(f"[ERROR] {sentence} [json-pointer:{pointer}]")


def string(most: int, least: int = 0) -> Shape:
    """A string of this many characters."""

    def check(found: Findings, value: object, pointer: str) -> None:
        if not isinstance(value, str):
            found.report("must provide a string", pointer)
        elif len(value) > most:
            found.report(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            found.report(f"must be more than {least - 1} characters", pointer)

    return check


def boolean(found: Findings, value: object, pointer: str) -> None:
    if not isinstance(value, bool):
        found.report("must provide a boolean", pointer)


def integer(least: int, most: int) -> Shape:
    """A whole number between these."""

    def check(found: Findings, value: object, pointer: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            found.report("must provide an integer", pointer)
        elif not least <= value <= most:
            found.report(f"must be between {least} and {most}", pointer)

    return check


def one_of(*allowed: object) -> Shape:
    """One of these values."""

    def check(found: Findings, value: object, pointer: str) -> None:
        if value not in allowed:
            found.report(f"value must be one of {', '.join(map(str, allowed))}", pointer)

    return check


def array(item: Shape, most: int, least: int = 1) -> Shape:
    """An array of this many items of one shape."""

    def check(found: Findings, value: object, pointer: str) -> None:
        if not isinstance(value, list):
            found.report("must provide an array", pointer)
            return
        if len(value) > most:
            found.report(f"no more than {most} items allowed", pointer)
        elif len(value) < least:
            found.report(f"no fewer than {least} items allowed", pointer)
        for number, each in enumerate(value):
            item(found, each, f"{pointer}/{number}")

    return check


def thing(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(found: Findings, value: object, pointer: str) -> None:
        if not isinstance(value, dict):
            found.report("must provide an object", pointer)
            return
        for name in required.keys() - value.keys():
            found.report(f"missing required field: {name}", pointer)
        for name in value.keys() - known.keys():
            found.report(f"invalid additional property: {name}", pointer)
        for name in value.keys() & known.keys():
            known[name](found, value[name], f"{pointer}/{name}")

    return check


def typed(shapes: Mapping[str, Shape]) -> Shape:
    """An object whose shape depends on its `type`; the shapes say the other fields."""

    def check(found: Findings, value: object, pointer: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(kind, str):
            found.report("missing required field: type", pointer)
        elif kind not in shapes:
            found.report(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            shapes[kind](found, {name: each for name, each in value.items() if name != "type"}, pointer)

    return check


def both(*shapes: Shape) -> Shape:
    """A value that has all these shapes."""

    def check(found: Findings, value: object, pointer: str) -> None:
        for shape in shapes:
            shape(found, value, pointer)

    return check
