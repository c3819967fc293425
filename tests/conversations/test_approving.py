"""Somebody asks for something to be done, somebody else approves it: who may, who was first, what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.approval import Phase
from bot.domain.route import Destination
from bot.flows.decide import expire
from bot.flows.execute import claim
from tests.bot.views import incident_samples as samples
from tests.conversations.approvals import (
    ALICE,
    ALICE_ON_DISCORD,
    BOB,
    CAROL,
    DAVE,
    HERE,
    SOLO,
    VERA,
    Approvals,
)
from tests.conversations.ops import text_of

if TYPE_CHECKING:
    from bot.domain.people import Person

FIRST = "k001"
TWO = "[remediation]\nquorums = { set_workers = 2 }"


@pytest.fixture
def ops() -> Approvals:
    """web-1 runs gunicorn with four workers; Alice, Bob and Carol may approve."""
    return Approvals()


class TestAsking:
    def test_somebody_asks_and_sees_the_whole_plan_alone(self, ops: Approvals) -> None:
        answer = ops.say(DAVE, "workers web-1 gunicorn 2")

        assert answer.private
        assert (
            answer.headline == "Plan 1 on web-1 needs approval: gunicorn 4 -> 2 workers, frees about 170 MiB"
        )
        assert "It waits for approval; it is announced in terminal." in text_of(answer)
        assert "needs: 1 approval by an approver other than Dave" in text_of(answer)
        assert ops.machine.ran == []

    def test_the_card_is_shown_where_incidents_of_the_host_go_and_where_it_was_asked(
        self, ops: Approvals
    ) -> None:
        ops.say(DAVE, "workers web-1 gunicorn 2", channel="C07")

        assert ops.approval(1).destinations == (HERE, Destination("slack", "C07"))
        (here,) = ops.cards(HERE)
        (there,) = ops.cards(Destination("slack", "C07"))
        assert here == there
        assert [button.label for button in here.buttons][:2] == ["Approve", "Deny"]

    def test_the_channel_that_alerts_go_to_is_not_told_twice(self) -> None:
        ops = Approvals(more='[chat.slack]\nchannel = "C07"')

        ops.say(DAVE, "workers web-1 gunicorn 2", channel="C07")

        assert ops.approval(1).destinations == (Destination("slack"),)

    def test_the_same_asked_again_is_answered_with_what_there_is(self, ops: Approvals) -> None:
        ops.say(DAVE, "workers web-1 gunicorn 2")
        ops.time_passes(minutes=3)

        again = ops.say(BOB, "workers web-1 GUNICORN.service 2")

        assert again.headline.startswith("Plan 1 on web-1 needs approval")
        assert "It was asked for already, by Dave at 14:02." in text_of(again)
        assert len(ops.store.approvals(ops.clock())) == 1

    def test_the_same_asked_again_after_the_host_changed_is_a_new_plan(self, ops: Approvals) -> None:
        ops.ask(DAVE)
        ops.machine.gunicorn.workers, ops.machine.gunicorn.ages = 3, ops.machine.gunicorn.ages[:3]

        assert ops.ask(DAVE).plan.title == "gunicorn 3 -> 2 workers"
        assert ops.approval(1).phase is Phase.CHANGED

    def test_who_may_only_look_asks_for_nothing(self, ops: Approvals) -> None:
        assert ops.say(VERA, "workers web-1 gunicorn 2").headline.startswith("Only operators may do that")
        assert ops.store.approvals(ops.clock()) == ()

    def test_what_is_asked_for_is_in_the_audit_with_its_fingerprint(self, ops: Approvals) -> None:
        plan = ops.ask(DAVE).plan

        (line,) = ops.audit()
        assert line.startswith("slack:U04 | asked for plan 1: gunicorn 4 -> 2 workers | waits for approval")
        assert line.endswith(plan.fingerprint)

    def test_an_open_incident_of_the_hosts_memory_is_what_it_is_for(self, ops: Approvals) -> None:
        with ops.store.changing() as ledger:
            ledger.save_incident(samples.short_of_memory(7, "web-1"))

        assert ops.ask(DAVE).incident == 7


class TestApproving:
    def test_somebody_else_clicks_and_it_is_about_to_run(self, ops: Approvals) -> None:
        ops.ask(ALICE)

        answer = ops.approve(BOB, 1)

        assert answer.headline == "Plan 1 is approved: gunicorn 4 -> 2 workers on web-1"
        assert answer.private
        approval = ops.approval(1)
        assert approval.phase is Phase.APPROVED
        assert [vote.by.name for vote in approval.votes] == ["Bob"]
        assert ops.cards()[-1].headline.startswith("Plan 1 on web-1 is approved and about to run")
        assert ops.audit()[-1] == (
            "slack:U02 | approved plan 1"
            f" | approved, fingerprint {approval.plan.fingerprint} is still the same"
        )

    def test_nothing_runs_before_somebody_carries_it_out(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.approve(BOB, 1)

        assert ops.machine.ran == []

    def test_who_clicks_second_is_told_who_was_first(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.approve(BOB, 1)
        ops.time_passes(seconds=2)

        answer = ops.approve(CAROL, 1)

        assert answer.headline == "Bob approved this 2 s before you; it is about to run."
        assert answer.private
        assert answer.refusal

    def test_an_approval_cannot_be_replayed(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.approve(BOB, 1)
        with ops.store.changing() as ledger:
            ledger.save_approval(replace(ops.approval(1), phase=Phase.VERIFIED))

        assert ops.approve(BOB, 1).headline.startswith("Plan 1 was carried out already.")

    @pytest.mark.parametrize("who", [ALICE, ALICE_ON_DISCORD])
    def test_nobody_approves_his_own_request_from_whichever_platform(
        self, ops: Approvals, who: Person
    ) -> None:
        ops.ask(ALICE)

        for clicked in (True, False):
            answer = ops.approve(who, 1, clicked=clicked)
            assert answer.headline == "You asked for plan 1 yourself: another approver has to approve it."
        assert ops.approval(1).phase is Phase.ASKED

    def test_who_is_no_approver_is_told_what_it_takes(self, ops: Approvals) -> None:
        ops.ask(ALICE)

        for words in (f"approve 1 {FIRST}", "deny 1"):
            assert ops.say(DAVE, words).headline.startswith("Only approvers may do that")
        assert ops.approval(1).phase is Phase.ASKED
        assert ops.audit()[-1].startswith("slack:U04 | deny 1 | refused: Only approvers may do that")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("approve 1 k002", "That is not the code of plan 1: its card shows it, `plan 1` too."),
            ("approve 9 k001", "There is no plan 9. `plans` lists those there are."),
            ("deny 9", "There is no plan 9. `plans` lists those there are."),
        ],
    )
    def test_a_plan_is_named_by_its_number_and_code(self, ops: Approvals, words: str, said: str) -> None:
        ops.ask(ALICE)

        assert ops.say(BOB, words).headline == said
        assert ops.approval(1).phase is Phase.ASKED

    def test_the_code_is_read_however_it_is_cased(self, ops: Approvals) -> None:
        ops.ask(ALICE)

        assert ops.say(BOB, f"approve #1 {FIRST.upper()}").headline.startswith("Plan 1 is approved")

    def test_a_plan_expires(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.time_passes(minutes=16)

        late = ops.approve(BOB, 1)
        assert late.headline == "Plan 1 expired 1 min ago. Ask for it again: `workers web-1 gunicorn 2`."

        expire(ops.ports)
        assert ops.approval(1).phase is Phase.EXPIRED
        assert ops.approve(BOB, 1).headline.startswith("Plan 1 expired 1 min ago")
        assert "Approve" not in [button.label for button in ops.cards()[-1].buttons]
        assert "memwarden | plan 1 expired | Nobody approved it in time: nothing was done." in ops.audit()

    def test_what_may_still_be_approved_does_not_expire(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.time_passes(minutes=14)
        expire(ops.ports)

        assert ops.approval(1).phase is Phase.ASKED

    def test_one_no_is_enough(self, ops: Approvals) -> None:
        ops.ask(ALICE)

        answer = ops.say(CAROL, "deny 1 not during the sale")
        assert answer.headline == "Plan 1 is denied: gunicorn 4 -> 2 workers on web-1"

        ops.time_passes(seconds=3)
        late = ops.approve(BOB, 1)
        assert late.headline == "Carol denied plan 1 3 s before you: not during the sale."
        card = ops.cards()[-1]
        assert "denied by Carol" in card.headline
        assert not {"Approve", "Deny"} & {button.label for button in card.buttons}
        assert ops.audit()[1] == "discord:3 | denied plan 1 | not during the sale"

    def test_a_reason_is_only_words(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.say(CAROL, f"deny 1 $(reboot); rm -rf / <!channel> @everyone \x1b[2J{'x' * 300}")

        reason = ops.approval(1).verdict
        assert reason.startswith("$(reboot); rm -rf / <!channel> @everyone ")
        assert reason.isprintable()
        assert len(reason) <= 200

    def test_what_runs_cannot_be_denied_any_more(self, ops: Approvals) -> None:
        ops.ask(ALICE)
        ops.approve(BOB, 1)
        claim(ops.ports)
        ops.time_passes(seconds=4)

        assert ops.say(CAROL, "deny 1").headline == "Bob approved this 4 s before you; it is running."
        assert ops.approval(1).phase is Phase.RUNNING


class TestQuorum:
    def test_two_people_have_to_approve(self) -> None:
        ops = Approvals(more=TWO)
        ops.ask(DAVE)

        first = ops.approve(BOB, 1)
        assert first.headline == (
            "Your approval of plan 1 counts; it needs 1 more approval: gunicorn 4 -> 2 workers on web-1"
        )
        assert ops.approval(1).phase is Phase.ASKED

        assert ops.approve(CAROL, 1).headline.startswith("Plan 1 is approved")
        assert [vote.by.name for vote in ops.approval(1).votes] == ["Bob", "Carol"]

    def test_one_person_is_one_vote_from_however_many_accounts(self) -> None:
        ops = Approvals(more=TWO)
        ops.ask(DAVE)
        ops.approve(ALICE, 1)

        for who in (ALICE, ALICE_ON_DISCORD):
            answer = ops.approve(who, 1)
            assert answer.headline == (
                "You have approved plan 1 already. It needs 1 more approval, by somebody else."
            )
        assert ops.approval(1).phase is Phase.ASKED

    def test_other_remedies_need_no_more_than_one(self) -> None:
        ops = Approvals(more=TWO)
        ops.ask(DAVE, "stop web-1 daphne")

        assert ops.approve(BOB, 1).headline.startswith("Plan 1 is approved")

    def test_a_quorum_that_nobody_can_reach_is_refused_at_once(self) -> None:
        ops = Approvals(SOLO, TWO)

        answer = ops.say(DAVE, "workers web-1 gunicorn 2")

        assert answer.headline.startswith(
            "This needs 2 approvals, but only 1 person other than you may approve"
        )


class TestAlone:
    def test_the_only_approver_reads_waits_and_types(self) -> None:
        ops = Approvals(SOLO)
        answer = ops.say(ALICE, "workers web-1 gunicorn 2")
        assert "Approve" not in [button.label for button in answer.buttons]

        assert "a click is not enough" in ops.approve(ALICE, 1, clicked=True).headline
        ops.time_passes(seconds=10)
        assert ops.approve(ALICE, 1, clicked=False).headline.endswith("and type `approve 1 k001` in 20 s.")
        ops.time_passes(seconds=20)
        assert ops.approve(ALICE, 1, clicked=False).headline.startswith("Plan 1 is approved")

    def test_what_somebody_else_asked_takes_a_click(self) -> None:
        ops = Approvals(SOLO)
        ops.ask(DAVE)

        assert ops.approve(ALICE, 1).headline.startswith("Plan 1 is approved")


class TestReadOnly:
    def test_without_approvers_nothing_can_be_asked_for(self) -> None:
        ops = Approvals('[people]\noperators = ["*"]')

        answer = ops.say(DAVE, "workers web-1 gunicorn 2")

        assert answer.headline.startswith("memwarden is read-only here: nobody may approve. Name approvers")

    def test_without_a_store_nothing_can_be_asked_for(self, ops: Approvals) -> None:
        ops.without_a_store()

        answer = ops.say(DAVE, "workers web-1 gunicorn 2")

        assert answer.headline.startswith("memwarden remembers nothing here, so nothing can be approved")


class TestListing:
    def test_plans_are_listed_and_shown(self, ops: Approvals) -> None:
        assert ops.say(VERA, "plans").headline == "No plan in the last 24 hours"
        ops.ask(ALICE)

        listed = ops.say(VERA, "plans web-1")
        assert listed.headline == "1 plan in the last 24 hours, 1 waiting for approval"
        assert "1  web-1  gunicorn 4 -> 2 workers  asked  Alice  14:02" in text_of(listed)

        shown = ops.click(VERA, "Plan 1")
        assert shown.headline.startswith("Plan 1 on web-1 needs approval")
        assert shown.private

    def test_a_plan_that_there_is_not(self, ops: Approvals) -> None:
        assert ops.say(VERA, "plan 9").headline == "There is no plan 9. `plans` lists those there are."
