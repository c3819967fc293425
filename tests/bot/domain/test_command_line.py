"""Words of a unit file's line, as systemd splits them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.command_line import Unbalanced, variable, words


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("", []),
        ("  /bin/a \t b ", ["/bin/a", "b"]),
        ("\"a b\" 'c \"d\"' e'f g'h", ["a b", 'c "d"', "ef gh"]),
        (r"a\x41 \s \t 'x\'y' \\", ["aA", " ", "\t", "x'y", "\\"]),
        ('""', [""]),
        ("a\\", ["a\\"]),
    ],
)
def test_words_are_split_and_unquoted(line: str, texts: list[str]) -> None:
    assert [word.text for word in words(line)] == texts


def test_a_word_says_where_it_stands_and_whether_it_is_quoted() -> None:
    first, second = words("  /bin/a 'b c'")

    assert (first.start, first.end, first.raw, first.is_plain) == (2, 8, "/bin/a", True)
    assert (second.start, second.end, second.raw, second.is_plain) == (9, 14, "'b c'", False)


@pytest.mark.parametrize("line", ["'", 'a "b', "a 'b\\'"])
def test_a_quote_without_an_end_is_no_line(line: str) -> None:
    with pytest.raises(Unbalanced):
        words(line)


@pytest.mark.parametrize(
    ("word", "name"),
    [("$A", "A"), ("${A_1}", "A_1"), ("$", None), ("$1", None), ("${A", None), ("x$A", None), ("$A$B", None)],
)
def test_a_variable_is_a_whole_word(word: str, name: str | None) -> None:
    assert variable(word) == name


@given(st.text())
def test_the_words_and_what_is_between_them_are_the_line(line: str) -> None:
    try:
        found = words(line)
    except Unbalanced:
        return
    place = 0
    for word in found:
        assert line[place : word.start].strip(" \t") == ""
        assert line[word.start : word.end] == word.raw != ""
        place = word.end
    assert line[place:].strip(" \t") == ""
