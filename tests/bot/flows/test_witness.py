"""Every call of an audited command is in the audit once, and what cannot be audited is not done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.commands import Call, Command
from bot.dispatch import dispatch
from bot.domain.audit import AuditEntry, check
from bot.domain.people import Person, Role
from bot.errors import Refused, StoreError
from bot.flows.triage import store_of
from bot.message import Kind, Message, Parameter, Request, Text, Usage
from tests.conversations.ops import Ops, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.commands import Run

ROLES = """
[[host]]
name = "web-1"
[[host]]
name = "web-2"
[people]
viewers = ["*"]
operators = ["slack:U01"]
"""
ALICE = Person("slack", "U01", "Alice")
BOB = Person("discord", "7", "Bob")
FULL = StoreError("There is no space left for the database.")


def audited(run: Run) -> Command:
    parameters = (
        Parameter("host", Kind.HOST, "the host"),
        Parameter("n", Kind.COUNT, "how many", required=True),
    )
    return Command(Usage("workers", "set workers", parameters), Role.OPERATOR, run, audited=True)


def changes(*who: str, then: Callable[[], Message] = lambda: Message("done")) -> Run:
    """Return what writes lines of its own with a change: a number is taken."""

    def run(call: Call) -> Message:
        with store_of(call.ports).changing() as ledger:
            ledger.next_number("plan")
            for each in who:
                ledger.audit(AuditEntry(call.ports.now(), each, "asked", "plan 1"))
        return then()

    return run


def refuses() -> Message:
    raise Refused("Not now.\nDo it yourself.")


def lines(ops: Ops) -> list[tuple[str, str, str]]:
    entries = [link.entry for link in ops.store.audited(99)]
    return [(entry.who, entry.what, entry.result) for entry in reversed(entries)]


def changed(ops: Ops) -> bool:
    with ops.store.changing() as ledger:
        return ledger.next_number("plan") > 1


def test_what_wrote_its_own_line_with_the_change_is_not_written_twice() -> None:
    ops = Ops(ROLES, (audited(changes("slack:U01", "memwarden")),))

    assert ops.say(ALICE, "workers web-1 2").headline == "done"
    assert lines(ops) == [("slack:U01", "asked", "plan 1"), ("memwarden", "asked", "plan 1")]


def test_a_refusal_after_a_line_of_its_own_is_not_written_twice() -> None:
    ops = Ops(ROLES, (audited(changes("slack:U01", then=refuses)),))

    assert ops.say(ALICE, "workers web-1 2").refusal
    assert len(lines(ops)) == 1


def test_a_line_about_somebody_else_does_not_count() -> None:
    ops = Ops(ROLES, (audited(changes("memwarden", "discord:7")),))

    ops.say(ALICE, "workers web-1 2")

    assert lines(ops)[2:] == [("slack:U01", "workers web-1 2", "done")]


def test_a_line_that_was_undone_does_not_count() -> None:
    def run(call: Call) -> Message:
        with store_of(call.ports).changing() as ledger:
            ledger.audit(AuditEntry(call.ports.now(), "slack:U01", "asked", "plan 1"))
            raise Refused("Not now.")

    ops = Ops(ROLES, (audited(run),))
    ops.say(ALICE, "workers web-1 2")

    assert lines(ops) == [("slack:U01", "workers web-1 2", "refused: Not now.")]


def test_who_asked_is_written_with_name_and_host() -> None:
    ops = Ops(ROLES, (audited(lambda _: Message("as it was")),))

    ops.say(replace(ALICE, name="Al\x1bice" + "x" * 99), "/mem share WORKERS WEB-1 2")

    ((entry,),) = [[link.entry for link in ops.store.audited(9)]]
    assert entry == AuditEntry(
        ops.clock(), "slack:U01", "workers WEB-1 2", "as it was", "web-1", None, "Al�ice" + "x" * 33 + "…"
    )


@pytest.mark.parametrize(
    ("who", "text", "what", "result"),
    [
        (BOB, "workers web-1 2", "workers web-1 2", "refused: Only operators may do that: you need the role"),
        (ALICE, "workers", "workers", "refused: `workers` needs the word <n>"),
        (ALICE, "workers web-1 0", "workers web-1 0", "refused: `0` is not a number that `n` can be"),
        (ALICE, "workers wbe-1 2", "workers wbe-1 2", "refused: There is no host `wbe-1`. Did you mean"),
        (ALICE, "workers web-1 2 x", "workers web-1 2 x", "refused: `workers` has no use for `x`"),
        (ALICE, "workers web-1 2", "workers web-1 2", "refused: Not now."),
    ],
)
def test_refusals_of_every_kind_are_written(who: Person, text: str, what: str, result: str) -> None:
    ops = Ops(ROLES, (audited(lambda _: refuses()),))

    assert ops.say(who, text).refusal

    ((who_, what_, result_),) = lines(ops)
    assert (who_, what_) == (f"{who.platform}:{who.id}", what)
    assert result_.startswith(result)


@pytest.mark.parametrize(
    ("text", "what", "host"),
    [
        ('workers web-1 "gunicorn 2', 'workers web-1 "gunicorn 2', "web-1"),
        ("/mem share Workers WEB-1 `$(reboot)\x1b[2J", "/mem share Workers WEB-1 `$(reboot)�[2J", "web-1"),
        ('"workers web-1 2', '"workers web-1 2', "web-1"),
        ("workers “web-1 2", "workers “web-1 2", "web-1"),
        ("workers 'web-9 2", "workers 'web-9 2", ""),
    ],
)
def test_words_that_cannot_be_told_apart_are_written_as_they_were_typed(
    text: str, what: str, host: str
) -> None:
    ops = Ops(ROLES, (audited(lambda _: refuses()),))

    answer = ops.say(ALICE, text)

    assert answer.headline.startswith("The quote at")
    assert lines(ops) == [("slack:U01", what, f"refused: {answer.headline}")]
    assert ops.store.audited(1)[0].entry.host == host


def test_more_than_anybody_types_is_written_cut() -> None:
    ops = Ops(ROLES, (audited(lambda _: refuses()),))

    ops.say(ALICE, "workers " + "y" * 100_000)

    ((_, what, result),) = lines(ops)
    assert (what, len(what)) == (f"workers {'y' * 191}…", 200)
    assert result.startswith("refused: That is 100,008 characters long")


def test_words_that_cannot_be_told_apart_of_other_commands_leave_no_line() -> None:
    ops = Ops(ROLES)

    assert [ops.say(ALICE, text).refusal for text in ('status "web-1', '"', "share", "")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert lines(ops) == []


def test_a_mistake_of_ours_is_written_with_its_reference() -> None:
    ops = Ops(ROLES, (audited(lambda _: Message(str(1 // 0))),))

    answer = ops.say(ALICE, "workers web-1 2")

    assert lines(ops) == [("slack:U01", "workers web-1 2", f"refused: {answer.headline}")]


def test_words_are_written_printable_and_cut() -> None:
    ops = Ops(ROLES, (audited(lambda _: Message("line\nbreak" + "x" * 999)),))

    ops.say(ALICE, "workers \x1b[31m" + "y" * 999)
    ops.say(ALICE, "workers web-1 2")

    for _, what, result in lines(ops):
        assert what.isprintable()
        assert result.isprintable()
        assert max(len(what), len(result)) <= 200
    assert check(ops.store.audited_from(1, 9)) == ()


def test_what_cannot_be_audited_is_not_done_and_that_is_said() -> None:
    ops = Ops(ROLES, (audited(changes("slack:U01")),))
    ops.store.fails(FULL)

    answer = ops.say(ALICE, "workers web-1 2")

    assert text_of(answer).splitlines() == [str(FULL), "What cannot be written to the audit is not done."]
    assert answer.refusal
    ops.store.fails(None)
    assert not changed(ops)
    assert lines(ops) == []


def test_an_answer_that_could_not_be_written_down_says_so() -> None:
    ops = Ops(ROLES, (audited(lambda _: Message("as it was", blocks=(Text("already"),))),))
    ops.store.fails(FULL)

    answer = ops.say(ALICE, "workers web-1 2")

    assert text_of(answer).splitlines() == [
        "as it was",
        "already",
        f"This could not be written to the audit: {FULL}",
    ]
    assert not answer.refusal


def test_a_command_that_is_not_audited_leaves_no_line() -> None:
    command = replace(audited(lambda _: Message("looked")), audited=False)
    ops = Ops(ROLES, (command,))

    ops.say(ALICE, "workers web-1 2")
    ops.say(BOB, "workers")
    ops.say(ALICE, "wrokers")

    assert lines(ops) == []


def test_where_nothing_is_remembered_a_command_answers_as_it_can() -> None:
    commands = (audited(lambda call: Message(f"store: {call.ports.store}")),)
    answer = dispatch(commands, replace(Ops(ROLES).ports, store=None))

    assert answer(Request(ALICE, "workers web-1 2")).headline == "store: None"
    assert answer(Request(BOB, "workers web-1 2")).refusal


@pytest.mark.parametrize("text", ["ack 99", "silence web-1 2x", "unsilence 7", "admin reload", "admin x"])
def test_the_commands_that_change_something_are_audited(text: str) -> None:
    ops = Ops(ROLES + 'approvers = ["terminal:anna"]')

    assert ops.say("anna", text).refusal
    assert ops.say(BOB, text).refusal

    assert [(who, what) for who, what, _ in lines(ops)] == [("terminal:anna", text), ("discord:7", text)]


def test_a_silence_is_one_line_and_one_that_was_there_already_another() -> None:
    ops = Ops(ROLES)

    ops.say(ALICE, "silence web-1 2h deploy")
    ops.say(ALICE, "silence web-1 1h")

    assert [what for _, what, _ in lines(ops)] == ["silence web-1 for 2 h: deploy", "silence web-1 1h"]
    assert ops.store.audited(1)[0].entry.host == "web-1"
