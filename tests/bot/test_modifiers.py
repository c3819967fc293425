"""Words before a command."""

from __future__ import annotations

import pytest

import bot.commands
from bot.catalogue import entries
from bot.commands import Command
from bot.message import Message
from bot.modifiers import MODIFIERS, Modifier, leading, modifier_of

SHARE, WIDE = MODIFIERS


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
