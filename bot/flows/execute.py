"""What was approved is done: every step once, written down before it begins; and what is true is found out.

A command that was begun is never run again, whatever happened to it: the host is looked at instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.approval import Approval, Done, Measured, Phase
from bot.domain.concealment import concealed
from bot.domain.rule import plain
from bot.domain.verdict import Truth, cut_off, done, is_settled, state, truth
from bot.errors import ConfigError, HostError, Refused, UnknownService
from bot.flows.advance import OvertakenError, advance
from bot.flows.survey import ailing, count_workers, survey
from bot.flows.triage import store_of
from bot.flows.undo import by_itself, planned_again, way_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.domain.plan import Step
    from bot.domain.verdict import Found
    from bot.ports import Ledger, Ports

Change = Callable[[Approval], Approval]

_LOOK_S = 0.5
_SETTLE_S = 20.0
_SETTLE_LOOK_S = 2.0
_LONGEST_SAID = 200
_STOPPED = (HostError, ConfigError)


def claim(ports: Ports) -> tuple[int, ...]:
    """Take what is approved and may begin now, one for each host where nothing runs; returns the numbers.

    They are RUNNING from then on, and belong to whoever called this. What waited for too long, or whose host
    is not configured any more, ends. Nothing is taken where the audit would be lost. Raises StoreError.
    """
    store, at = store_of(ports), ports.now()
    if not ports.lasting:
        return ()
    # Only read: what changes the store wakes whoever calls this.
    waiting = tuple(_claimable(store.approvals(at)))
    return tuple(approval.number for approval in waiting if _begun(ports, approval, at))


def running(ports: Ports) -> tuple[int, ...]:
    """Return the numbers of all that are RUNNING. Raises StoreError."""
    found = store_of(ports).approvals(ports.now())
    return tuple(approval.number for approval in found if approval.phase is Phase.RUNNING)


def _always() -> bool:
    return True


def execute(ports: Ports, number: int, goes_on: Callable[[], bool] = _always) -> None:
    """Do what was claimed, step by step. If what came of it cannot be told now, it stays RUNNING.

    So it does when `goes_on` says no: no further step is taken, and whoever watches next finds out. Raises
    StoreError.
    """
    approval = store_of(ports).approval(number)
    if approval is None or approval.phase is not Phase.RUNNING or approval.steps:
        return
    try:
        _execute(ports, approval, goes_on)
    except OvertakenError:
        return


def find_out(ports: Ports, number: int) -> None:
    """Look what became of one that is RUNNING though nobody is at it. It stays so while its host is silent.

    Raises StoreError.
    """
    approval = store_of(ports).approval(number)
    if approval is None or approval.phase is not Phase.RUNNING:
        return
    try:
        if approval.steps:
            _conclude(ports, approval)
        else:
            _end(
                ports, approval, Phase.INTERRUPTED, "memwarden ended before the first step: nothing was done."
            )
    except OvertakenError:
        return


def _claimable(approvals: Iterable[Approval]) -> Iterator[Approval]:
    known = tuple(approvals)
    busy = {approval.plan.order.host for approval in known if approval.phase is Phase.RUNNING}
    for approval in known:
        host = approval.plan.order.host
        if approval.phase is Phase.APPROVED and host not in busy:
            busy.add(host)
            yield approval


def _begun(ports: Ports, approval: Approval, at: datetime) -> bool:
    """Make it RUNNING; False if it ends instead or somebody else has it."""
    waited = timedelta(seconds=ports.config.remediation.expires_s)
    host = approval.plan.order.host
    try:
        if all(each.name != host for each in ports.config.hosts):
            _end(ports, approval, Phase.FAILED, f"{host} is not configured any more: nothing was done.")
            return False
        if at - (approval.approved_at or approval.asked_at) > waited:
            _end(ports, approval, Phase.EXPIRED, "It was approved, but not begun in time: nothing was done.")
            return False
        advance(
            ports,
            approval,
            lambda found: replace(found, phase=Phase.RUNNING, began_at=at, verdict=""),
            what=f"start: {approval.plan.title}",
            besides=_alone,
        )
    except OvertakenError:
        return False
    return True


def _alone(ledger: Ledger, begun: Approval) -> None:
    """Raise OvertakenError if anything else runs on this host."""
    host = begun.plan.order.host
    others = (each for each in ledger.open_approvals() if each.number != begun.number)
    if any(each.phase is Phase.RUNNING and each.plan.order.host == host for each in others):
        raise OvertakenError


def _execute(ports: Ports, approval: Approval, goes_on: Callable[[], bool]) -> None:
    plan = approval.plan
    if not plan.steps:
        _end(ports, approval, Phase.FAILED, "The plan has no steps: nothing was done.")
        return
    try:
        objection = _objection(ports, approval)
        before = survey(ports, plan, deep=True)
    except LookupError:
        _end(
            ports, approval, Phase.FAILED, f"{plan.order.host} is not configured any more: nothing was done."
        )
        return
    except _STOPPED as error:
        _end(ports, approval, Phase.FAILED, f"Nothing was done: {error}")
        return
    if before.fits(plan.origin) is False:
        objection = f"{plan.unit} has changed since it was approved ({state(before, plan.origin)})."
    if objection:
        sentence = f"Nothing was done: {objection} Ask again: `{plan.words}`."
        _end(ports, approval, Phase.CHANGED, sentence)
        return
    if before.fits(plan.origin) is None:
        sentence = f"Nothing was done: how {plan.unit} is now cannot be told"
        _end(ports, approval, Phase.FAILED, f"{sentence} ({state(before, plan.origin)}).")
        return
    measured = Measured(before.assessment.available_bytes, None, before.service_bytes, None)
    # What did not run could not be well.
    ill = ailing(ports, plan) if plan.origin.active is not False else ""
    going = replace(approval, measured=measured, ill_before=ill)
    for step in plan.steps:
        if not goes_on():
            return
        going, is_well = _taken(ports, going, step)
        if not is_well:
            break
    _conclude(ports, going)


def _objection(ports: Ports, approval: Approval) -> str:
    """Say why what was approved is not what would be done now; empty where it is.

    It may have waited since for another plan, and the configuration may forbid it by now. Raises HostError,
    ConfigError, LookupError.
    """
    plan = approval.plan
    try:
        fresh = planned_again(ports, approval)
    except (Refused, UnknownService) as error:
        return str(error)
    same = fresh.fingerprint == plan.fingerprint
    return "" if same else f"{plan.unit} has changed since it was approved."


def _taken(ports: Ports, approval: Approval, step: Step) -> tuple[Approval, bool]:
    """Take one step; tell whether the next may follow. Raises OvertakenError, StoreError."""
    begun = Done(ports.now())
    going = advance(
        ports,
        approval,
        lambda found: replace(
            found, measured=approval.measured, ill_before=approval.ill_before, steps=(*found.steps, begun)
        ),
        what=f"begin {_place(approval, len(approval.steps) + 1)}: {' '.join(step.argv)}",
        result="begun",
    )
    shell = ports.hosts.shell(approval.plan.order.host)
    try:
        answer = shell.run(step.argv, timeout_s=step.timeout_s, apart=True)
        problem = ""
        if answer.status != 0:
            problem = f"it ended with status {answer.status}{_said(answer.stderr)}"
        elif step.prints is not None and answer.stdout != step.prints.encode("utf-8", "surrogateescape"):
            problem = "it printed something else than what was approved"
        elif step.workers is not None:
            problem = _awaited(ports, approval, step, step.workers)
    except (*_STOPPED, LookupError) as error:
        return _noted(ports, going, step, replace(begun, note=str(error))), False
    ended = replace(begun, ended_at=ports.now(), status=answer.status, note=problem)
    return _noted(ports, going, step, ended), not problem


def _noted(ports: Ports, going: Approval, step: Step, last: Done) -> Approval:
    """Write down what came of the last step; one without an end is still in doubt."""
    place = _place(going, len(going.steps))
    change: Change = lambda found: replace(found, steps=(*found.steps[:-1], last))  # noqa: E731 - one line says it
    return advance(ports, going, change, what=f"{place}: {' '.join(step.argv)}", result=last.note or "done")


def _place(approval: Approval, number: int) -> str:
    return f"step {number} of {len(approval.plan.steps)}"


def _said(stderr: bytes) -> str:
    """Return the last line that a command complained with."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return f": {plain(concealed(lines[-1].strip()), _LONGEST_SAID)}" if lines else ""


