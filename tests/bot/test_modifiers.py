"""Words before a command."""

from __future__ import annotations

import pytest

import bot.commands
from bot.catalogue import entries
from bot.commands import Command
from bot.message import Form, Message, Usage
from bot.modifiers import MODIFIERS, Modifier, form_of, leading, modifier_of, shares

SHARE, WIDE = MODIFIERS
SERVICE = Usage("service", "one service closely")


def test_no_command_is_called_like_a_modifier() -> None:
    commands = {command.usage.name for command in entries(bot.commands, "COMMAND", Command)}

    assert commands.isdisjoint(modifier.name for modifier in MODIFIERS)


@pytest.mark.parametrize("modifier", MODIFIERS, ids=lambda modifier: modifier.name)
def test_a_modifier_is_one_plain_word_and_explained_in_a_phrase(modifier: Modifier) -> None:
    assert modifier.name.isalpha()
    assert modifier.name.islower()
    assert modifier.help
    assert modifier_of(modifier.name.upper()) is modifier


def test_share_shows_the_answer_to_everybody_and_wide_shows_all_of_it() -> None:
    answer = Message("82 of 961 MiB available")

    assert SHARE.apply(answer) == Message("82 of 961 MiB available", private=False)
    assert WIDE.apply(answer) == Message("82 of 961 MiB available", wide=True)


def test_modifiers_are_the_words_before_the_first_that_is_none() -> None:
    assert leading(("wide", "SHARE", "wide", "report", "share")) == ((WIDE, SHARE), ("report", "share"))
    assert leading(("report", "web-1")) == ((), ("report", "web-1"))
    assert leading(("share",)) == ((SHARE,), ())
    assert leading(()) == ((), ())


@pytest.mark.parametrize("words", ["share", "share report", "wide SHARE report", "share share stop web-1"])
def test_an_answer_is_shared_where_the_word_stands_before_the_command(words: str) -> None:
    assert shares(words)


@pytest.mark.parametrize("words", ["", "report", "wide report", "service web-1 share", "loud share report"])
def test_an_answer_is_not_shared_by_a_word_elsewhere(words: str) -> None:
    assert not shares(words)


@pytest.mark.parametrize("before", [(), ("share",), ("share", "wide"), ("wide", "share")])
def test_a_form_is_found_by_its_words(before: tuple[str, ...]) -> None:
    form = Form(SERVICE, before)

    assert form_of(form.words, (Usage("top", "processes"), SERVICE)) == form


@pytest.mark.parametrize(
    "words", ["", " ", "share", "share stop", "loud service", "service ", " service", "service web-1", "{}"]
)
def test_a_form_of_another_version_is_not_found(words: str) -> None:
    assert form_of(words, (SERVICE,)) is None
