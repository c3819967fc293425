"""On which line each key of a TOML document stands."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from bot.config.lines import Place, lines_of, statements

DOCUMENT = '''# a comment with [ and "
a.b = 1
"quoted . key" = """
]
\\""" still inside
"""""

list = [  # not ] here
  "]", '[',
  { inner = 1 },
]
[table.below]
key = \'\'\'
[not.a.table]
\'\'\'
[[host]]
name = "first"
[host.thresholds]
good = 1
[[host]]
name = "second"
  [[host.disk]]
  size = 1
  [[host.disk]]
  size = 2
'''


def test_every_kind_of_statement_has_its_first_line() -> None:
    assert lines_of(DOCUMENT) == {
        ("a",): 2,
        ("a", "b"): 2,
        ("quoted . key",): 3,
        ("list",): 8,
        ("list", 0): 8,
        ("list", 1): 8,
        ("list", 2): 8,
        ("list", 2, "inner"): 8,
        ("table",): 12,
        ("table", "below"): 12,
        ("table", "below", "key"): 13,
        ("host",): 16,
        ("host", 0): 16,
        ("host", 0, "name"): 17,
        ("host", 0, "thresholds"): 18,
        ("host", 0, "thresholds", "good"): 19,
        ("host", 1): 20,
        ("host", 1, "name"): 21,
        ("host", 1, "disk"): 22,
        ("host", 1, "disk", 0): 22,
        ("host", 1, "disk", 0, "size"): 23,
        ("host", 1, "disk", 1): 24,
        ("host", 1, "disk", 1, "size"): 25,
    }


def test_statements_put_together_are_the_document() -> None:
    assert "".join(statement for _line, statement in statements(DOCUMENT)) == DOCUMENT


VALUES = st.sampled_from(
    [
        "1",
        "true",
        '"x"',
        "'#'",
        '"\\""',
        '"""\n[a]\n"""',
        "'''\n'\n'''",
        "[]",
        "[\n1,\n# ]\n2]",
        "{}",
        "{a = [{b = 1}]}",
    ]
)
KEYS = st.lists(st.sampled_from(["a", "b", "c", '"d.]"']), min_size=1, max_size=3).map(".".join)
STATEMENTS = st.one_of(
    st.tuples(KEYS, VALUES).map(" = ".join),
    KEYS.map("[{}]".format),
    KEYS.map("[[{}]]".format),
    st.sampled_from(["", "# [", "\t# '''"]),
)


@given(st.lists(STATEMENTS, max_size=8))
def test_everything_in_a_valid_document_has_a_line(lines: list[str]) -> None:
    document = ""
    for line in lines:
        document = extended if is_toml(extended := f"{document}{line}\n") else document

    assert set(lines_of(document)) == set(places(tomllib.loads(document)))


def is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def places(value: object, outer: Place = ()) -> list[Place]:
    inside: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [place for key, inner in inside for place in ((*outer, key), *places(inner, (*outer, key)))]