def _awaited(ports: Ports, approval: Approval, step: Step, wanted: int) -> str:
    """Wait until there are so many workers; return what is wrong if that takes too long."""
    until = ports.now() + timedelta(seconds=step.settle_s)
    found = None
    for _ in range(max(1, math.ceil(step.settle_s / _LOOK_S))):
        found = count_workers(ports, approval.plan)
        if found == wanted or ports.now() >= until:
            break
        ports.pause(_LOOK_S)
    if found == wanted:
        return ""
    there = "an unknown number of" if found is None else found
    return f"there are {there} workers {step.settle_s:g} s later, not {wanted}"


def _conclude(ports: Ports, approval: Approval) -> None:
    """Find out what is true on the host, and say it. It stays RUNNING while the host is silent."""
    plan = approval.plan
    why = _why(approval)
    try:
        found = _settled(ports, approval)
    except LookupError:
        sentence = f"{why or 'All steps were taken.'} {plan.order.host} is not configured any more:"
        _end(ports, approval, Phase.INTERRUPTED, f"{sentence} what is true there is not known.")
        return
    except _STOPPED:
        _wait(ports, approval, why)
        return
    told = truth(found, plan.goal, plan.origin, approval.steps[0].began_at)
    if told is Truth.REACHED or (not why and found.fits(plan.goal) is not False):
        _watch(ports, approval, found, cut_off(approval, found, told, why) if why else "")
    elif not why:
        sentence = f"All steps were taken, but {plan.unit} is not as it should be: {state(found, plan.goal)}."
        _end_badly(ports, approval, Phase.NOT_HELPED, sentence, found)
    else:
        phase = (
            Phase.INTERRUPTED if approval.steps[-1].ended_at is None or _is_well(approval) else Phase.FAILED
        )
        sentence = cut_off(approval, found, told, why)
        if told is Truth.NEITHER:
            _end_badly(ports, approval, phase, sentence, found)
        else:
            _end(ports, approval, phase, sentence, untouched=told is Truth.ORIGIN)


