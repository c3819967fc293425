"""Somebody asks for a plan: it is made, kept, shown where people can approve it. Nothing is done yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import consent
from bot.domain.approval import Approval, Phase
from bot.domain.policy import Severity
from bot.domain.route import Destination, taken
from bot.domain.rule import MEMORY
from bot.errors import Refused
from bot.flows import plans, progress
from bot.flows.announce import tags_of
from bot.flows.progress import entry_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.approval import Needs, Who
    from bot.domain.audit import AuditEntry
    from bot.domain.incident import Incident
    from bot.domain.people import Person
    from bot.domain.plan import Order, Plan
    from bot.ports import Ledger, Ports, Store

PASSING = (
    "The database cannot be used, so the audit would be lost and nothing is changed on any host:"
    " mend what `memwarden doctor` tells, then start memwarden again."
)
OUT_OF_DATE = "It was made from a state that has changed since."

_ON_ITS_WAY = (Phase.APPROVED, Phase.RUNNING)


def approvals_of(ports: Ports) -> Store:
    """Return the store. Raises Refused where nothing is remembered."""
    if ports.store is None:
        raise Refused(
            "memwarden remembers nothing here, so nothing can be approved: start it with a database."
        )
    return ports.store


def check_can_act(ports: Ports) -> None:
    """Raise Refused where nobody may approve anything, or what is done would not stay in the audit."""
    if consent.is_read_only(ports.config.people):
        raise Refused(consent.READ_ONLY)
    check_lasting(ports)


def check_lasting(ports: Ports) -> None:
    """Raise Refused where the audit ends with the program."""
    if not ports.lasting:
        raise Refused(PASSING)


def ask(ports: Ports, order: Order, person: Person, channel: str = "") -> Approval:
    """Make the plan for an order and ask for its approval; the same order that waits already is returned.

    `channel` is the platform's id of where it was asked, empty if nothing can be announced there. It is for
    the incident of the host's memory if there is one. Raises UserError, HostError, StoreError.
    """
    store, asker = approvals_of(ports), consent.who(person)
    check_can_act(ports)
    needed = needs(ports, order, asker)
    if too_few := consent.too_few(asker, ports.config.people, needed):
        raise Refused(too_few)
    plan = plans.make(ports, order)
    code = ports.new_code()
    with store.changing() as ledger:
        waiting = same_order(ledger, plan, ports.now())
        if waiting is not None and waiting.plan.fingerprint == plan.fingerprint:
            return waiting
        if waiting is not None:
            _set_aside(ledger, ports, waiting)
        check_not_busy(ledger, plan.order.host)
        found = _incident(ledger, plan.order.host)
        asked = asked_anew(ledger, ports, plan, needed, by=asker, code=code)
        asked = replace(
            asked,
            incident=found.id if found else None,
            destinations=_destinations(ports, plan.order.host, person, channel, found),
        )
        return progress.save(ledger, ports, asked, audited=asking(ports, asked, by=asked.asked_by))


def _set_aside(ledger: Ledger, ports: Ports, waiting: Approval) -> None:
    """End what waits for people, but is another plan by now."""
    entry = entry_of(
        ports, waiting, f"plan {waiting.number} is out of date", OUT_OF_DATE, by=consent.MEMWARDEN
    )
    progress.save(ledger, ports, outdated(waiting, OUT_OF_DATE, ports.now()), note=OUT_OF_DATE, audited=entry)


def asked_anew(ledger: Ledger, ports: Ports, plan: Plan, needed: Needs, *, by: Who, code: str) -> Approval:
    """Return a plan that waits for approval from now on, under a number of its own; it is not kept yet."""
    at = ports.now()
    return Approval(
        number=ledger.next_number("plan"),
        code=code,
        plan=plan,
        needs=needed,
        asked_by=by,
        asked_at=at,
        expires_at=at + timedelta(seconds=ports.config.remediation.expires_s),
        phase=Phase.ASKED,
        changed_at=at,
    )


def outdated(approval: Approval, sentence: str, at: datetime) -> Approval:
    """Return an approval that is not to be had any more, and why."""
    return replace(approval, phase=Phase.CHANGED, changed_at=at, verdict=sentence)


def same_order(ledger: Ledger, plan: Plan, at: datetime) -> Approval | None:
    """Return what waits for people and is the same order."""
    for approval in ledger.open_approvals():
        if (
            approval.phase is Phase.ASKED
            and approval.undoes is None
            and approval.plan.order == plan.order
            and at < approval.expires_at
        ):
            return approval
    return None


def check_not_busy(ledger: Ledger, host: str) -> None:
    """Raise Refused while something is being done on a host: only one at a time, and each from the truth."""
    for approval in ledger.open_approvals():
        if approval.plan.order.host == host and approval.phase in _ON_ITS_WAY:
            doing = "is about to run" if approval.phase is Phase.APPROVED else "is running"
            raise Refused(
                f"Plan {approval.number} ({approval.plan.title}) {doing} on {host}, and one at a time is done"
                f" there: try again when it has ended (`plan {approval.number}`)."
            )


def asking(ports: Ports, asked: Approval, *, by: Who) -> AuditEntry:
    """Write down exactly what is asked for."""
    what = f"asked for plan {asked.number}: {asked.plan.title}"
    return entry_of(ports, asked, what, f"waits for approval, fingerprint {asked.plan.fingerprint}", by=by)


def needs(ports: Ports, order: Order, asker: Who) -> Needs:
    """Return what the configuration asks for now to approve somebody's order."""
    settings = ports.config.remediation
    return consent.needs(
        asker,
        ports.config.people,
        quorum=settings.quorum_of(order.action),
        four_eyes=settings.four_eyes,
        solo_delay_s=settings.solo_delay_s,
    )


def _incident(ledger: Ledger, host: str) -> Incident | None:
    """Return what is wrong with the host's memory now."""
    found = (each for each in ledger.open_incidents(host) if each.cause == MEMORY)
    return next(found, None)


def _destinations(
    ports: Ports, host: str, person: Person, channel: str, incident: Incident | None
) -> tuple[Destination, ...]:
    """Return where people see the card: where the host's incidents go, and where it was asked for."""
    routes = taken(ports.config.routes, host, tags_of(ports, host), {MEMORY}, Severity.CRITICAL)
    places = [place for route in routes for place in route.to]
    places += incident.destinations if incident else ()
    usual = ports.config.chat.get(person.platform, {}).get("channel")
    if channel:
        places.append(Destination(person.platform, "" if channel == usual else channel))
    return tuple(dict.fromkeys(places)) or (Destination(person.platform),)
