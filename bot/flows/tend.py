"""What time alone brings about: repeats, escalations, the end of a silence, of a storm, of a host."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.incident import BLIND, Change, State, Turn, alarmed_at, resolved, told
from bot.domain.policy import Severity
from bot.domain.rule import REACH
from bot.domain.signal import GAP_S
from bot.domain.storm import storm_rule
from bot.domain.units import duration
from bot.errors import StoreError
from bot.flows import storms
from bot.flows.announce import changed, escalates, is_silenced, members_of, quiet_until, routes_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.domain.host_state import HostState
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
    escalates_now = _escalates(ledger, ports, incident, at)
    if not (escalates_now or _repeats(ledger, ports, incident, at)):
        return
    if is_silenced(ledger, ports, incident, at) or not _goes_on(ledger, ports, incident, at):
        return
    if escalates_now:
        waited = duration((at - _called_at(incident)).total_seconds())
        change = Change(Turn.ESCALATED, at, f"nobody acknowledged it within {waited}")
        now = replace(told(incident, change), escalated_at=at)
        changed(ledger, ports, now, (change,), at)
    else:
        change = Change(Turn.REPEATED, at, incident.breaches[0].sentence)
        changed(ledger, ports, told(incident, change), (change,), at)


def _escalates(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> bool:
    after = timedelta(seconds=ports.config.alerts.escalate_after_s)
    if incident.escalated_at is not None or at - _called_at(incident) < after:
        return False
    if not any(escalates(route, incident.severity) for route in ports.config.routes):
        return False
    return any(escalates(route, incident.severity) for route in routes_of(ledger, ports, incident))


def _called_at(incident: Incident) -> datetime:
    """Return since when somebody could have acknowledged it as it is."""
    return incident.called_at or alarmed_at(incident)


def _goes_on(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> bool:
    """Tell whether any of its hosts was looked at lately (we may have been away) and was not well then."""
    since = at - timedelta(seconds=max(GAP_S, 3 * ports.config.check.every_s))
    states = (ledger.state(host) for host in _hosts_of(ledger, ports, incident))
    rules = {breach.rule for breach in incident.breaches}
    return any(
        state.checked_at >= since and _is_broken(state, rules) for state in states if state is not None
    )


def _is_broken(state: HostState, rules: Collection[str]) -> bool:
    """Tell whether the last reading of any of these rules was as bad as what holds."""
    return any(
        (signal.toward or 0) > (signal.severity or 0) or (signal.severity and signal.toward_since is None)
        for signal in state.signals
        if signal.rule in rules
    )


def _hosts_of(ledger: Ledger, ports: Ports, incident: Incident) -> tuple[str, ...]:
    if incident.cause == BLIND:
        return tuple(host.name for host in ports.config.hosts if not host.is_local)
    members = tuple(member.host for member in members_of(ledger, ports, incident) if member.is_open)
    return members or (incident.host,)


def _repeats(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> bool:
    """Tell whether it is time to say it again: not of what is only worth knowing, nor of what may be over."""
    every = timedelta(seconds=ports.config.alerts.repeat_every_s)
    if not every or incident.severity < Severity.WARNING:
        return False
    if incident.told_at is None or at - incident.told_at < every:
        return False
    state = ledger.state(incident.host) if incident.host and incident.cause != REACH else None
    return state is None or not state.error
