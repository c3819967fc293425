"""What counts as a number in a host's answer."""

from __future__ import annotations

import pytest

from bot.errors import Unreadable
from bot.facts import LARGEST, Section, number, numbers_by_key, whole

SECTION = Section("processes", ())
NO_NUMBERS = (
    *("", "x", "1x", "1.5", "0x10", "1_000", "+1", " 1", "--1", "-", "1e3", "inf", "nan", "٣", "²"),
    *("9" * 21, "9" * 5000),
)


@pytest.mark.parametrize("word", NO_NUMBERS)
def test_only_ascii_digits_are_a_number(word: str) -> None:
    assert number(word) is None
    with pytest.raises(Unreadable, match=r"where a number belongs \(processes\)"):
        whole(word, SECTION)


@pytest.mark.parametrize(("word", "value"), [("0", 0), ("007", 7), ("-3", -3), (str(1 << 64), 1 << 64)])
def test_digits_are_a_number(word: str, value: int) -> None:
    assert number(word) == value


def test_a_number_out_of_bounds_is_refused() -> None:
    assert whole(str(LARGEST), SECTION) == LARGEST
    assert whole("-1", SECTION, least=-1) == -1
    for word, least in ((str(LARGEST + 1), 0), ("-1", 0), ("-2", -1)):
        with pytest.raises(Unreadable):
            whole(word, SECTION, least=least)


def test_a_refusal_shows_no_more_than_the_start_of_what_was_there() -> None:
    with pytest.raises(Unreadable) as refused:
        whole("\x1b]0;" + "x" * 5000, SECTION)

    assert str(refused.value) == (
        r"The host's answer holds '\x1b]0;xxxxxxxxxxxxxxxx' where a number belongs (processes)."
    )


def test_lines_become_numbers_by_key_and_what_is_no_number_is_left_out() -> None:
    lines = (
        " MemFree:   12 kB",
        " oom_kill 2",
        " Odd: x kB",
        " Lonely",
        " ",
        " Neg: -5 kB",
        f" Big: {LARGEST + 1}",
    )

    assert numbers_by_key(Section("meminfo", lines)) == {"MemFree": 12, "oom_kill": 2}
