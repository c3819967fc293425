import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.plain_text import drawable, visible

ANYTHING = st.text(
    st.characters(categories=None) | st.sampled_from("\x1b\x07\n\r\t\u202e\u200d\ufe0f\ud800\u0301")
)
ENCODINGS = st.sampled_from(["utf-8", "ascii", "latin-1", "cp437", "koi8-r"])


@pytest.mark.parametrize(
    "text", ["web-1", "größer", "日本語", "работник", "שלום", "cafe\u0301", "a\\x1b", ""]
)
def test_ordinary_text_of_any_language_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("two\nlines\r\tend", r"two\nlines\r\tend"),
        ("\u202ecod.exe", r"\u202ecod.exe"),
        ("ro\u200bot", r"ro\u200bot"),
        ("ro\u00adot", r"ro\xadot"),
        ("line\u2028separator", r"line\u2028separator"),
        ("heart\ufe0f", r"heart\ufe0f"),
        ("filler\u3164", r"filler\u3164"),
        ("blank\u2800", r"blank\u2800"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("private\ue000", r"private\ue000"),
        ("half\ud83d", r"half\ud83d"),
        ("byte\udcff", r"byte\xff"),
    ],
)
def test_what_acts_or_hides_is_shown_as_an_escape(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


def test_a_letter_keeps_two_marks_and_a_mark_without_letter_none() -> None:
    assert visible("\u0301x\u0301\u0302\u0303") == "\\u0301x\u0301\u0302\\u0303"


def test_every_kind_of_space_is_a_space() -> None:
    assert visible("10\u00a0%\u3000\u2009.") == "10 %  ."


def test_what_an_encoding_lacks_is_written_in_other_words() -> None:
    assert visible("a · b … ▓░ → é 日", "ascii") == "a - b ... =: -> \\xe9 \\u65e5"
    assert visible("a · é", "latin-1") == "a · é"


def test_drawings_keep_their_width_in_any_encoding() -> None:
    assert drawable("● █▓▒░· ─ …", "ascii") == "* #=+:- - ~"
    assert drawable("● █▓▒░· ─ …", "utf-8") == "● █▓▒░· ─ …"


@given(ANYTHING, ENCODINGS)
def test_nothing_that_is_shown_can_act(text: str, encoding: str) -> None:
    shown = visible(text, encoding)
    assert shown.isprintable()
    assert shown.encode(encoding).decode(encoding) == shown
    assert not {unicodedata.category(character) for character in shown} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    }


@given(ANYTHING)
def test_nothing_disappears(text: str) -> None:
    assert len(visible(text)) >= len(text)
