"""On which line each key of a TOML document stands; `tomllib` does not tell.

The document is cut into its statements, each is parsed alone, and the keys that come out are put below the
table whose header came last.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping

Place = tuple[str | int, ...]
"""Where a value stands: keys of tables and, from 0, places in lists."""

_MARK = re.compile(
    r'''
      """(?:\\.|[^\\])*?(?:"""+|\Z)
    | \'\'\'.*?(?:\'\'\'+|\Z)
    | "(?:\\.|[^"\\\n])*"
    | '[^'\n]*'
    | \#[^\n]*
    | [\[\]{}\n]
    ''',
    re.VERBOSE | re.DOTALL,
)


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement of a document with its first line, counted from 1; an unfinished one is the last.

    Lines end with a line feed. An empty line or a comment is a statement too.
    """
    depth, start, line = 0, 0, 1
    for mark in _MARK.finditer(text):
        match mark[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "\n" if depth <= 0:
                yield line, text[start : mark.end()]
                line += text.count("\n", start, mark.end())
                depth, start = 0, mark.end()
    if text[start:].strip():
        yield line, text[start:]


def lines_of(text: str) -> Mapping[Place, int]:
    """Return the line of every table and key of a valid document, counted from 1."""
    lines: dict[Place, int] = {}
    last_of: dict[Place, int] = {}
    table: Place = ()
    for line, statement in statements(text):
        content = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _entered(content, last_of, is_list=statement.lstrip().startswith("[["))
            places = [table[:end] for end in range(1, len(table) + 1)]
        else:
            places = [(*table, *place) for place in _places(content)]
        for place in places:
            lines.setdefault(place, line)
    return lines


def _entered(header: Mapping[str, object], last_of: dict[Place, int], *, is_list: bool) -> Place:
    """Return the place of the table that a header opens; `last_of` has the last index of each list so far."""
    place: Place = ()
    keys = list(_keys(header))
    for number, key in enumerate(keys, start=1):
        place = (*place, key)
        if is_list and number == len(keys):
            last_of[place] = last_of.get(place, -1) + 1
        if place in last_of:
            place = (*place, last_of[place])
    return place


def _keys(header: object) -> Iterator[str]:
    while isinstance(header, dict) and header:
        ((key, header),) = header.items()
        yield key
        if isinstance(header, list):
            (header,) = header


def _places(value: object) -> Iterator[Place]:
    """Name the place of everything inside a value, outer before inner."""
    inside: Iterator[tuple[str | int, object]] = iter(())
    if isinstance(value, Mapping):
        inside = iter(value.items())
    elif isinstance(value, list):
        inside = iter(enumerate(value))
    for key, inner in inside:
        yield (key,)
        yield from ((key, *place) for place in _places(inner))