def _is_well(approval: Approval) -> bool:
    """Tell whether all steps that were begun have ended as they should."""
    return all(step.ended_at is not None and not step.note for step in approval.steps)


def _why(approval: Approval) -> str:
    """Say why it did not go on; nothing where all steps were taken."""
    count, last = len(approval.plan.steps), approval.steps[-1]
    place = f"tep {len(approval.steps)} of {count}"
    if _is_well(approval):
        return "" if len(approval.steps) == count else f"memwarden ended after s{place}"
    if last.ended_at is not None:
        return f"S{place} failed: {last.note}"
    return (
        f"S{place} was cut off: {last.note.rstrip('.')}" if last.note else f"memwarden ended during s{place}"
    )


def _settled(ports: Ports, approval: Approval) -> Found:
    """Look until it is as it should be and two looks agree on what is available, or that takes too long.

    A command that was cut off may still be at work on the host. Raises HostError, ConfigError, LookupError.
    """
    plan, last = approval.plan, approval.steps[-1]
    step = plan.steps[len(approval.steps) - 1]
    in_doubt = last.ended_at is None
    if not in_doubt and (last.note or len(approval.steps) < len(plan.steps)):
        return survey(ports, plan, deep=True)
    left_s = max(step.timeout_s, step.settle_s) - (ports.now() - last.began_at).total_seconds()
    patience_s = (
        min(max(left_s, 2 * _SETTLE_LOOK_S), max(step.settle_s, _SETTLE_S)) if in_doubt else _SETTLE_S
    )
    before, found = None, survey(ports, plan)
    for _ in range(math.ceil(patience_s / _SETTLE_LOOK_S)):
        told = truth(found, plan.goal, plan.origin, approval.steps[0].began_at)
        if told is Truth.REACHED and before is not None and is_settled(before, found):
            break
        ports.pause(_SETTLE_LOOK_S)
        before, found = found, survey(ports, plan)
    return survey(ports, plan, deep=True)


def _watch(ports: Ports, approval: Approval, found: Found, cut: str) -> None:
    """It is done: it is looked after from now on."""
    at = ports.now()
    before = approval.measured
    measured = replace(
        before or Measured(None, None, None, None),
        available_after_bytes=found.assessment.available_bytes,
        service_after_bytes=found.service_bytes,
    )
    until = at + timedelta(seconds=ports.config.remediation.watch_s)
    ended = replace(approval, phase=Phase.WATCHED, ended_at=at, measured=measured, watch_until=until)
    sentence = done(ended, found)
    verdict = f"{cut} {sentence[0].upper()}{sentence[1:]}" if cut else sentence

    def change(now: Approval) -> Approval:
        return replace(
            now, phase=Phase.WATCHED, ended_at=at, measured=measured, watch_until=until, verdict=verdict
        )

    advance(ports, approval, change, what="done", note=verdict)


def _wait(ports: Ports, approval: Approval, why: str) -> None:
    """Say, once, that nobody knows what is true now."""
    host = approval.plan.order.host
    sentence = (
        f"{why or 'All steps were taken'}. {host} does not answer: as soon as it does, it is looked at."
    )
    if approval.verdict != sentence:
        advance(
            ports, approval, lambda found: replace(found, verdict=sentence), what="in doubt", note=sentence
        )


def _end(ports: Ports, approval: Approval, phase: Phase, sentence: str, *, untouched: bool = False) -> None:
    change = _over(ports, phase, sentence, untouched=untouched)
    advance(ports, approval, change, what=phase.value, note=sentence)


def _end_badly(ports: Ports, approval: Approval, phase: Phase, sentence: str, found: Found) -> None:
    """End it, and take it back by itself where the configuration says so and there is a way."""
    besides = None
    if ports.config.remediation.undo_unhealthy:
        besides = taking_back(ports, approval, found)
    advance(ports, approval, _over(ports, phase, sentence), what=phase.value, note=sentence, besides=besides)


def _over(ports: Ports, phase: Phase, sentence: str, *, untouched: bool = False) -> Change:
    at = ports.now()
    return lambda found: replace(found, phase=phase, ended_at=at, verdict=sentence, untouched=untouched)


def taking_back(ports: Ports, approval: Approval, found: Found) -> Callable[[Ledger, Approval], None] | None:
    """Return what has it taken back within a transaction; None where there is no way."""
    try:
        plan = way_back(ports, approval, found)
    except Refused:
        return None
    return lambda ledger, now: by_itself(ledger, ports, now, plan)
