"""What pydantic found wrong, said in plain words: what was expected, and what was perhaps meant.

No sentence repeats a value of the file: it may be a secret that somebody wrote in the wrong place.
"""

from collections.abc import Mapping
from datetime import date, time
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.config.lines import Place
from bot.config.source import Finding

_EXPECTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
}
# In this order: true is a whole number to Python, a moment is a date.
_KINDS = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a whole number"),
    (float, "a number"),
    (tuple, "a list"),
    (Mapping, "a table"),
    ((date, time), "a date or time"),
)

_ABSENT = object()


def findings(
    model: type[BaseModel], data: Mapping[str, object], error: ValidationError
) -> tuple[Finding, ...]:
    """Return everything that is wrong with data meant for `model`, each with its place in the data."""
    return tuple(
        (place, _sentence(model, place, details))
        for details in error.errors(include_url=False)
        # That one only says that another key, which has a mistake of its own, would have been needed.
        if details["type"] != "default_factory_not_called"
        for place in (_place(data, details),)
    )


def _place(data: object, details: ErrorDetails) -> Place:
    """Leave out of pydantic's place what is not in the data: the name of the kind that was tried."""
    place: Place = ()
    for part in details["loc"]:
        inner = _inner(data, part)
        if inner is not _ABSENT:
            data = inner
        elif details["type"] != "missing":
            continue
        place = (*place, part)
    return place


def _inner(data: object, part: str | int) -> object:
    if isinstance(data, Mapping):
        return data.get(part, _ABSENT)
    if isinstance(data, tuple) and isinstance(part, int):
        return data[part]
    return _ABSENT


def _sentence(model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    match details["type"]:
        case "value_error":
            return str(details["ctx"]["error"])
        case "extra_forbidden":
            return _unknown_key(model, place)
        case "missing":
            return f"this key is missing: expected {_expected(model, place, details)}"
        case type_ if type_.endswith("_type"):
            return f"expected {_expected(model, place, details)}, found {_kind(details['input'])}"
    return f"expected {_expected(model, place, details)}"


def _expected(model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    """Say what belongs here: as the field describes it; inside a field, by the kind of value."""
    _kind_of_value, field = _walk(model, place)
    if field and field.description:
        return field.description
    _before, should_be, after = details["msg"].partition("Input should be ")
    said = f"a value that is {after}" if should_be else f"another value: {details['msg']}"
    return _EXPECTED.get(details["type"], said)


def _kind(value: object) -> str:
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "something else")


def _unknown_key(model: type[BaseModel], place: Place) -> str:
    table, _field = _walk(model, place[:-1])
    key = str(place[-1])
    known = sorted(_fields(table))
    if near := get_close_matches(key.casefold(), known, n=1):
        return f"there is no such key; did you mean `{near[0]}`?"
    for name, field in _fields(model).items():
        if key in _fields(_bare(field.annotation)):
            return f"there is no such key here; it belongs to the table `[{name}]`"
    return f"there is no such key here; known are {', '.join(f'`{name}`' for name in known) or 'none'}"


def _walk(model: type[BaseModel], place: Place) -> tuple[object, FieldInfo | None]:
    """Return the kind of value that belongs to a place, and the field if the place is that of a field."""
    kind: object = model
    field: FieldInfo | None = None
    for part in place:
        fields = _fields(kind)
        if part in fields:
            field = fields[str(part)]
            kind = _bare(field.annotation)
        else:
            field = None
            inner = get_args(kind) or (object,)
            kind = _bare(inner[0] if isinstance(part, int) else inner[-1])
    return kind, field


def _fields(kind: object) -> Mapping[str, FieldInfo]:
    """Return the fields of a model by the names that stand in the file."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def _bare(annotation: object) -> object:
    """Take the validators and the `| None` off an annotation."""
    while get_origin(annotation) in {Annotated, Union, UnionType}:
        annotation = next(inner for inner in get_args(annotation) if inner is not type(None))
    return annotation
