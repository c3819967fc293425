"""People approve or deny a plan; exactly one yes makes it APPROVED, of however many come at once."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import consent
from bot.domain.approval import Phase, Vote
from bot.domain.consent import MEMWARDEN
from bot.domain.rule import plain
from bot.errors import BotError, HostError, Refused, UnknownService
from bot.flows import progress, undo
from bot.flows.ask import (
    approvals_of,
    asked_anew,
    asking,
    check_can_act,
    check_not_busy,
    needs,
    outdated,
)
from bot.flows.progress import entry_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.approval import Approval, Who
    from bot.domain.people import Roster
    from bot.domain.plan import Plan
    from bot.message import Request
    from bot.ports import Ledger, Ports

# A deep look, and what is asked of systemd; after that whoever looked has ended without a word.
_LOOKS = 6
_LONGEST_REASON = 200
_LOOKED_AT = "it is being checked whether all is still as it was"


def approve(ports: Ports, number: int, code: str, request: Request) -> Approval:
    """Say yes to a plan, and return it: still ASKED if more people have to, else APPROVED.

    Where the plan would be another one now, the one returned has another number: it is asked for in its
    place, by who asked first. Raises UserError, HostError, StoreError.
    """
    store = approvals_of(ports)
    check_can_act(ports)
    person, roster = consent.who(request.person), ports.config.people
    with store.changing() as ledger:
        before = _as_strict(ports, _asked(ledger, number, code))
        _check(ports, before, person, clicked=request.clicked)
        check_not_busy(ledger, before.plan.order.host)
        voted = _voted(before, person, roster, ports.now())
        left = consent.missing(voted, roster)
        if left:
            return _counted(ledger, ports, voted, person, left)
        # Not as the person's own line: that tells in the end what came of it.
        entry = entry_of(ports, voted, f"{person.entry} approves plan {number}", _LOOKED_AT, by=MEMWARDEN)
        ledger.save_approval(replace(voted, audited=ledger.audit(entry).head))
    fresh = _anew(ports, voted, person)
    with store.changing() as ledger:
        settled, refused = _settle(ledger, ports, voted, fresh, person)
    if refused:
        raise Refused(refused)
    return settled


def deny(ports: Ports, number: int, reason: str, request: Request) -> Approval:
    """Say no to a plan: one is enough, as long as it was not begun. Raises UserError, StoreError."""
    store = approvals_of(ports)
    check_can_act(ports)
    person, at = consent.who(request.person), ports.now()
    with store.changing() as ledger:
        before = _known(ledger, number)
        if before.phase is not Phase.APPROVED and (closed := consent.over(before, at)):
            raise Refused(closed)
        because = plain(reason.strip(), _LONGEST_REASON)
        denied = replace(before, phase=Phase.DENIED, changed_at=at, denied_by=person, verdict=because)
        said = f": {because}" if because else ""
        entry = entry_of(ports, denied, f"denied plan {number}", because or "denied", by=person)
        return progress.save(ledger, ports, denied, note=f"denied by {person.name}{said}", audited=entry)


def expire(ports: Ports) -> None:
    """End what nobody approved in time. Raises StoreError."""
    if ports.store is None:
        return
    at = ports.now()
    with ports.store.changing() as ledger:
        for approval in ledger.open_approvals():
            if approval.phase is Phase.ASKED and approval.expires_at <= at:
                sentence = "Nobody approved it in time: nothing was done."
                expired = replace(approval, phase=Phase.EXPIRED, changed_at=at, verdict=sentence)
                entry = entry_of(ports, expired, f"plan {approval.number} expired", sentence, by=MEMWARDEN)
                progress.save(ledger, ports, expired, note=sentence, audited=entry)


def _known(ledger: Ledger, number: int) -> Approval:
    approval = ledger.approval(number)
    if approval is None:
        raise Refused(f"There is no plan {number}. `plans` lists those there are.")
    return approval


def _asked(ledger: Ledger, number: int, code: str) -> Approval:
    approval = _known(ledger, number)
    given = code.casefold().encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, approval.code.casefold().encode()):
        raise Refused(f"That is not the code of plan {number}: its card shows it, `plan {number}` too.")
    return approval


def _check(ports: Ports, approval: Approval, person: Who, *, clicked: bool) -> None:
    """Raise Refused where this person cannot approve this now."""
    at, roster = ports.now(), ports.config.people
    if not consent.missing(approval, roster) and not consent.over(approval, at):
        last = approval.votes[-1]
        # A clock that was set back tells nothing of how long ago that was.
        if timedelta(0) <= at - last.at <= timedelta(seconds=_LOOKS * ports.config.check.timeout_s):
            raise Refused(f"{last.by.name} approved this {consent.before(last.at, at)}; {_LOOKED_AT}.")
        # Whoever looked has ended without a word: it has to be approved once more.
        approval = replace(approval, votes=_without(approval, person, roster))
    if objection := consent.objection(approval, person, roster, at, clicked=clicked):
        raise Refused(objection)


def _as_strict(ports: Ports, approval: Approval) -> Approval:
    """Return what is asked for with all that it takes now, if that is more than when it was asked for.

    One approver is enough to take something back, as ever.
    """
    if approval.undoes is not None:
        return approval
    now = needs(ports, approval.plan.order, approval.asked_by)
    return replace(approval, needs=consent.stricter(approval.needs, now))


def _voted(approval: Approval, person: Who, roster: Roster, at: datetime) -> Approval:
    return replace(approval, votes=(*_without(approval, person, roster), Vote(person, at)))


def _without(approval: Approval, person: Who, roster: Roster) -> tuple[Vote, ...]:
    return tuple(vote for vote in approval.votes if not consent.is_same(vote.by, person, roster))


def _counted(ledger: Ledger, ports: Ports, voted: Approval, person: Who, left: int) -> Approval:
    """Keep a yes that is not the last one."""
    more = f"{left} more needed"
    entry = entry_of(ports, voted, f"approved plan {voted.number}", more, by=person)
    return progress.save(ledger, ports, voted, note=f"approved by {person.name}, {more}", audited=entry)


def _anew(ports: Ports, approval: Approval, person: Who) -> Plan | str:
    """Make the plan once more; why there is none any more, in a sentence, is an answer too.

    Where it cannot be told, the yes does not count. Raises Refused, StoreError.
    """
    try:
        return undo.planned_again(ports, approval)
    except (Refused, UnknownService) as error:
        return str(error)
    except HostError as error:
        _take_back(ports, approval.number, person)
        raise Refused(
            f"{error}\nNothing was done; plan {approval.number} still waits for approval."
        ) from error
    except BotError:
        _take_back(ports, approval.number, person)
        raise


def _take_back(ports: Ports, number: int, person: Who) -> None:
    with approvals_of(ports).changing() as ledger:
        found = _known(ledger, number)
        if found.phase is Phase.ASKED:
            ledger.save_approval(replace(found, votes=_without(found, person, ports.config.people)))


def _settle(
    ledger: Ledger, ports: Ports, voted: Approval, fresh: Plan | str, person: Who
) -> tuple[Approval, str]:
    """Decide: one caller turns ASKED to APPROVED, or to CHANGED; returns it, and why it is refused if so."""
    at, found = ports.now(), _as_strict(ports, _known(ledger, voted.number))
    if closed := consent.over(found, at):
        return found, closed
    if left := consent.missing(found, ports.config.people):
        return found, f"Who may approve was changed meanwhile: plan {found.number} needs {left} more."
    if isinstance(fresh, str):
        _outdate(ledger, ports, found, fresh)
        return found, f"Plan {found.number} is not carried out, for all has changed since.\n{fresh}"
    if fresh.fingerprint != found.plan.fingerprint:
        return _replaced(ledger, ports, found, fresh), ""
    try:
        check_not_busy(ledger, found.plan.order.host)
    except Refused as error:
        ledger.save_approval(replace(found, votes=_without(found, person, ports.config.people)))
        return found, str(error)
    approved = replace(found, phase=Phase.APPROVED, changed_at=at, approved_at=at)
    names = " and ".join(vote.by.name for vote in consent.distinct(found.votes, ports.config.people))
    proof = f"approved, fingerprint {fresh.fingerprint} is still the same"
    entry = entry_of(ports, approved, f"approved plan {found.number}", proof, by=person)
    return progress.save(ledger, ports, approved, note=f"approved by {names}", audited=entry), ""


def _outdate(ledger: Ledger, ports: Ports, found: Approval, sentence: str) -> None:
    entry = entry_of(ports, found, f"plan {found.number} is out of date", sentence, by=MEMWARDEN)
    progress.save(ledger, ports, outdated(found, sentence, ports.now()), note=sentence, audited=entry)


def _replaced(ledger: Ledger, ports: Ports, old: Approval, fresh: Plan) -> Approval:
    """Ask for the plan as it would be now, in place of the old one."""
    asked = replace(
        asked_anew(ledger, ports, fresh, old.needs, by=old.asked_by, code=ports.new_code()),
        incident=old.incident,
        undoes=old.undoes,
        destinations=old.destinations,
    )
    sentence = f"{_difference(old.plan, fresh)} Plan {asked.number} takes its place."
    _outdate(ledger, ports, old, sentence)
    return progress.save(ledger, ports, asked, audited=asking(ports, asked, by=MEMWARDEN))


def _difference(old: Plan, fresh: Plan) -> str:
    """Say what is not any more what the plan was made from."""
    before, now = old.origin, fresh.origin
    if now.workers is not None and now.workers != before.workers:
        more = f" ({now.workers} workers now)"
    elif now.active is not None and now.active is not before.active:
        more = " (it runs now)" if now.active else " (it does not run now)"
    else:
        more = ""
    return f"It was made from a {old.unit} that has changed since{more}."
