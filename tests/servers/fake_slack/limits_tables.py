"""The limits of table and data_table blocks."""

from __future__ import annotations

from tests.servers.fake_slack.limits_rich_text import RICH_TEXT
from tests.servers.fake_slack.schema import (
    Findings,
    array,
    boolean,
    both,
    integer,
    one_of,
    string,
    thing,
    typed,
)

_MOST_COLUMNS = 20
_MOST_CHARACTERS = 10_000
_RAW = thing({"text": string(_MOST_CHARACTERS, 1)})
_RICH = thing(RICH_TEXT, {"block_id": string(255, 1)})
_SETTINGS = thing({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _in_all(found: Findings, rows: object, pointer: str) -> None:
    # Documented for data_table ("across all cells"), and taken for table too.
    characters = _characters(rows)
    if characters > _MOST_CHARACTERS:
        found.report(f"must be less than {_MOST_CHARACTERS + 1} characters in all cells", pointer)


def _same_length(found: Findings, rows: object, pointer: str) -> None:
    if isinstance(rows, list) and len({len(row) for row in rows if isinstance(row, list)}) > 1:
        found.report("all rows must have the same number of cells", pointer)


def _characters(value: object) -> int:
    if isinstance(value, dict):
        return sum(
            len(each) if name == "text" and isinstance(each, str) else _characters(each)
            for name, each in value.items()
        )
    return sum(_characters(each) for each in value) if isinstance(value, list) else 0


_CELL = typed({"raw_text": _RAW, "rich_text": _RICH})
_DATA_CELL = typed(
    {"raw_text": _RAW, "rich_text": _RICH, "raw_number": thing({"value": integer(-(2**53), 2**53)})}
)
TABLE = {"rows": both(array(array(_CELL, _MOST_COLUMNS), 100), _in_all)}
TABLE_OPTIONS = {"column_settings": array(_SETTINGS, _MOST_COLUMNS)}
DATA_TABLE = thing(
    {
        "caption": string(2000, 1),
        "rows": both(array(array(_DATA_CELL, _MOST_COLUMNS), 101, 2), _in_all, _same_length),
    },
    {
        "block_id": string(255, 1),
        "page_size": integer(1, 100),
        "row_header_column_index": integer(0, _MOST_COLUMNS - 1),
    },
)
