import re

import pytest
from hypothesis import given

from adapters.chat.slack.escaping import literal
from adapters.plain_text import visible
from tests.adapters.chat.any_message import HOSTILE, MARKUP

# What Slack's documentation says it makes of a text, as far as it needs more than `<`, `>` and `&`.
PARSED = re.compile(
    r"""
    [<>]                                   # mentions, links, dates, quotes
    | &(?!(?:amp|lt|gt);)                  # nothing else is an entity
    | ^\s*&gt;                             # quotes
    | @(?:everyone|channel|here|\w)        # mentions where names are linked
    | :[\w+'-]+:                           # emoji
    | \w+://\S | \w+:[^\s\u2060]+@ | \w@\w          # links, addresses
    | \b[\w-]+\.[a-z]{2,}\b                # names of hosts
    | (?<!\w)(?P<mark>[*~`])(?=\S).+?(?P=mark)(?!\w)
    | (?<![^\W_])_(?=\S).+?_(?![^\W_])
    """,
    re.VERBOSE | re.IGNORECASE,
)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_only_text(text: str) -> None:
    assert not PARSED.search(literal(visible(text)))


@given(HOSTILE)
def test_whatever_is_written_is_only_text(text: str) -> None:
    assert not PARSED.search(literal(visible(text)))


def test_what_people_read_every_day_stays_readable() -> None:
    said = "web-1 is critical: 82 of 961 MiB available (8 %), db_2 since 14:02"
    assert literal(said).replace("\u2060", "") == said


def test_quoted_words_stay_quoted() -> None:
    assert literal("There is no command `repot`.") == "There is no command 'repot'."


def test_what_slack_wants_escaped_is_escaped() -> None:
    assert literal("4 -> 2 & more <b>") == "4 -&gt; 2 &amp; more &lt;b&gt;"
