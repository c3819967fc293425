"""Whatever is denied gets a polite answer that only the asking person sees, and a line in the audit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bot.domain.approval import Phase
from bot.flows.execute import claim
from tests.conversations.approvals import (
    ALICE,
    ALICE_ON_DISCORD,
    BOB,
    CAROL,
    DAVE,
    HOST,
    PEOPLE,
    SOLO,
    VERA,
    Approvals,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.audit import AuditEntry
    from bot.domain.people import Person

APPROVE, DENY, ASK = "approve 1 k001", "deny 1", "workers web-1 gunicorn 2"
FORBIDDEN = f'{HOST}[host.services.gunicorn]\nforbid = ["set_workers"]'
NOBODY = '[people]\nviewers = ["*"]\noperators = ["slack:U04"]'


def asked(ops: Approvals) -> None:
    ops.ask(ALICE)


def nothing(_ops: Approvals) -> None:
    """Nothing was asked for."""


def expired(ops: Approvals) -> None:
    ops.ask(ALICE)
    ops.time_passes(minutes=16)


def approved(ops: Approvals) -> None:
    ops.ask(ALICE)
    ops.approve(BOB, 1)
    ops.time_passes(seconds=2)


def carried_out(ops: Approvals) -> None:
    approved(ops)
    with ops.store.changing() as ledger:
        ledger.save_approval(replace(ops.approval(1), phase=Phase.VERIFIED))


def denied(ops: Approvals) -> None:
    ops.ask(ALICE)
    ops.say(CAROL, DENY)


def replaced(ops: Approvals) -> None:
    ops.ask(ALICE)
    ops.machine.gunicorn.workers, ops.machine.gunicorn.ages = 3, ops.machine.gunicorn.ages[:3]
    ops.approve(BOB, 1)


def done_already(ops: Approvals) -> None:
    ops.ask(ALICE)
    ops.machine.gunicorn.workers, ops.machine.gunicorn.ages = 2, ops.machine.gunicorn.ages[:2]


def forbidden(ops: Approvals) -> None:
    ops.ask(ALICE)
    ops.use(host=FORBIDDEN)


def by_nobody(ops: Approvals) -> None:
    ops.use(people=NOBODY)


def alone(ops: Approvals) -> None:
    ops.use(people=SOLO)
    ops.ask(ALICE)


def voted(ops: Approvals) -> None:
    ops.use(PEOPLE, "[remediation]\nquorum = 2")
    ops.ask(DAVE)
    ops.approve(BOB, 1)


def without_a_database(ops: Approvals) -> None:
    ops.ask(ALICE)
    ops.passes()


def carried_out_without_one(ops: Approvals) -> None:
    carried_out(ops)
    ops.passes()


class Denied(NamedTuple):
    """What was before, who says or clicks what then, and how the answer begins."""

    before: Callable[[Approvals], None]
    who: Person
    words: str
    answer: str
    plan: int | None = 1


KINDS = {
    "wrong role, asking": Denied(nothing, VERA, ASK, "Only operators may do that: you need the role", None),
    "wrong role, approving": Denied(asked, DAVE, APPROVE, "Only approvers may do that: you need the role"),
    "wrong role, denying": Denied(asked, VERA, DENY, "Only approvers may do that: you need the role"),
    "wrong role, undoing": Denied(carried_out, DAVE, "undo 1", "Only approvers may do that: you need"),
    "self-approval": Denied(asked, ALICE, APPROVE, "You asked for plan 1 yourself: another approver has to"),
    "self-approval from another platform": Denied(
        asked, ALICE_ON_DISCORD, APPROVE, "You asked for plan 1 yourself: another approver has to approve it."
    ),
    "alone, by a click": Denied(alone, ALICE, APPROVE, "You asked for plan 1 yourself, so a click is not"),
    "two votes of one person": Denied(
        voted, BOB, APPROVE, "You have approved plan 1 already. It needs 1 more"
    ),
    "expired": Denied(expired, BOB, APPROVE, "Plan 1 expired 1 min ago. Ask for it again:"),
    "expired, denying": Denied(expired, BOB, DENY, "Plan 1 expired 1 min ago. Ask for it again:"),
    "second click": Denied(approved, CAROL, APPROVE, "Bob approved this 2 s before you; it is about to run."),
    "one's own second click": Denied(approved, BOB, APPROVE, "Bob approved this 2 s before you; it is about"),
    "replayed when it was carried out": Denied(carried_out, BOB, APPROVE, "Plan 1 was carried out already."),
    "replayed when it was denied": Denied(denied, BOB, APPROVE, "Carol denied plan 1 just before you."),
    "replayed when another took its place": Denied(replaced, BOB, APPROVE, "Plan 1 is out of date."),
    "the code of another plan": Denied(replaced, BOB, "approve 2 k001", "That is not the code of plan 2", 2),
    "changed, and done already": Denied(done_already, BOB, APPROVE, "Plan 1 is not carried out, for all has"),
    "changed, and forbidden by now": Denied(
        forbidden, BOB, APPROVE, "Plan 1 is not carried out, for all has"
    ),
    "essential": Denied(nothing, DAVE, "stop web-1 ssh", "`ssh` is essential, so memwarden does not", None),
    "essential, by its unit": Denied(
        nothing, DAVE, "restart web-1 systemd-journald.service", "`systemd-journald` is essential", None
    ),
    "forbidden": Denied(forbidden, DAVE, ASK, "set_workers is forbidden for `gunicorn` on web-1", None),
    "too much": Denied(
        nothing, DAVE, "workers web-1 gunicorn 17", "At most 16 workers can be asked for", None
    ),
    "busy": Denied(approved, DAVE, "stop web-1 daphne", "Plan 1 (gunicorn 4 -> 2 workers) is about to", None),
    "read-only": Denied(by_nobody, DAVE, ASK, "memwarden is read-only here: nobody may approve.", None),
    "no database, asking": Denied(without_a_database, DAVE, ASK, "The database cannot be used, so the", None),
    "no database, approving": Denied(without_a_database, BOB, APPROVE, "The database cannot be used, so the"),
    "no database, denying": Denied(without_a_database, BOB, DENY, "The database cannot be used, so the"),
    "no database, undoing": Denied(carried_out_without_one, BOB, "undo 1", "The database cannot be used, so"),
    "no such plan": Denied(nothing, BOB, "approve 7 k001", "There is no plan 7. `plans` lists those", 7),
    "no such host": Denied(
        nothing, DAVE, "stop web-9 daphne", "There is no host `web-9`. Did you mean", None
    ),
    "no such service": Denied(nothing, DAVE, "stop web-1 nginxx", "web-1 has no service `nginxx`", None),
    "injected host": Denied(
        nothing, DAVE, "stop web-1;reboot daphne", "There is no host `web-1;reboot`", None
    ),
    "injected service": Denied(
        nothing, DAVE, "stop web-1 $(reboot)", "web-1 has no service `$(reboot)`", None
    ),
    "injected count": Denied(
        nothing, DAVE, "workers web-1 gunicorn 2;reboot", "`2;reboot` is not a number", None
    ),
    "injected code": Denied(
        asked, BOB, "approve 1 $(reboot)", "`$(reboot)` cannot be `code`: write the", None
    ),
    "unreadable": Denied(asked, BOB, 'deny 1 "; reboot', 'The quote at `"; reboot` has no end', None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_denied_is_answered_and_audited_and_not_done(kind: str) -> None:
    before, who, words, answer, plan = KINDS[kind]
    ops = Approvals()
    before(ops)
    written, phases = len(ops.audit(99)), [each.phase for each in ops.store.approvals(ops.clock())]

    said = ops.say(who, words, clicked=True)

    assert said.headline.startswith(answer)
    assert (said.refusal, said.private) == (True, True)
    entry = by(who, ops)
    assert entry.what == words
    assert entry.result == f"refused: {said.headline}"[:200]
    assert (entry.at, entry.name, entry.plan) == (ops.clock(), who.name, plan)
    assert entry.host == ("web-1" if " web-1 " in words or (plan and ops.store.approval(plan)) else "")
    assert len(ops.audit(99)) == written + (3 if kind.startswith("changed") else 1)
    assert ops.machine.ran == []
    if not kind.startswith("changed"):
        assert [each.phase for each in ops.store.approvals(ops.clock())] == phases


def by(who: Person, ops: Approvals) -> AuditEntry:
    """Return the newest line of a person."""
    entries = (link.entry for link in ops.store.audited(9))
    return next(entry for entry in entries if entry.who == f"{who.platform}:{who.id}")


def test_a_plan_that_is_another_by_now_is_answered_with_that_and_audited() -> None:
    ops = Approvals()
    replaced(ops)

    was = (
        "It was made from a gunicorn.service that has changed since (3 workers now). Plan 2 takes its place."
    )
    proof = f"fingerprint {ops.approval(2).plan.fingerprint}"
    assert ops.audit()[2:] == [
        f"memwarden | plan 1 is out of date | {was}",
        f"memwarden | asked for plan 2: gunicorn 3 -> 2 workers | waits for approval, {proof}",
        f"slack:U02 | approve 1 k001 | Plan 1 is out of date. {was}",
    ]
    assert ops.machine.ran == []


def test_what_was_approved_is_not_begun_where_the_audit_would_be_lost() -> None:
    ops = Approvals()
    approved(ops)

    ops.passes()

    assert claim(ops.ports) == ()
    assert ops.approval(1).phase is Phase.APPROVED


def test_where_the_audit_would_be_lost_no_button_offers_a_change_either() -> None:
    ops = Approvals(more="[thresholds]\ngood = 90\nacceptable = 80\nwarning = 70")
    before = [button.label for button in ops.say(ALICE, "report web-1").buttons]
    ops.passes()
    after = [button.label for button in ops.say(ALICE, "report web-1").buttons]

    assert [label for label in before if label not in after] == ["Fix: 4 -> 2 workers", "Stop daphne"]
