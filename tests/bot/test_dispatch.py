"""From what a person said to the answer, and every refusal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import log
from bot.commands import Call, Command
from bot.commands.help import COMMAND as HELP
from bot.commands.hosts import COMMAND as HOSTS
from bot.domain.people import Person, Role
from bot.errors import ConfigError, HostUnreachable, Mistake, StoreError, UnknownService
from bot.message import Button, Kind, Message, Parameter, Text, Tone, Usage
from tests.conversations.ops import Ops

if TYPE_CHECKING:
    from collections.abc import Callable

FLEET = """
[[host]]
name = "web-1"
[[host]]
name = "db-1"
"""

HOST = Parameter("host", Kind.HOST, "the host")
NAME = Parameter("name", Kind.SERVICE, "the service", required=True)
COUNT = Parameter("n", Kind.COUNT, "how many")


def command(
    name: str,
    run: Callable[[Call], Message],
    *parameters: Parameter,
    role: Role = Role.VIEWER,
) -> Command:
    return Command(Usage(name, f"what {name} does", parameters), role, run)


def echo(call: Call) -> Message:
    return Message(f"{call.host} {call.arguments.service or ''}".strip())


def raising(error: Exception) -> Callable[[Call], Message]:
    def run(_call: Call) -> Message:
        raise error

    return run


STATUS = command("status", lambda _call: Message("all good"))
TOP = command("top", echo, HOST, COUNT)
SERVICE = command("service", echo, HOST, NAME)
STOP = command("stop", echo, HOST, NAME, role=Role.OPERATOR)
REFRESH = Button("Refresh", "load", in_place=True)
LOAD = command("load", lambda _call: Message("loaded", buttons=(Button("Top", "top web-1"), REFRESH)))
ALL = (HELP, HOSTS, STATUS, TOP, SERVICE, STOP, LOAD)


@pytest.mark.parametrize("text", ["status", "/mem status", "STATUS", " mem  'status' "])
def test_a_command_is_answered_however_it_is_typed(text: str) -> None:
    assert Ops(commands=ALL).say("alice", text).headline == "all good"


def test_a_command_gets_the_words_after_it() -> None:
    ops = Ops(FLEET, ALL)

    assert ops.say("alice", "top db-1 5").headline == "db-1"
    assert ops.say("alice", "service WEB-1 gunicorn").headline == "web-1 gunicorn"


@pytest.mark.parametrize("text", ["", "  \n", "/mem"])
def test_nothing_said_is_answered_with_help(text: str) -> None:
    ops = Ops(commands=ALL)

    assert ops.say("alice", text) == ops.say("alice", "help")


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    answer = Ops(commands=ALL).say("alice", "statsu web-1")

    assert answer.headline == "There is no command `statsu`. Did you mean `status`?"
    assert answer.tone is Tone.WARNING
    assert answer.private
    assert answer.buttons == (Button("Help", "help"),)


def test_a_command_like_no_other_is_answered_with_the_way_to_help() -> None:
    answer = Ops(commands=ALL).say("alice", "x" * 4000)

    assert answer.headline == f"There is no command `{'x' * 59}…`. `help` lists them all."


def test_words_that_do_not_fit_are_refused() -> None:
    answer = Ops(FLEET, ALL).say("alice", "top wbe-1")

    assert (
        answer.headline == "There is no host `wbe-1`. Did you mean `web-1`? Known hosts: `web-1` and `db-1`."
    )
    assert answer.tone is Tone.WARNING
    assert answer.private
    assert answer.refusal


def test_words_that_are_missing_can_be_filled_into_a_form() -> None:
    ops = Ops(FLEET, ALL)

    for text in ("service", "top", "service web-1", "share service", "top web-1 0", "top web-1 5 6"):
        answer = ops.say("alice", text)

        assert answer.refusal
        assert answer.form is not None
        assert answer.form.usage is (SERVICE if "service" in text else TOP).usage


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("service", "service"),
        ("wide SHARE service web-1", "wide share service"),
        ("share wide top 0", "share wide top"),
    ],
)
def test_a_form_goes_on_from_the_words_before_the_command(text: str, words: str) -> None:
    form = Ops(FLEET, ALL).say("alice", text).form

    assert form is not None
    assert form.words == words


def test_a_form_is_offered_only_where_it_would_help() -> None:
    ops = Ops(FLEET, ALL)

    for text in ("status x", "top wbe-1", "statsu", "top web-1", "share", 'top "web'):
        assert ops.say("alice", text).form is None


ROLES = """
[people]
viewers = ["*"]
operators = ["terminal:olga", "slack-group:S01", "discord-role:456"]
approvers = ["slack:U01", "slack-group:S02"]
"""


def test_a_command_is_for_those_who_have_its_role_or_a_higher_one() -> None:
    ops = Ops(ROLES, ALL)

    assert ops.say("olga", "stop daphne").headline == "local daphne"
    assert ops.say(Person("slack", "U01", "Uma"), "stop daphne").headline == "local daphne"
    assert (
        ops.say(Person("slack", "U09", "Una", ("slack-group:S01",)), "stop daphne").headline == "local daphne"
    )


def test_a_refusal_names_the_role_its_groups_on_that_platform_and_the_entry_to_add() -> None:
    ops = Ops(ROLES, ALL)

    on_slack = ops.say(Person("slack", "U07", "Ulf"), "stop daphne")
    at_terminal = ops.say("bob", "stop daphne")

    assert on_slack.headline == (
        "Only operators may do that: you need the role operator"
        " (given to `slack-group:S01` and `slack-group:S02`)."
        " Whoever configures memwarden can give it to `slack:U07` under [people]."
    )
    assert at_terminal.headline == (
        "Only operators may do that: you need the role operator."
        " Whoever configures memwarden can give it to `terminal:bob` under [people]."
    )
    assert on_slack.tone is Tone.WARNING
    assert on_slack.private
    assert on_slack.refusal


def test_a_group_is_called_what_people_call_it_as_far_as_the_platform_told() -> None:
    names = {"slack-group:S01": "@oncall", "slack-group:S99": "@others"}

    refused = Ops(ROLES, ALL).say(Person("slack", "U07", "Ulf"), "stop daphne", group_names=names)

    assert refused.headline.startswith(
        "Only operators may do that: you need the role operator (given to @oncall and `slack-group:S02`)."
    )


def test_the_name_of_a_group_is_cut_and_cannot_hide_anything() -> None:
    names = {"slack-group:S01": "@" + "x" * 500, "slack-group:S02": "@on\u202ecall\n"}

    refused = Ops(ROLES, ALL).say(Person("slack", "U07", "Ulf"), "stop daphne", group_names=names)

    assert f"(given to @{'x' * 58}… and @on�call )" in refused.headline


def test_somebody_without_a_role_learns_nothing_about_hosts() -> None:
    ops = Ops(FLEET + '[people]\nviewers = ["terminal:alice"]', ALL)

    for text in ("hosts", "top", "top wbe-1", "service x y z"):
        assert "web-1" not in ops.say("mallory", text).headline
        assert ops.say("mallory", text).headline.startswith("Only viewers may do that")


@pytest.mark.parametrize(
    ("error", "tone"),
    [
        (UnknownService("web-1 runs no service `x`."), Tone.WARNING),
        (HostUnreachable("web-1 does not answer."), Tone.UNKNOWN),
        (StoreError("The database is full."), Tone.CRITICAL),
    ],
)
def test_what_goes_wrong_is_answered_with_its_sentence(error: Exception, tone: Tone) -> None:
    answer = Ops(commands=(command("try", raising(error)),)).say("alice", "try")

    assert answer == Message(str(error), tone=tone, private=True, refusal=True)


def test_several_mistakes_are_a_line_each() -> None:
    error = ConfigError("config.toml", (Mistake("bot", "is wrong", 1), Mistake("check", "is wrong too", 5)))

    answer = Ops(commands=(command("try", raising(error)),)).say("alice", "try")

    assert answer.headline == "config.toml:1: bot: is wrong"
    assert answer.blocks == (Text("config.toml:5: check: is wrong too"),)


def test_a_mistake_of_ours_costs_one_answer_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ops = Ops(
        commands=(command("try", lambda call: Message(str(1 // len(call.arguments.service or "")))), STATUS)
    )

    first, second = ops.say("alice", "try"), ops.say("alice", "try")

    found = re.fullmatch(
        r"That is a mistake of ours, not of yours\. The log tells more about it: reference ([0-9a-f]{8})\.",
        first.headline,
    )
    assert found
    assert f"mistake {found[1]} while answering" in caplog.text
    assert "ZeroDivisionError: " in caplog.text
    assert "in <lambda>" in caplog.text
    assert "ZeroDivisionError" not in first.headline
    assert second == first, "the same mistake has the same reference"
    assert first.tone is Tone.CRITICAL
    assert first.refusal
    assert ops.say("alice", "status").headline == "all good"


def test_nothing_in_a_logged_traceback_can_pass_for_another_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hostile = raising(ValueError("x\n2026-03-02 ERROR forged\r\x1b[2J\u202e"))

    Ops(commands=(command("try", hostile),)).say("alice", "try")

    first, *more = log.OneLine(log.concealed).format(caplog.records[0]).split("\n")
    assert "while answering" in first
    assert "    ValueError: x" in more
    assert all(line.startswith("    ") and line.isprintable() for line in more)


def test_no_secret_in_a_logged_traceback_is_written(caplog: pytest.LogCaptureFixture) -> None:
    log.conceal("hünter-of-dispatch\nand its second line")
    hostile = raising(ValueError("no entry with hünter-of-dispatch\nand its second line"))

    Ops(commands=(command("try", hostile),)).say("alice", "try")

    assert "ValueError: no entry with ***" in log.OneLine(log.concealed).format(caplog.records[0])


def test_a_person_who_stops_the_program_is_obeyed() -> None:
    def run(_call: Call) -> Message:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Ops(commands=(command("try", run),)).say("alice", "try")


def test_a_command_that_uses_a_word_it_never_asked_for_is_a_mistake_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = Ops(commands=(command("try", echo),)).say("alice", "try")

    assert answer.headline.startswith("That is a mistake of ours")
    assert "its usage does not ask for" in caplog.text


@pytest.mark.parametrize("text", ["share top web-1", "/mem SHARE top web-1", "share share top web-1"])
def test_a_shared_answer_is_for_everybody(text: str) -> None:
    ops = Ops(FLEET, ALL)

    answer = ops.say("alice", text)

    assert (answer.headline, answer.private, answer.wide) == ("web-1", False, False)
    assert ops.say("alice", "top web-1").private


@pytest.mark.parametrize("text", ["share wide top web-1", "wide share top web-1"])
def test_modifiers_go_together_in_any_order(text: str) -> None:
    answer = Ops(FLEET, ALL).say("alice", text)

    assert (answer.headline, answer.private, answer.wide) == ("web-1", False, True)


def test_a_modifier_after_the_command_is_a_word_like_any_other() -> None:
    assert Ops(FLEET, ALL).say("alice", "top share").headline.startswith("There is no host `share`.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("share", "Share what? Write a command after `share`, such as `share status`."),
        (
            "/mem wide share",
            "Wide share what? Write a command after `wide share`, such as `wide share status`.",
        ),
    ],
)
def test_a_modifier_needs_a_command(text: str, sentence: str) -> None:
    answer = Ops(FLEET, ALL).say("alice", text)

    assert answer.headline == sentence
    assert answer.refusal
    assert answer.private


@pytest.mark.parametrize("text", ["share top wbe-1", "share service", "share statsu", "share stop web-1 x"])
def test_a_refusal_is_never_shared(text: str) -> None:
    answer = Ops(FLEET, ALL).say("alice", text, in_channel=True)

    assert answer.refusal
    assert answer.private
    assert "Share" not in {button.label for button in answer.buttons}


def test_a_refusal_that_a_command_answers_with_is_never_shared_either() -> None:
    refused = Message("not now", refusal=True)

    answer = Ops(commands=(command("try", lambda _call: refused),)).say("alice", "share try", in_channel=True)

    assert answer == refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TOP web-1", "share top web-1"),
        ("/mem  wide top WEB-1 5", "share wide top WEB-1 5"),
        ("service web-1 'my app'", 'share service web-1 "my app"'),
        ("", "share help"),
    ],
)
def test_what_others_do_not_see_yet_can_be_shared_with_the_same_words(text: str, words: str) -> None:
    ops = Ops(FLEET, ALL)

    alone = ops.say("alice", text, in_channel=True)
    shared = ops.click("alice", "Share", in_channel=True)

    assert alone.buttons[-1] == Button("Share", words)
    assert not shared.private
    assert shared.headline == alone.headline
    assert "Share" not in {button.label for button in shared.buttons}


def test_where_nobody_else_reads_there_is_nothing_to_share() -> None:
    assert Ops(FLEET, ALL).say("alice", "top web-1").buttons == ()


def test_what_takes_an_answers_place_is_shown_in_the_same_way() -> None:
    ops = Ops(FLEET, ALL)

    assert [button.words for button in ops.say("alice", "load").buttons] == ["top web-1", "load"]
    assert [button.words for button in ops.say("alice", "wide share load").buttons] == [
        "top web-1",
        "wide share load",
    ]
    assert not ops.click("alice", "Refresh").private


LINES = st.lists(
    st.sampled_from(
        ["/mem", "share", "wide", "help", "hosts", "top", "service", "stop", "web-1", "20", "-1", '"', "`"]
    )
    | st.text(max_size=20)
).map(" ".join)


@given(text=LINES | st.text())
def test_any_text_whatever_gets_an_answer(text: str) -> None:
    for configuration in ("", FLEET):
        answer = Ops(configuration, ALL).say("alice", text)

        assert answer.headline
        # What was typed is repeated later in a sentence, and could be these words.
        assert not answer.headline.startswith("That is a mistake of ours")
