"""What people say to an incident: acknowledge it, silence what it is about, lift a silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry
from bot.domain.incident import Change, State, Turn, told
from bot.domain.rule import plain
from bot.domain.silence import Silence
from bot.errors import UserError
from bot.flows import storms
from bot.flows.announce import changed, is_silenced
from bot.usage import enumerated
from bot.views.silences import covered
from bot.views.story import LONGEST_NAME, clock, subject
from bot.views.when import exactly

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.incident import Incident
    from bot.domain.people import Person
    from bot.names import Target
    from bot.ports import Ledger, Ports, Store

_LONGEST_REASON = 200


def store_of(ports: Ports) -> Store:
    """Return the store. Raises UserError where nothing is remembered."""
    if ports.store is None:
        raise UserError(
            "memwarden remembers nothing here, so there are no incidents: start it with a database."
        )
    return ports.store


def acknowledge(ports: Ports, number: int, person: Person) -> tuple[Incident, bool]:
    """Note that somebody takes care of an incident, and of all that belong to it.

    Returns it as it is then, and whether that is new: the first who says so is the one, and what is over
    needs nobody. Raises UserError, StoreError.
    """
    at = ports.now()
    with store_of(ports).changing() as ledger:
        incident = ledger.incident(number)
        if incident is None:
            raise _no_incident(ledger, number)
        if incident.state is not State.TRIGGERED:
            return incident, False
        for member in ledger.open_incidents():
            if member.parent == number and member.state is State.TRIGGERED:
                _acknowledge(ledger, ports, member, person.name, at)
        _audit(ledger, person, f"acknowledge incident {number} ({subject(incident)})", "acknowledged", at)
        return _acknowledge(ledger, ports, incident, person.name, at), True


def silence(
    ports: Ports, target: Target, seconds: float, reason: str, person: Person
) -> tuple[Silence, bool]:
    """Have nothing announced of the target for a while; the cards of what is open now say so.

    One silence of a target is enough: asked for again, it lasts longer. Returns it, and whether anything is
    new: it may have been that long already. Raises UserError, StoreError.
    """
    at = ports.now()
    lasts = timedelta(seconds=seconds)
    with store_of(ports).changing() as ledger:
        before = _same(ledger, target, at)
        if before is not None and before.ends_at >= at + lasts:
            return before, False
        if before is not None:
            ledger.save_silence(replace(before, ends_at=at))
        loud = tuple(i for i in _told_alone(ledger) if not is_silenced(ledger, ports, i, at))
        made = replace(
            before or _made(ledger, target, at),
            reason=plain(reason, _LONGEST_REASON) or (before.reason if before else ""),
            owner=_name(person.name),
            ends_at=at + lasts,
        )
        ledger.save_silence(made)
        until = clock(made.ends_at, ports.config.bot.zone, at)
        because = f": {made.reason}" if made.reason else ""
        news = Change(Turn.NEWS, at, f"silenced by {made.owner} until {until}{because}", made.owner)
        for incident in loud:
            if is_silenced(ledger, ports, incident, at):
                changed(ledger, ports, told(incident, news), (news,), at)
        what = f"silence {covered(made)} for {exactly(lasts)}{because}"
        _audit(ledger, person, what, f"silence {made.id}, until {made.ends_at:%Y-%m-%d %H:%M} UTC", at)
    return made, True


def _same(ledger: Ledger, target: Target, at: datetime) -> Silence | None:
    """Return the silence of exactly this target that is in force, of several the one that lasts longest."""
    wanted = target.host, target.tag, target.rule
    found = [each for each in ledger.silences(at) if (each.host, each.tag, each.rule) == wanted]
    return max(found, key=lambda each: each.ends_at, default=None)


def _made(ledger: Ledger, target: Target, at: datetime) -> Silence:
    number = ledger.next_number("silence")
    return Silence(number, target.host, target.tag, target.rule, "", "", at, at)


def lift(ports: Ports, number: int, person: Person) -> Silence:
    """End a silence before its time; what is still wrong is announced. Raises UserError, StoreError."""
    at = ports.now()
    with store_of(ports).changing() as ledger:
        found = next((each for each in ledger.silences(at) if each.id == number), None)
        if found is None:
            raise _no_silence(ledger, number, at)
        silent = tuple(i for i in _told_alone(ledger) if is_silenced(ledger, ports, i, at))
        lifted = replace(found, lifted_at=at, lifted_by=_name(person.name))
        ledger.save_silence(lifted)
        news = Change(Turn.NEWS, at, f"silence lifted by {lifted.lifted_by}", lifted.lifted_by)
        for incident in silent:
            if not is_silenced(ledger, ports, incident, at):
                _announce(ledger, ports, told(incident, news), news)
        _audit(ledger, person, f"lift silence {number} of {covered(found)}", "lifted", at)
    return lifted


def _acknowledge(ledger: Ledger, ports: Ports, incident: Incident, name: str, at: datetime) -> Incident:
    who = _name(name)
    change = Change(Turn.ACKNOWLEDGED, at, f"acknowledged by {who}", who)
    taken = replace(incident, state=State.ACKNOWLEDGED, acknowledged_at=at, acknowledged_by=who)
    return changed(ledger, ports, told(taken, change), (change,), at)


def _announce(ledger: Ledger, ports: Ports, incident: Incident, news: Change) -> None:
    """Say what has changed; what nobody was told of begins only now, and may be a storm with others."""
    if incident.silenced:
        storms.raised(ledger, ports, incident, (news,), news.at)
    else:
        changed(ledger, ports, incident, (news,), news.at)


def _told_alone(ledger: Ledger) -> tuple[Incident, ...]:
    """Return the open incidents that are no part of another."""
    return tuple(incident for incident in ledger.open_incidents() if incident.parent is None)


def _name(name: str) -> str:
    return plain(name.strip(), LONGEST_NAME) or "somebody"


def _audit(ledger: Ledger, person: Person, what: str, result: str, at: datetime) -> None:
    ledger.audit(AuditEntry(at, f"{person.platform}:{person.id}", what, result, name=_name(person.name)))


def _no_incident(ledger: Ledger, number: int) -> UserError:
    found = ledger.open_incidents()
    listed = enumerated(f"{each.id} ({subject(each)})" for each in found if each.parent is None)
    known = f"Open: {listed}." if found else "No incident is open."
    return UserError(f"There is no incident {number}. {known}")


def _no_silence(ledger: Ledger, number: int, at: datetime) -> UserError:
    found = ledger.silences(at)
    listed = enumerated(f"{each.id} ({covered(each)})" for each in found)
    known = f"In force: {listed}." if found else "None is in force."
    return UserError(f"There is no silence {number} in force. {known}")
