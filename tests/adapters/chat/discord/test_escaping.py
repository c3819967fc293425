import pytest
from hypothesis import given

from adapters.chat.discord.escaping import fenced, literal
from adapters.plain_text import visible
from tests.adapters.chat.any_message import HOSTILE, MARKUP
from tests.adapters.chat.discord.markup import found_in, shown

JOINER = "\N{WORD JOINER}"


@pytest.mark.parametrize("text", [text for text in MARKUP if text.isascii() and text.isprintable()])
def test_markup_is_only_text(text: str) -> None:
    assert found_in(literal(text)) == []
    assert shown(literal(text)).replace(JOINER, "") == text


@given(HOSTILE)
def test_whatever_is_written_is_shown_as_it_is(text: str) -> None:
    safe = visible(text)
    assert found_in(literal(safe)) == []
    assert shown(literal(safe)).replace(JOINER, "") == safe


@pytest.mark.parametrize(
    "text", ["**x**", "<@1>", "https://x.example", "1. x", "# x", "-# x", "```x```", ":boom:", "<t:1:R>"]
)
def test_the_rules_that_the_tests_go_by_find_markup(text: str) -> None:
    assert found_in(text) != []


def test_what_people_read_every_day_has_no_backslash() -> None:
    said = "web-1 is critical: 82 of 961 MiB available (8 %), 14 + 2 since boot."
    assert literal(said) == said


def test_nothing_inside_ends_a_code_block() -> None:
    assert fenced("```\n@everyone") == "```\n\u02cb\u02cb\u02cb\n@everyone\n```"
