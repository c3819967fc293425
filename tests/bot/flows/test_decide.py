"""Deciding: the yes, its line in the audit and the card are one transaction, or nothing is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.approval import Approval, Phase
from bot.domain.plan import Order
from bot.errors import Refused, StoreError
from bot.flows.ask import ask
from bot.flows.decide import approve, deny, expire
from bot.flows.execute import claim
from bot.flows.undo import undo
from bot.message import Request
from bot.outbox import Part
from tests.conversations.approvals import ALICE, BOB, CAROL, DAVE, PEOPLE, Approvals

if TYPE_CHECKING:
    from bot.domain.people import Person

FEWER = Order("set_workers", "web-1", "gunicorn", count=2)


@pytest.fixture
def ops() -> Approvals:
    """Alice asked for fewer workers, and everybody was told."""
    ops = Approvals()
    ask(ops.ports, FEWER, ALICE)
    ops.said()
    return ops


def yes(ops: Approvals, who: Person, number: int = 1) -> Approval:
    return approve(ops.ports, number, ops.approval(number).code, Request(who, "", clicked=True))


def test_a_yes_is_said_on_the_card_and_in_its_thread(ops: Approvals) -> None:
    approved = yes(ops, BOB)

    assert (approved.phase, approved.approved_at) == (Phase.APPROVED, ops.clock())
    card, note = ops.said()
    assert (card.part, note.part) == (Part.CARD, Part.NOTE)
    assert note.message.headline == "Plan 1 on web-1: approved by Bob"


def test_what_was_approved_is_what_was_shown(ops: Approvals) -> None:
    shown = ops.approval(1).plan

    assert yes(ops, BOB).plan == shown


def test_a_yes_that_cannot_be_kept_is_none(ops: Approvals) -> None:
    def full(_argv: tuple[str, ...]) -> None:
        ops.store.fails(StoreError("The disk is full."))

    ops.machine.before = full
    with pytest.raises(StoreError):
        yes(ops, BOB)

    ops.store.fails(None)
    assert ops.approval(1).phase is Phase.ASKED
    assert ops.said() == []


def test_a_yes_after_the_last_is_counted_on_the_card(ops: Approvals) -> None:
    with ops.store.changing() as ledger:
        asked = ops.approval(1)
        ledger.save_approval(replace(asked, needs=replace(asked.needs, quorum=2)))

    assert yes(ops, BOB).phase is Phase.ASKED
    assert [outgoing.message.headline for outgoing in ops.said()][-1] == (
        "Plan 1 on web-1: approved by Bob, 1 more needed"
    )
    assert ops.audit()[-1] == "slack:U02 | approved plan 1 | 1 more needed"


def test_the_deciding_yes_is_in_the_audit_before_anybody_looks(ops: Approvals) -> None:
    seen: list[list[str]] = []
    ops.machine.before = lambda _argv: seen.append(ops.audit())

    yes(ops, BOB)

    checking = "memwarden | slack:U02 approves plan 1 | it is being checked whether all is still as it was"
    assert seen[0][-1] == checking


def test_a_yes_of_who_may_not_approve_any_more_does_not_count(ops: Approvals) -> None:
    ops.use(more="[remediation]\nquorum = 2")
    yes(ops, BOB)
    ops.use(PEOPLE.replace('"slack:U02", ', ""), more="[remediation]\nquorum = 2")

    voted = yes(ops, CAROL)

    assert (voted.phase, len(voted.votes)) == (Phase.ASKED, 2)
    assert ops.audit()[-1] == "discord:3 | approved plan 1 | 1 more needed"


def test_what_takes_more_since_it_was_asked_for_takes_more(ops: Approvals) -> None:
    ops.use(more="[remediation]\nquorum = 2")

    assert yes(ops, BOB).phase is Phase.ASKED
    assert yes(ops, CAROL).phase is Phase.APPROVED


def test_what_takes_less_since_it_was_asked_for_takes_what_its_card_says(ops: Approvals) -> None:
    ops.use(more="[remediation]\nfour_eyes = false")

    with pytest.raises(Refused, match="You asked for plan 1 yourself: another approver"):
        yes(ops, ALICE)


def test_one_who_is_not_alone_any_more_does_not_approve_his_own(ops: Approvals) -> None:
    ops.use(PEOPLE.replace('"slack:U02", "discord:3", ', ""))
    asked = ask(ops.ports, Order("stop_service", "web-1", "daphne"), ALICE)
    ops.use()
    ops.time_passes(minutes=1)

    with pytest.raises(Refused, match="another approver has to approve it"):
        approve(ops.ports, asked.number, asked.code, Request(ALICE, ""))


def test_a_plan_that_expires_while_it_is_looked_at_is_not_approved(ops: Approvals) -> None:
    ops.time_passes(minutes=14, seconds=59)

    def slow(_argv: tuple[str, ...]) -> None:
        ops.machine.before = lambda _argv: None
        ops.time_passes(seconds=5)

    ops.machine.before = slow
    with pytest.raises(Refused, match="Plan 1 expired 4 s ago"):
        yes(ops, BOB)

    assert ops.approval(1).phase is Phase.ASKED


def test_a_clock_that_was_set_back_blocks_nobody(ops: Approvals) -> None:
    def ends_here(_argv: tuple[str, ...]) -> None:
        raise KeyboardInterrupt

    ops.machine.before = ends_here
    with pytest.raises(KeyboardInterrupt):
        yes(ops, BOB)
    ops.machine.before = lambda _argv: None
    ops.time_passes(minutes=-30)

    assert yes(ops, CAROL).phase is Phase.APPROVED


def test_what_was_approved_can_be_denied_until_it_begins(ops: Approvals) -> None:
    yes(ops, BOB)

    denied = deny(ops.ports, 1, "the sale", Request(CAROL, ""))

    assert (denied.phase, ops.approval(1).phase) == (Phase.DENIED, Phase.DENIED)


def test_what_was_begun_cannot_be_denied(ops: Approvals) -> None:
    yes(ops, BOB)
    claim(ops.ports)

    with pytest.raises(Refused, match="it is running"):
        deny(ops.ports, 1, "", Request(CAROL, ""))


def test_a_no_is_final(ops: Approvals) -> None:
    denied = deny(ops.ports, 1, "", Request(CAROL, ""))

    assert (denied.phase, denied.denied_by and denied.denied_by.entry) == (Phase.DENIED, "discord:3")
    with pytest.raises(Refused, match="Carol denied plan 1 just before you"):
        yes(ops, BOB)
    with pytest.raises(Refused, match="Carol denied plan 1 just before you"):
        deny(ops.ports, 1, "", Request(BOB, ""))


def test_time_runs_out_for_what_waits_alone(ops: Approvals) -> None:
    ask(ops.ports, Order("stop_service", "web-1", "daphne"), DAVE)
    yes(ops, BOB)
    ops.time_passes(hours=1)

    expire(ops.ports)

    assert [ops.approval(number).phase for number in (1, 2)] == [Phase.APPROVED, Phase.EXPIRED]


def test_where_nothing_is_remembered_nothing_expires(ops: Approvals) -> None:
    expire(replace(ops.ports, store=None))

    assert ops.approval(1).phase is Phase.ASKED


def test_the_way_back_is_made_anew_too(ops: Approvals) -> None:
    _is_done(ops)
    way_back = undo(ops.ports, 1, Request(ALICE, ""))

    assert yes(ops, ALICE, way_back.number).phase is Phase.APPROVED


def test_the_way_back_is_another_one_as_soon_as_the_host_is(ops: Approvals) -> None:
    _is_done(ops)
    way_back = undo(ops.ports, 1, Request(ALICE, ""))
    ops.machine.gunicorn.workers, ops.machine.gunicorn.ages = 3, [*ops.machine.gunicorn.ages, 990]

    again = yes(ops, ALICE, way_back.number)

    assert (again.phase, again.undoes, again.number) == (Phase.ASKED, 1, way_back.number + 1)
    assert ops.approval(way_back.number).phase is Phase.CHANGED


def _is_done(ops: Approvals) -> None:
    """Let plan 1 have been carried out."""
    gunicorn = ops.machine.gunicorn
    gunicorn.workers, gunicorn.ages = 2, gunicorn.ages[2:]
    with ops.store.changing() as ledger:
        ledger.save_approval(replace(ops.approval(1), phase=Phase.VERIFIED, began_at=ops.clock()))
