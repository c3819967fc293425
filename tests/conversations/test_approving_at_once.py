"""Between the question and the yes: the host changes, others are faster, something else is being done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.approval import Phase
from bot.domain.people import Person
from bot.errors import HostUnreachable
from bot.message import Message, Request
from tests.conversations.approvals import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    HOST,
    Approvals,
)
from tests.conversations.ops import text_of

FIRST = "k001"
TWO = "[remediation]\nquorums = { set_workers = 2 }"


@pytest.fixture
def ops() -> Approvals:
    """web-1 runs gunicorn with four workers; Alice, Bob and Carol may approve."""
    return Approvals()


class TestAChangedHost:
    def test_a_plan_that_would_be_another_one_is_asked_for_anew(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.machine.gunicorn.workers, ops.machine.gunicorn.ages = 3, ops.machine.gunicorn.ages[:3]

        answer = ops.approve(BOB, 1)

        assert answer.headline == (
            "Plan 1 is out of date. It was made from a gunicorn.service that has changed since"
            " (3 workers now). Plan 2 takes its place."
        )
        assert "Approve" in [button.label for button in answer.buttons]
        old, new = ops.approval(1), ops.approval(2)
        assert (old.phase, new.phase) == (Phase.CHANGED, Phase.ASKED)
        assert (new.asked_by, new.votes, new.plan.title) == (old.asked_by, (), "gunicorn 3 -> 2 workers")
        assert new.code != old.code
        assert new.destinations == old.destinations

    def test_the_new_plan_needs_an_approval_of_its_own(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.machine.gunicorn.workers, ops.machine.gunicorn.ages = 3, ops.machine.gunicorn.ages[:3]
        ops.approve(BOB, 1)

        assert ops.approve(ALICE, 2).headline.startswith("You asked for plan 2 yourself")
        assert ops.approve(BOB, 2).headline.startswith("Plan 2 is approved")

    def test_what_is_so_already_is_not_asked_for_again(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.machine.gunicorn.workers, ops.machine.gunicorn.ages = 2, ops.machine.gunicorn.ages[:2]

        answer = ops.approve(BOB, 1)

        assert answer.headline == "Plan 1 is not carried out, for all has changed since."
        assert "gunicorn has 2 workers already." in text_of(answer)
        assert ops.approval(1).phase is Phase.CHANGED
        assert ops.store.approval(2) is None

    def test_what_the_configuration_forbids_meanwhile_is_not_done(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.use(host=f'{HOST}[host.services.gunicorn]\nforbid = ["set_workers"]')

        answer = ops.approve(BOB, 1)

        assert "set_workers is forbidden for `gunicorn` on web-1" in text_of(answer)
        assert ops.approval(1).phase is Phase.CHANGED

    def test_a_host_that_cannot_be_looked_at_leaves_all_as_it_is(self, ops: Approvals) -> None:
        ops.ask(ALICE)

        def lost(_argv: tuple[str, ...]) -> None:
            raise HostUnreachable("web-1 cannot be reached.")

        nothing, ops.machine.before = ops.machine.before, lost
        answer = ops.approve(BOB, 1)
        assert text_of(answer) == (
            "web-1 cannot be reached.\nNothing was done; plan 1 still waits for approval."
        )
        assert ops.approval(1).votes == ()

        ops.machine.before = nothing
        assert ops.approve(BOB, 1).headline.startswith("Plan 1 is approved")

    def test_who_is_second_while_the_host_is_looked_at_is_told_so(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        heard: list[Message] = []

        def meanwhile(_argv: tuple[str, ...]) -> None:
            ops.machine.before = lambda _: None
            ops.time_passes(seconds=3)
            heard.append(ops.approve(CAROL, 1))

        ops.machine.before = meanwhile
        assert ops.approve(BOB, 1).headline.startswith("Plan 1 is approved")
        assert heard[0].headline == (
            "Bob approved this 3 s before you; it is being checked whether all is still as it was."
        )

    def test_a_no_while_the_host_is_looked_at_counts(self, ops: Approvals) -> None:
        ops.ask(ALICE)

        def meanwhile(_argv: tuple[str, ...]) -> None:
            ops.machine.before = lambda _: None
            ops.say(CAROL, "deny 1")

        ops.machine.before = meanwhile
        assert ops.approve(BOB, 1).headline == "Carol denied plan 1 just before you."
        assert ops.approval(1).phase is Phase.DENIED

    def test_an_approval_that_died_while_looking_can_be_given_again(self, ops: Approvals) -> None:
        ops.ask(ALICE)

        def dies(_argv: tuple[str, ...]) -> None:
            raise KeyboardInterrupt

        nothing, ops.machine.before = ops.machine.before, dies
        with pytest.raises(KeyboardInterrupt):
            ops.approve(BOB, 1)
        ops.machine.before = nothing
        ops.time_passes(minutes=3)

        assert ops.approve(BOB, 1).headline.startswith("Plan 1 is approved")
        assert len(ops.approval(1).votes) == 1


class TestOneAtATime:
    def test_while_something_is_done_on_a_host_nothing_else_is_asked_or_approved(
        self, ops: Approvals
    ) -> None:
        ops.ask(ALICE)
        ops.ask(ALICE, "stop web-1 daphne")
        ops.approve(BOB, 1)

        busy = "Plan 1 (gunicorn 4 -> 2 workers) is about to run on web-1, and one at a time is done there"
        assert ops.approve(BOB, 2).headline.startswith(busy)
        assert ops.say(DAVE, "restart web-1 redis").headline.startswith(busy)
        assert (ops.approval(2).phase, ops.approval(2).votes) == (Phase.ASKED, ())

    def test_another_host_is_not_concerned(self) -> None:
        ops = Approvals(host=f'{HOST}[[host]]\nname = "web-2"\n')
        ops.ask(ALICE)
        ops.ask(ALICE, "workers web-2 gunicorn 2")
        ops.approve(BOB, 1)

        assert ops.approve(BOB, 2).headline.startswith("Plan 2 is approved")


class TestManyAtOnce:
    def test_twenty_clicks_at_once_of_five_people_on_two_platforms_are_one_approval(self) -> None:
        people = [Person("slack", f"S{n}", f"Sam {n}") for n in range(3)]
        people += [Person("discord", str(n), f"Dee {n}") for n in range(2)]
        entries = ", ".join(f'"{person.platform}:{person.id}"' for person in people)
        ops = Approvals(f'[people]\noperators = ["slack:U04"]\napprovers = [{entries}]')
        ops.ask(DAVE)
        clicks = [Request(person, f"approve 1 {FIRST}", clicked=True) for person in people * 4]

        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(ops._answer, clicks))

        approved = [answer for answer in answers if answer.headline.startswith("Plan 1 is approved")]
        assert len(approved) == 1
        assert all(
            "before you; it is" in answer.headline or "You have approved plan 1" in answer.headline
            for answer in answers
            if answer not in approved
        )
        approval = ops.approval(1)
        assert approval.phase is Phase.APPROVED
        assert len(approval.votes) == 1
        assert sum("| approved, fingerprint" in line for line in ops.audit(100)) == 1
        assert len(ops.audit(100)) == 22

    def test_twenty_clicks_at_once_of_five_people_are_two_votes_where_two_are_needed(self) -> None:
        people = [Person("slack", f"S{n}", f"Sam {n}") for n in range(5)]
        more = TWO
        ops = Approvals('[people]\noperators = ["slack:U04"]\napprovers = ["slack:*"]', more)
        ops.ask(DAVE)
        clicks = [Request(person, f"approve 1 {FIRST}", clicked=True) for person in people * 4]

        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(ops._answer, clicks))

        assert sum(answer.headline.startswith("Plan 1 is approved") for answer in answers) == 1
        assert sum(answer.headline.startswith("Your approval of plan 1 counts") for answer in answers) == 1
        assert len({vote.by.entry for vote in ops.approval(1).votes}) == 2

    def test_twenty_people_who_ask_at_once_ask_for_one_plan(self, ops: Approvals) -> None:
        asks = [Request(DAVE, "workers web-1 gunicorn 2")] * 20

        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(ops._answer, asks))

        assert {answer.headline.split(" needs ")[0] for answer in answers} == {"Plan 1 on web-1"}
        assert len(ops.store.approvals(ops.clock())) == 1
