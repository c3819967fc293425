"""What was done is taken back: a plan of its own, made from the way back that was shown and approved then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import consent
from bot.domain.approval import Approval, Needs, Phase
from bot.domain.audit import AuditEntry
from bot.domain.consent import MEMWARDEN
from bot.domain.plan import Plan, Saving
from bot.domain.remediation import HELPER
from bot.domain.verdict import state
from bot.errors import Refused, UserError
from bot.flows import plans, progress
from bot.flows.ask import check_can_act
from bot.flows.survey import survey
from bot.flows.triage import store_of

if TYPE_CHECKING:
    from bot.domain.approval import Who
    from bot.domain.plan import Step
    from bot.domain.verdict import Found
    from bot.message import Request
    from bot.ports import Ledger, Ports

_ON_ITS_WAY = frozenset({Phase.ASKED, Phase.APPROVED, Phase.RUNNING})


def undo(ports: Ports, number: int, request: Request) -> Approval:
    """Ask for the way back from an approval: any one approver may say yes to it, who asks too.

    Raises UserError (Refused where there is no way back), HostError, StoreError.
    """
    original = _original(ports, number)
    check_can_act(ports)
    plan = _remade(ports, original)
    who = consent.who(request.person)
    with store_of(ports).changing() as ledger:
        asked = _made(ledger, ports, _undoable(ledger, number), plan, who)
        entry = AuditEntry(
            ports.now(),
            who.entry,
            f"undo plan {number}",
            f"asked as plan {asked.number}",
            plan.order.host,
            asked.number,
            who.name,
        )
        return progress.save(ledger, ports, asked, audited=entry)


def planned_again(ports: Ports, approval: Approval) -> Plan:
    """Make the plan of an approval once more, from how its host is now.

    Raises Refused, UnknownService, HostError, ConfigError.
    """
    if approval.undoes is not None:
        return remade(ports, approval)
    return plans.make(ports, approval.plan.order)


def remade(ports: Ports, approval: Approval) -> Plan:
    """Make the plan of an undo anew, from how the host is now. Raises UserError, HostError."""
    return _remade(ports, _original(ports, approval.undoes or 0))


def by_itself(ledger: Ledger, ports: Ports, original: Approval, plan: Plan) -> None:
    """Have an approval taken back without asking anybody, in this transaction: the configuration says so."""
    if original.undoes is not None or _under_way(ledger, original.number) is not None:
        return
    made = _made(ledger, ports, original, plan, MEMWARDEN)
    at = ports.now()
    approved = replace(made, phase=Phase.APPROVED, approved_at=at, needs=Needs(quorum=0, others_only=False))
    entry = AuditEntry(
        at,
        MEMWARDEN.entry,
        f"undo plan {original.number}",
        f"approved as plan {made.number} by `undo_unhealthy`",
        plan.order.host,
        made.number,
    )
    progress.save(ledger, ports, approved, audited=entry)


def way_back(ports: Ports, original: Approval, found: Found) -> Plan:
    """Return the plan that takes an approval back, from how its host was found. Raises Refused."""
    plan, number = original.plan, original.number
    if not plan.undo:
        raise Refused(f"Plan {number} cannot be undone: {plan.undone}")
    if found.fits(plan.origin):
        now = state(found, plan.origin)
        raise Refused(f"There is nothing to undo of plan {number}: {plan.unit} is as it was ({now}).")
    _refuse_what_others_did(original, found)
    freed = original.measured.freed_bytes if original.measured else None
    # What frees nothing by itself takes nothing back: what was measured then was somebody else's.
    told = plan.saving.expected_bytes if freed is None or plan.saving.expected_bytes == 0 else freed
    basis = f"what plan {number} {'was expected to free' if freed is None else 'freed'}"
    steps = tuple(step for step in plan.undo if _is_due(step, plan, found))
    if not steps:
        raise Refused(
            f"There is nothing to undo of plan {number}: {plan.unit} has {state(found, plan.origin)}."
        )
    origin = found.as_goal(plan.origin)
    return Plan(
        order=plan.order,
        unit=plan.unit,
        title=f"undo plan {number} ({plan.title})",
        words=f"undo {number}",
        steps=steps,
        undo=(),
        goal=plan.origin,
        origin=origin,
        saving=Saving(None if told is None else -told, basis, exact=False),
        # Also of what was temporary: from then on all goes as it went before.
        lasting=True,
        lasts=f"all is as if plan {number} had never been, also after a restart",
        at_once="",
        undone=f"ask for the same again: `{plan.words}`",
        basis=(f"plan {number}", repr(origin)),
        made_at=ports.now(),
        available_bytes=found.assessment.available_bytes,
        total_bytes=found.assessment.total_bytes,
        thresholds=plan.thresholds,
        side_effects=tuple(
            f"requests are dropped while {plan.unit} restarts" for step in steps if "restart" in step.argv
        ),
    )


def _remade(ports: Ports, original: Approval) -> Plan:
    if not original.can_be_undone:
        raise _no_way_back(original)
    try:
        found = survey(ports, original.plan)
    except LookupError as error:
        host = original.plan.order.host
        raise Refused(f"{host} is not configured any more: nothing can be done there.") from error
    return way_back(ports, original, found)


def _is_due(step: Step, plan: Plan, found: Found) -> bool:
    """Tell whether a step of the way back is still to be done: a plan may have been cut off half-way."""
    files = dict(found.files)
    if HELPER in step.argv and plan.origin.files:
        return any(files.get(path, "") != content for path, content in plan.origin.files)
    if step.workers is None or found.workers is None or plan.origin.workers is None:
        return True
    if found.workers < plan.origin.workers:
        return found.workers < step.workers
    return found.workers > plan.origin.workers and found.workers > step.workers


def _refuse_what_others_did(original: Approval, found: Found) -> None:
    """Refuse to overwrite a file, or to count workers, that somebody else has changed since."""
    plan, number = original.plan, original.number
    by_hand = "\n".join((" ".join(step.argv)) for step in plan.undo)
    before = dict(plan.origin.files)
    goal = dict(plan.goal.files)
    for path, content in found.files:
        if _wrote_otherwise(original):
            break
        if content not in {goal.get(path), before.get(path)}:
            raise Refused(
                f"Plan {number} is not undone: somebody has changed {path} since."
                f" By hand it would be:\n{by_hand}"
            )
    bounds = (plan.origin.workers, plan.goal.workers)
    if found.workers is not None and None not in bounds and found.active:
        low, high = sorted(bound for bound in bounds if bound is not None)
        if not low <= found.workers <= high:
            raise Refused(
                f"Plan {number} is not undone: {plan.unit} has {found.workers} workers now; somebody else"
                f" made that. By hand it would be:\n{by_hand}"
            )


def _wrote_otherwise(original: Approval) -> bool:
    """Tell whether it stopped because our own file was not what was approved: the unit had changed."""
    taken = zip(original.plan.steps, original.steps, strict=False)
    return any(step.prints is not None and done.status == 0 and done.note for step, done in taken)


def _made(ledger: Ledger, ports: Ports, original: Approval, plan: Plan, who: Who) -> Approval:
    at = ports.now()
    return Approval(
        number=ledger.next_number("plan"),
        code=ports.new_code(),
        plan=plan,
        needs=Needs(quorum=1, others_only=False),
        asked_by=who,
        asked_at=at,
        expires_at=at + timedelta(seconds=ports.config.remediation.expires_s),
        phase=Phase.ASKED,
        changed_at=at,
        destinations=original.destinations,
        incident=original.incident,
        undoes=original.number,
    )


def _original(ports: Ports, number: int) -> Approval:
    original = store_of(ports).approval(number)
    if original is None:
        raise UserError(f"There is no plan {number}. `plans` lists them.")
    return original


def _undoable(ledger: Ledger, number: int) -> Approval:
    original = ledger.approval(number)
    if original is None or not original.can_be_undone:
        raise Refused(f"Plan {number} cannot be undone any more: see `plan {number}`.")
    under_way = _under_way(ledger, number)
    if under_way is not None:
        raise Refused(
            f"Plan {under_way.number} is to undo plan {number} already: see `plan {under_way.number}`."
        )
    return original


def _under_way(ledger: Ledger, number: int) -> Approval | None:
    found = (each for each in ledger.open_approvals() if each.undoes == number and each.phase in _ON_ITS_WAY)
    return next(found, None)


def _no_way_back(original: Approval) -> Refused:
    number = original.number
    if original.phase is Phase.UNDONE:
        return Refused(f"Plan {number} was undone already, by plan {original.undone_by}.")
    if original.phase in _ON_ITS_WAY or not original.began_at:
        return Refused(f"There is nothing to undo of plan {number}: it is {original.phase.value}.")
    return Refused(f"Plan {number} cannot be undone: {original.plan.undone}")
