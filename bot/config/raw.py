"""The data of a configuration file as it was read, before anybody knows whether it is of the right kind."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from bot.config.fields import seconds
from bot.config.lines import Place

_SHOWN_NAMES = 20


def mapping(value: object) -> Mapping[str, object]:
    """Return a table, an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def tables(value: object, *place: str) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """Yield the tables of a list with their places, `place` being that of the list."""
    for index, table in enumerate(value if isinstance(value, tuple) else ()):
        if isinstance(table, Mapping):
            yield (*place, index), table


def texts(value: object) -> Iterator[tuple[int, str]]:
    """Yield the texts of a list, each with its index."""
    for index, text in enumerate(value if isinstance(value, tuple) else ()):
        if isinstance(text, str):
            yield index, text


def duration(value: object) -> float | None:
    """Return a duration in seconds, None for what is none."""
    try:
        return number(seconds(value))
    except ValueError:
        return None


def number(value: object) -> float | None:
    """Return a number, None for what is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def hint(name: str, known: Iterable[str]) -> str:
    """Say which name was perhaps meant, or which there are."""
    names = sorted(known)
    if near := get_close_matches(name.casefold(), names, n=1):
        return f"did you mean `{near[0]}`?"
    return f"known are {', '.join(f'`{each}`' for each in names[:_SHOWN_NAMES]) or 'none'}"
