"""Whose yes counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.approval import Approval, Needs, Phase, Vote, Who
from bot.domain.consent import (
    before,
    distinct,
    is_read_only,
    is_same,
    missing,
    needs,
    objection,
    others,
    over,
    stricter,
    too_few,
    who,
)
from bot.domain.people import Person, Roster
from bot.domain.plan import Goal, Order, Plan, Saving

AT = datetime(2026, 3, 2, 14, 3, tzinfo=UTC)
ALICE = Person("slack", "U01", "Alice")
ALICE_ON_DISCORD = Person("discord", "1", "alice")
BOB = Person("slack", "U02", "Bob")
CAROL = Person("discord", "3", "Carol")
TWINS = (("slack:U01", "discord:1"),)


def roster(*approvers: str) -> Roster:
    return Roster((), ("*",), approvers, TWINS)


def needed(person: Person, known: Roster, *, quorum: int = 1, four_eyes: bool = True) -> Needs:
    return needs(who(person), known, quorum=quorum, four_eyes=four_eyes, solo_delay_s=30)


def approval(*, needs: Needs | None = None, by: Person = ALICE, votes: tuple[Person, ...] = ()) -> Approval:
    plan = Plan(
        order=Order("set_workers", "web-1", "gunicorn", count=2),
        unit="gunicorn.service",
        title="gunicorn 4 -> 2 workers",
        words="workers web-1 gunicorn 2",
        steps=(),
        undo=(),
        goal=Goal(workers=2),
        origin=Goal(workers=4),
        saving=Saving(None, ""),
        lasting=True,
        lasts="",
        at_once="",
        undone="",
        basis=(),
        made_at=AT,
        available_bytes=None,
        total_bytes=1,
    )
    return Approval(
        number=42,
        code="k7f3",
        plan=plan,
        needs=needs or Needs(),
        asked_by=who(by),
        asked_at=AT,
        expires_at=AT + timedelta(minutes=15),
        phase=Phase.ASKED,
        changed_at=AT,
        votes=tuple(Vote(who(person), AT + timedelta(seconds=5)) for person in votes),
    )


def seconds(count: float) -> datetime:
    return AT + timedelta(seconds=count)


class TestWhatAPlanNeeds:
    @pytest.mark.parametrize(
        "approvers",
        [
            ("slack:U01", "slack:U02"),
            ("slack:U01", "slack-group:S01"),
            ("discord-role:7",),
            ("slack:*",),
            ("*",),
        ],
    )
    def test_somebody_else_has_to_approve_where_there_may_be_somebody(
        self, approvers: tuple[str, ...]
    ) -> None:
        assert needed(ALICE, roster(*approvers)) == Needs(quorum=1, others_only=True)

    def test_the_only_approver_types_the_code_after_a_while(self) -> None:
        assert needed(ALICE, roster("slack:U01")) == Needs(1, others_only=False, typed=True, delay_s=30)

    def test_two_accounts_of_one_person_are_no_four_eyes(self) -> None:
        assert needed(ALICE, roster("slack:U01", "discord:1")).typed

    def test_who_is_no_approver_is_never_the_one_who_approves(self) -> None:
        assert needed(CAROL, roster("slack:U01"), four_eyes=False) == Needs(1, others_only=True)

    def test_four_eyes_can_be_waived_but_one_still_has_to_read_it(self) -> None:
        assert needed(ALICE, roster("slack:U01", "slack:U02"), four_eyes=False).typed

    def test_nobody_may_approve_where_nobody_is_named(self) -> None:
        assert is_read_only(roster())
        assert not is_read_only(roster("slack:U01"))


class TestWhoCouldApprove:
    def test_people_are_counted_once_however_many_accounts_they_have(self) -> None:
        assert others(who(BOB), roster("slack:U01", "discord:1", "slack:U02")) == 1

    def test_nobody_knows_how_many_are_in_a_group(self) -> None:
        assert others(who(BOB), roster("slack-group:S01")) is None

    def test_a_quorum_that_can_never_be_reached_is_said_at_once(self) -> None:
        known = roster("slack:U01", "slack:U02")
        said = too_few(who(ALICE), known, needed(ALICE, known, quorum=2))

        assert said.startswith("This needs 2 approvals, but only 1 person other than you may approve")

    def test_one_person_alone_is_no_quorum_of_two(self) -> None:
        known = roster("slack:U01")
        said = too_few(who(ALICE), known, needed(ALICE, known, quorum=2))

        assert said.startswith("This needs 2 approvals, but only 1 person may approve")

    @pytest.mark.parametrize("approvers", [("slack:U02", "discord:3"), ("slack-group:S01",)])
    def test_a_quorum_that_may_be_reached_is_worth_asking_for(self, approvers: tuple[str, ...]) -> None:
        known = roster(*approvers)

        assert too_few(who(ALICE), known, needed(ALICE, known, quorum=2)) == ""


class TestVotes:
    def test_two_accounts_of_one_person_are_one_vote(self) -> None:
        asked = approval(needs=Needs(quorum=2), by=BOB, votes=(ALICE, ALICE_ON_DISCORD))

        assert distinct(asked.votes, roster("slack:U01", "discord:1")) == asked.votes[:1]
        assert missing(asked, roster("slack:U01", "discord:1")) == 1

    def test_two_people_are_two_votes(self) -> None:
        assert (
            missing(approval(needs=Needs(quorum=2), votes=(BOB, CAROL)), roster("slack:U02", "discord:3"))
            == 0
        )

    def test_who_may_not_approve_any_more_has_no_vote(self) -> None:
        in_group = replace(CAROL, groups=("discord-role:9",))
        asked = approval(needs=Needs(quorum=2), votes=(BOB, in_group))

        assert missing(asked, roster("slack:U02", "discord-role:9")) == 0
        assert missing(asked, roster("slack:U02")) == 1

    def test_what_it_takes_is_what_both_ask_for(self) -> None:
        alone = Needs(1, others_only=False, typed=True, delay_s=30)

        assert stricter(alone, Needs(2)) == Needs(2, others_only=True, typed=True, delay_s=30)

    def test_the_same_id_on_another_platform_is_another_person(self) -> None:
        assert not is_same(Who("slack:1", "A"), Who("discord:1", "A"), Roster((), (), ()))


class TestWhoMayVote:
    def test_nothing_speaks_against_another_approver(self) -> None:
        assert objection(approval(), who(BOB), roster(), seconds(1), clicked=True) == ""

    @pytest.mark.parametrize("person", [ALICE, ALICE_ON_DISCORD])
    def test_nobody_approves_his_own_request_from_whichever_account(self, person: Person) -> None:
        said = objection(approval(), who(person), roster(), seconds(60), clicked=False)

        assert said == "You asked for plan 42 yourself: another approver has to approve it."

    def test_nobody_votes_twice(self) -> None:
        asked = approval(needs=Needs(quorum=2), by=BOB, votes=(ALICE,))
        said = objection(asked, who(ALICE_ON_DISCORD), roster("slack:U01"), seconds(60), clicked=True)

        assert said == "You have approved plan 42 already. It needs 1 more approval, by somebody else."

    def test_alone_a_click_is_not_enough(self) -> None:
        alone = Needs(others_only=False, typed=True, delay_s=30)
        said = objection(approval(needs=alone), who(ALICE), roster(), seconds(60), clicked=True)

        assert said.endswith("so a click is not enough: read it, then type `approve 42 k7f3`.")

    def test_alone_one_has_to_wait(self) -> None:
        asked = approval(needs=Needs(others_only=False, typed=True, delay_s=30))

        assert objection(asked, who(ALICE), roster(), seconds(4), clicked=False).endswith("in 26 s.")
        assert objection(asked, who(ALICE), roster(), seconds(30), clicked=False) == ""

    def test_somebody_else_may_click_even_so(self) -> None:
        asked = approval(needs=Needs(others_only=False, typed=True, delay_s=30))

        assert objection(asked, who(BOB), roster(), seconds(1), clicked=True) == ""


class TestWhatIsOver:
    def test_a_plan_expires(self) -> None:
        asked = approval()

        assert over(asked, seconds(899)) == ""
        assert over(asked, seconds(1080)) == (
            "Plan 42 expired 3 min ago. Ask for it again: `workers web-1 gunicorn 2`."
        )

    @pytest.mark.parametrize(
        ("phase", "said"),
        [
            (Phase.APPROVED, "Bob approved this 2 s before you; it is about to run."),
            (Phase.RUNNING, "Bob approved this 2 s before you; it is running."),
            (Phase.VERIFIED, "Plan 42 was carried out already. `plan 42` tells what came of it."),
        ],
    )
    def test_who_comes_too_late_is_told_politely(self, phase: Phase, said: str) -> None:
        done = replace(approval(votes=(BOB,)), phase=phase, approved_at=seconds(5))

        assert over(done, seconds(7)) == said

    def test_a_denied_plan_tells_by_whom_and_why(self) -> None:
        denied = replace(
            approval(), phase=Phase.DENIED, denied_by=who(CAROL), verdict="not during the sale", changed_at=AT
        )

        assert over(denied, seconds(60)) == "Carol denied plan 42 1 min before you: not during the sale."

    def test_a_plan_that_is_out_of_date_tells_why(self) -> None:
        changed = replace(approval(), phase=Phase.CHANGED, verdict="It was made from another state.")

        assert over(changed, AT) == (
            "Plan 42 is out of date. It was made from another state."
            " Ask for it again: `workers web-1 gunicorn 2`."
        )

    def test_within_a_second_nobody_was_zero_seconds_faster(self) -> None:
        assert before(AT, seconds(0.4)) == "just before you"
        assert before(AT, seconds(2)) == "2 s before you"
