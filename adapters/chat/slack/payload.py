"""Reading what Slack sends: JSON of any shape, which may be another than expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def at(value: object, *path: str | int) -> object:
    """Return what stands at this place of a JSON value, or None."""
    for part in path:
        if isinstance(value, Mapping) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def text_at(value: object, *path: str | int) -> str:
    """Return the text at this place, or an empty one."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def items_at(value: object, *path: str | int) -> Sequence[object]:
    """Return the list at this place, or an empty one."""
    found = at(value, *path)
    return found if isinstance(found, list) else ()


def mapping_at(value: object, *path: str | int) -> Mapping[str, object]:
    """Return the object at this place, or an empty one."""
    found = at(value, *path)
    return found if isinstance(found, Mapping) else {}
