"""What was done is looked after: whether it stays done, is well, and really brought what was expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.approval import Approval, Phase
from bot.domain.verdict import freed_enough, held, memory, saving, state
from bot.errors import ConfigError, HostError
from bot.flows.advance import OvertakenError, advance
from bot.flows.execute import taking_back
from bot.flows.survey import ailing, survey
from bot.flows.triage import store_of
from bot.views.story import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.approval import Measured
    from bot.domain.verdict import Found
    from bot.ports import Ports

_TRIES = 3
_AGAIN_S = 2.0
_REMEMBERED = timedelta(days=30)
# A service's start is told to the second, and by another clock than ours.
_LEEWAY = timedelta(seconds=10)
_GONE = "It was temporary"


def verify(ports: Ports) -> None:
    """Look after all that is WATCHED; to be called every few seconds. Raises StoreError."""
    store, at = store_of(ports), ports.now()
    watched = [each for each in store.approvals(at) if each.phase is Phase.WATCHED]
    if not watched:
        return
    known = store.approvals(min(each.began_at or each.asked_at for each in watched))

    def one(approval: Approval) -> None:
        try:
            _verify(ports, approval, known)
        except OvertakenError:
            return

    ports.each(one, watched)


def remind(ports: Ports) -> None:
    """Say once of what was temporary that it is over; to be called every few minutes. Raises StoreError.

    That a service began anew is known from the checks: the host is only asked when it did.
    """
    store, at = store_of(ports), ports.now()
    known = store.approvals(at - _REMEMBERED)
    for approval in known:
        if approval.phase is not Phase.VERIFIED or approval.plan.lasting or _GONE in approval.verdict:
            continue
        if approval.undoes is not None or any(
            _is_about_the_same(each, approval) and each.steps and _began_after(each, approval)
            for each in known
        ):
            continue
        seen = store.state(approval.plan.order.host)
        since = (approval.ended_at or at) + _LEEWAY
        if seen and any(each.unit == approval.plan.unit and each.at > since for each in seen.starts):
            _remind(ports, approval)


def _verify(ports: Ports, approval: Approval, known: Iterable[Approval]) -> None:
    plan = approval.plan
    beside = [each for each in known if each.number != approval.number and _is_about_the_same(each, approval)]
    if any(each.phase is Phase.RUNNING for each in beside) or any(
        each.undoes == approval.number and each.phase is Phase.APPROVED for each in beside
    ):
        return
    later = [each.number for each in beside if each.steps and _began_after(each, approval)]
    if later:
        _end(ports, approval, Phase.VERIFIED, f"{approval.verdict}; plan {later[-1]} has changed it since")
        return
    try:
        found, trouble = _looked(ports, approval)
    except LookupError:
        host = plan.order.host
        _end(ports, approval, Phase.INTERRUPTED, f"{host} is not configured any more: nobody looks after it.")
        return
    except (HostError, ConfigError):
        # What is true there is said when it answers again, and not guessed.
        return
    if trouble:
        _not_helped(ports, approval, found, trouble, approval.measured)
    elif approval.watch_until is None or ports.now() >= approval.watch_until:
        _judge(ports, approval)


def _is_about_the_same(one: Approval, other: Approval) -> bool:
    return (one.plan.order.host, one.plan.unit) == (other.plan.order.host, other.plan.unit)


def _began_after(one: Approval, other: Approval) -> bool:
    return one.began_at is not None and other.began_at is not None and one.began_at > other.began_at


def _looked(ports: Ports, approval: Approval) -> tuple[Found, str]:
    """Look how it is and return what is wrong, if it is wrong every time: workers come and go.

    Raises HostError, ConfigError, LookupError.
    """
    found = survey(ports, approval.plan)
    trouble = _trouble(ports, approval, found)
    for _ in range(_TRIES - 1):
        if not trouble:
            break
        ports.pause(_AGAIN_S)
        found = survey(ports, approval.plan)
        trouble = _trouble(ports, approval, found)
    return found, trouble


def _trouble(ports: Ports, approval: Approval, found: Found) -> str:
    plan = approval.plan
    if found.fits(plan.goal) is False:
        return f"{plan.unit} did not stay as it should be: {state(found, plan.goal)}"
    # Nobody expects an answer of what was stopped, nor that this heals what was ill before.
    if plan.goal.active is False or approval.ill_before:
        return ""
    return ailing(ports, plan)


def _not_helped(
    ports: Ports, approval: Approval, found: Found, trouble: str, measured: Measured | None
) -> None:
    besides = taking_back(ports, approval, found) if ports.config.remediation.undo_unhealthy else None
    after = " It is taken back." if besides else ""
    offered = f" `undo {approval.number}` takes it back." if approval.can_be_undone and not besides else ""
    sentence = f"Not helped: {trouble}.{after or offered}"
    advance(
        ports,
        approval,
        lambda now: replace(now, phase=Phase.NOT_HELPED, measured=measured, verdict=sentence),
        what=Phase.NOT_HELPED.value,
        note=sentence,
        besides=besides,
    )


def _judge(ports: Ports, approval: Approval) -> None:
    """At the end of the watch: measure once more, exactly, and say whether it helped."""
    plan = approval.plan
    try:
        found = survey(ports, plan, deep=True)
    except (HostError, ConfigError, LookupError):
        return
    if found.fits(plan.goal) is False:
        return
    if found.fits(plan.goal) is None:
        _give_up(ports, approval, found)
        return
    measured = approval.measured
    if measured is not None:
        measured = replace(
            measured,
            available_after_bytes=found.assessment.available_bytes,
            service_after_bytes=found.service_bytes,
        )
    if not freed_enough(replace(approval, measured=measured)):
        _not_helped(ports, approval, found, saving(measured, plan.saving.expected_bytes), measured)
        return
    if measured is not None and approval.measured is not None:
        # What others took or gave back of the host meanwhile says nothing of this plan.
        measured = replace(measured, available_after_bytes=approval.measured.available_after_bytes)
    lasts = "" if plan.lasting else f" Temporary: {plan.lasts}."
    lasts += f" Before it was done: {approval.ill_before}." if approval.ill_before else ""
    brought = (saving(measured, plan.saving.expected_bytes), *held(plan.order.service, measured))
    parts = (state(found, plan.goal), *brought, memory(found))
    sentence = f"Verified: {', '.join(parts)}.{lasts}"
    advance(
        ports,
        approval,
        lambda now: replace(now, phase=Phase.VERIFIED, measured=measured, verdict=sentence),
        what=Phase.VERIFIED.value,
        note=sentence,
    )


def _give_up(ports: Ports, approval: Approval, found: Found) -> None:
    """End the watch over what cannot be told, when it has lasted twice as long as it should."""
    longer = timedelta(seconds=ports.config.remediation.watch_s)
    if approval.watch_until is None or ports.now() >= approval.watch_until + longer:
        sentence = f"It could not be verified: {state(found, approval.plan.goal)}."
        _end(ports, approval, Phase.INTERRUPTED, sentence)


def _remind(ports: Ports, approval: Approval) -> None:
    plan = approval.plan
    try:
        found = survey(ports, plan)
    except (HostError, ConfigError, LookupError):
        return
    at = clock(ports.now(), ports.config.bot.zone, ports.now())
    fits = found.fits(plan.goal)
    news = f"{_GONE}, and {'outlived a restart' if fits else 'is over'} ({at}): {state(found, plan.goal)}."
    try:
        advance(
            ports,
            approval,
            lambda now: replace(now, verdict=f"{now.verdict} {news}".strip()),
            what="temporary",
            result=news,
            note="" if fits else f"{news} Again: `{plan.words}`.",
        )
    except OvertakenError:
        return


def _end(ports: Ports, approval: Approval, phase: Phase, sentence: str) -> None:
    advance(
        ports,
        approval,
        lambda now: replace(now, phase=phase, verdict=sentence),
        what=phase.value,
        note=sentence,
    )
