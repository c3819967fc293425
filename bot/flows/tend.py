"""What time alone brings about: repeats, escalations, the end of a silence, of a storm, of a host."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.incident import BLIND, Change, State, Turn, alarmed_at, resolved, told
from bot.domain.policy import Severity
from bot.domain.rule import REACH
from bot.domain.storm import storm_rule
from bot.domain.units import duration
from bot.errors import StoreError
from bot.flows import storms
from bot.flows.announce import changed, escalates, is_silenced, quiet_until, routes_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.incident import Incident
    from bot.ports import Ledger, Ports


def tend(ports: Ports) -> None:
    """Do what is due by now, in one transaction; to be called about once a minute. Raises StoreError."""
    if ports.store is None:
        raise StoreError("Without a database nothing can be tended.")
    at = ports.now()
    with ports.store.changing() as ledger:
        for incident in ledger.open_incidents():
            now = _brought_up(ledger, ports, incident, at)
            if now.is_open and now.told_at is not None and now.parent is None:
                _insist(ledger, ports, now, at)


def _brought_up(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> Incident:
    """Return an incident after what ends or begins with time: of a host, of a storm, of a silence."""
    if _is_forsaken(ports, incident):
        over = resolved(incident, "the host is not configured any more", at)
        return changed(ledger, ports, over, over.story[-1:], at)
    if storm_rule(incident):
        return storms.tended(ledger, ports, incident, at)
    if incident.silenced and not is_silenced(ledger, ports, incident, at):
        return storms.raised(ledger, ports, incident, (), at)
    return incident


def _is_forsaken(ports: Ports, incident: Incident) -> bool:
    if incident.cause == BLIND:
        return all(host.is_local for host in ports.config.hosts)
    return bool(incident.host) and all(host.name != incident.host for host in ports.config.hosts)


def _insist(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> None:
    """Say again, or further up, what nobody has acknowledged; not while it is quiet or silenced."""
    if incident.state is not State.TRIGGERED or quiet_until(ports, incident.severity, at):
        return
    if is_silenced(ledger, ports, incident, at):
        return
    if _escalates(ledger, ports, incident, at):
        waited = duration((at - alarmed_at(incident)).total_seconds())
        change = Change(Turn.ESCALATED, at, f"nobody acknowledged it within {waited}")
        now = replace(told(incident, change), escalated_at=at)
        changed(ledger, ports, now, (change,), at)
    elif _repeats(ledger, ports, incident, at):
        change = Change(Turn.REPEATED, at, incident.breaches[0].sentence)
        changed(ledger, ports, told(incident, change), (change,), at)


def _escalates(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> bool:
    after = timedelta(seconds=ports.config.alerts.escalate_after_s)
    alarmed = alarmed_at(incident)
    told_at = quiet_until(ports, incident.severity, alarmed) or alarmed
    if incident.escalated_at is not None or at - told_at < after:
        return False
    return any(escalates(route, incident.severity) for route in routes_of(ledger, ports, incident))


def _repeats(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> bool:
    """Tell whether it is time to say it again: not of what is only worth knowing, nor of what may be over."""
    every = timedelta(seconds=ports.config.alerts.repeat_every_s)
    if not every or incident.severity < Severity.WARNING:
        return False
    if incident.told_at is None or at - incident.told_at < every:
        return False
    state = ledger.state(incident.host) if incident.host and incident.cause != REACH else None
    return state is None or not state.error
