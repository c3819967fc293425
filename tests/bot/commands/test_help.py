"""`/mem help`."""

from __future__ import annotations

import pytest

import bot.commands
from bot.catalogue import entries
from bot.commands import Command
from bot.domain.people import Role
from bot.message import Message, Table, Tone, Usage
from bot.modifiers import MODIFIERS
from tests.conversations.ops import Ops, text_of

COMMANDS = entries(bot.commands, "COMMAND", Command)
LOOKING = tuple(command for command in COMMANDS if command.role <= Role.VIEWER)


def tables(answer: Message) -> list[Table]:
    return [block for block in answer.blocks if isinstance(block, Table)]


def test_help_lists_every_command_on_a_line_of_its_own() -> None:
    *sections, _ = tables(Ops('[people]\napprovers = ["terminal:alice"]').say("alice", "help"))

    listed = {row.cells for table in sections for row in table.rows}
    assert listed == {(c.usage.synopsis, c.usage.help) for c in COMMANDS}


def test_looking_comes_before_changing_and_help_itself_last() -> None:
    change = Command(Usage("apply", "changes something"), Role.OPERATOR, lambda _call: Message("done"))

    _, changing, own, _ = tables(Ops(commands=(*LOOKING, change)).say("alice", "help"))

    assert [row.cells[0] for row in (*changing.rows, *own.rows)] == ["apply", "help [command]"]


def test_what_one_may_not_do_is_listed_with_the_role_it_needs() -> None:
    change = Command(Usage("apply", "changes something"), Role.OPERATOR, lambda _call: Message("done"))
    ops = Ops('[people]\noperators = ["terminal:olga"]', (*LOOKING, change))

    line = "command  what it does\napply  changes something"
    assert f"For operators, and you are none:\n{line}" in text_of(ops.say("alice", "help"))
    assert f"For operators:\n{line}" in text_of(ops.say("olga", "help"))


def test_help_is_open_to_everybody() -> None:
    ops = Ops('[people]\nviewers = ["terminal:alice"]')

    *sections, _ = tables(ops.say("mallory", "help"))

    tones = [row.tone for table in sections for row in table.rows]
    assert tones == [Tone.FAINT] * (len(COMMANDS) - 1) + [Tone.PLAIN]


def test_help_tells_all_about_one_command() -> None:
    assert text_of(Ops().say("alice", "help HELP")).splitlines() == [
        "/mem help [command]",
        "what you can say, or all about one command",
        "command  the command to tell more about; without it, all of them",
        "/mem help",
        "/mem help top",
        "open to all",
    ]


def test_help_lists_what_may_stand_before_a_command() -> None:
    *_, table = tables(Ops().say("alice", "help"))

    assert {row.cells for row in table.rows} == {(m.name, m.help) for m in MODIFIERS}


def test_help_tells_how_a_modifier_is_written() -> None:
    assert text_of(Ops().say("alice", "help SHARE")).splitlines() == [
        "/mem share <command>",
        "everybody here sees the answer",
        "/mem share status",
        "open to all",
    ]


def test_help_for_an_unknown_command_suggests_the_nearest() -> None:
    answer = Ops().say("alice", "help hots")

    assert answer.headline == "There is no command `hots`. Did you mean `hosts`?"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.usage.name)
def test_every_command_can_be_explained(command: Command) -> None:
    answer = Ops().say("alice", f"help {command.usage.name}")

    assert answer.headline == f"/mem {command.usage.synopsis}"
    assert f"/mem {command.usage.examples[0]}" in text_of(answer)
