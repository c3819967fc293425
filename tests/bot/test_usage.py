"""How what somebody typed becomes words, and how it is repeated to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadArgument
from bot.usage import did_you_mean, enumerated, listed, quoted, said, short, words

HOSTS = ("web-1", "web-2", "db-1")


@pytest.mark.parametrize("text", ["status", "/mem status", "mem status", "Mem   status ", "\t/MEM\nstatus"])
def test_mem_before_the_command_may_be_left_out(text: str) -> None:
    assert words(text) == ("status",)


@pytest.mark.parametrize(
    "text", ["share /mem wide status", "/mem Share mem wide status", "mem /mem share wide status"]
)
def test_mem_after_a_modifier_is_left_out_too(text: str) -> None:
    assert [word.casefold() for word in words(text)] == ["share", "wide", "status"]


def test_mem_after_the_command_is_a_word() -> None:
    assert words("report mem") == ("report", "mem")


@pytest.mark.parametrize("text", ["", "  ", "/mem", "mem", '""', "\n"])
def test_nothing_said_is_no_word(text: str) -> None:
    assert words(text) == ()


@pytest.mark.parametrize(
    "text", ['say "a b" c', "say 'a b' c", "say “a b” c", "say `a b` c", "say \u2018a b\u2019 c"]
)
def test_quotes_of_any_kind_keep_words_together(text: str) -> None:
    assert words(text) == ("say", "a b", "c")


def test_an_apostrophe_is_not_a_quote() -> None:
    assert words("why isn't web-1's 'it's fine' ok") == ("why", "isn't", "web-1's", "it's fine", "ok")


def test_letters_are_composed_as_they_are_in_names_of_hosts() -> None:
    assert words("top m\u0075\u0308nchen") == ("top", "m\u00fcnchen")


def test_nothing_that_means_something_to_a_shell_means_anything_here() -> None:
    assert words(r"a\ b $HOME #c ;rm * -rf | & ~ a=1") == (
        "a\\", "b", "$HOME", "#c", ";rm", "*", "-rf", "|", "&", "~", "a=1",
    )  # fmt: skip


def test_a_quote_without_an_end_is_said_and_shown() -> None:
    with pytest.raises(BadArgument, match=r'^The quote at `"web-1 20` has no end: close it.$'):
        words('top "web-1 20')


def test_a_long_text_is_split_and_a_far_too_long_one_refused() -> None:
    assert words("x" * 4000) == ("x" * 4000,)
    with pytest.raises(
        BadArgument, match=r"^That is 1,000,000 characters long; a command has at most 10,000"
    ):
        words("x" * 1_000_000)


def test_what_cannot_be_printed_never_gets_through() -> None:
    assert words("top web-1\x1b[31m\0\u200b\udcff") == ("top", "web-1�[31m���")


@given(st.text())
def test_any_text_is_split_into_printable_words_or_refused(text: str) -> None:
    try:
        found = words(text)
    except BadArgument as error:
        assert "has no end" in str(error)  # noqa: PT017 - the error is one of two right outcomes
    else:
        assert all(word and word.isprintable() for word in found)


@pytest.mark.parametrize(
    ("spoken", "line"),
    [
        (("report", "web-1"), "report web-1"),
        (("service", "my app"), 'service "my app"'),
        (("service", 'a "b" c'), "service 'a \"b\" c'"),
        (("service", "'tis"), 'service "\'tis"'),
        (("service", "isn't"), "service isn't"),
        ((), ""),
    ],
)
def test_words_are_written_so_that_they_can_be_said_again(spoken: tuple[str, ...], line: str) -> None:
    assert said(spoken) == line
    assert words(line) == spoken


@given(st.text(alphabet=st.sampled_from("ab \"'`“mé/\u00a0")) | st.text())
def test_whatever_was_understood_can_be_said_again(text: str) -> None:
    try:
        spoken = words(text)
    except BadArgument:
        return
    assert words(f"share {said(spoken)}") == ("share", *spoken)


@given(st.text(alphabet=st.sampled_from("ab \"'`“mé/\u00a0\u1fef\n")) | st.text())
def test_whatever_fills_an_input_stays_one_word(text: str) -> None:
    assert len(words(f"share {said((text,))} end")) <= 3
    assert words(f"share {said((f'{text}x',))} end")[::2] == ("share", "end")


def test_what_somebody_wrote_is_repeated_short_and_printable() -> None:
    assert short("on call\u202e") == "on call�"
    assert quoted("x" * 4000) == f"`{'x' * 59}…`"
    assert quoted("a`b") == "“a`b”"
    assert quoted("a\x1b[31m\nb") == "`a�[31m b`"


def test_names_are_listed_as_a_sentence_does() -> None:
    assert listed(()) == "none"
    assert listed(("a",)) == "`a`"
    assert listed(("a", "b"), "or") == "`a` or `b`"
    assert enumerated(("@oncall", "`slack-group:S02`")) == "@oncall and `slack-group:S02`"


def test_only_what_is_alike_is_suggested() -> None:
    assert did_you_mean("statsu", ("status", "service", "top")) == " Did you mean `status`?"
    assert did_you_mean("web-3", HOSTS) == " Did you mean `web-1` or `web-2`?"
    assert did_you_mean("nonsense", HOSTS) == ""
    assert did_you_mean("web", ()) == ""
    assert did_you_mean("w" * 4000, HOSTS) == ""
