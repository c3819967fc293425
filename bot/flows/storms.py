"""Many hosts at once: one storm instead of many cards; our own blindness instead of a dead fleet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import storm as storms
from bot.domain.incident import (
    BLIND,
    Breach,
    Change,
    news_since,
    opened,
    reopened,
    resolved,
)
from bot.domain.policy import Severity
from bot.domain.rule import REACH
from bot.flows.announce import about_to_join, changed, is_silenced, may_join, members_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Host
    from bot.domain.incident import Incident
    from bot.domain.signal import Signal
    from bot.ports import Ledger, Ports

_FEWEST_TO_BE_BLIND = 3


def raised(
    ledger: Ledger, ports: Ports, incident: Incident, changes: tuple[Change, ...], at: datetime
) -> Incident:
    """Announce an incident that begins: by itself, or as one of a storm."""
    if not is_silenced(ledger, ports, incident, at):
        storm = _joined(ledger, ports, incident, at)
        if storm is not None:
            return _member(ledger, ports, incident, storm, at)
    return changed(ledger, ports, replace(incident, parent=None), changes, at)


def begun(
    ledger: Ledger, ports: Ports, host: str, cause: str, breaches: tuple[Breach, ...], *, at: datetime
) -> Incident:
    """Return a new incident, or the one again that was over only a short time ago."""
    before = _lately(ledger, ports, host, cause, at)
    if before is not None:
        return reopened(before, breaches, at)
    return opened(ledger.next_number("incident"), host, cause, breaches, at)


def _lately(ledger: Ledger, ports: Ports, host: str, cause: str, at: datetime) -> Incident | None:
    """Return the incident of this host and cause that was over only a short time ago."""
    within = timedelta(seconds=ports.config.alerts.reopen_within_s)
    found = [i for i in ledger.incidents_since(at - within, host) if i.cause == cause and not i.is_open]
    return found[-1] if found else None


def tended(ledger: Ledger, ports: Ports, storm: Incident, at: datetime) -> Incident:
    """Bring a storm up to date with its members; it ends with the last of them."""
    members = members_of(ledger, ports, storm)
    alerts = ports.config.alerts
    if storms.is_over(storm, members, at, timedelta(seconds=alerts.storm_within_s)):
        now = storms.ended(storm, members, at)
    else:
        now = storms.moved_on(storm, members, at, alerts.storm_hosts)
    return storm if now == storm else changed(ledger, ports, now, news_since(storm, now), at)


def _joined(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> Incident | None:
    """Return the storm that an incident is part of, if there is one or it makes one."""
    # What was silenced begins for people only now.
    began = at if incident.silenced else incident.breaches[0].since
    for storm in ledger.open_incidents(""):
        is_about_it = storms.is_about(incident, storms.storm_rule(storm))
        if is_about_it and (incident.parent == storm.id or may_join(ports, storm, began)):
            return storm
    alerts = ports.config.alerts
    if len(ports.config.hosts) < alerts.storm_hosts:
        return None
    within = timedelta(seconds=alerts.storm_within_s)
    others = storms.companions(incident, ledger.incidents_since(at - within), within)
    hosts = {incident.host, *(other.host for other in others)}
    soon: tuple[Incident, ...] = ()
    if len(hosts) < alerts.storm_hosts:
        soon = about_to_join(ledger, ports, incident.breaches[0].rule, hosts)
    if len(hosts) + len({each.host for each in soon}) < alerts.storm_hosts:
        return None
    return _storm_begun(ledger, ports, (incident, *others), soon, at)


def _storm_begun(
    ledger: Ledger, ports: Ports, members: tuple[Incident, ...], soon: tuple[Incident, ...], at: datetime
) -> Incident:
    everybody = (*members, *soon)
    before = _lately(ledger, ports, "", storms.storm_cause(members[0].breaches[0].rule), at)
    if before is None:
        storm = storms.begun(ledger.next_number("incident"), everybody, at)
    else:
        storm = storms.begun_again(before, everybody, at)
    for member in members:
        _member(ledger, ports, member, storm, at)
    return changed(ledger, ports, storm, storm.story[-1:], at)


def _member(ledger: Ledger, ports: Ports, incident: Incident, storm: Incident, at: datetime) -> Incident:
    """Let an incident be told of within a storm; its own card is taken back, if nobody has seen it."""
    unseen = incident.told_at is None or ledger.withdraw(incident.card)
    member = replace(incident, parent=storm.id, silenced=False, told_at=None if unseen else incident.told_at)
    return changed(ledger, ports, member, (), at)


def is_blind(ledger: Ledger, ports: Ports, host: Host, lost: Signal, at: datetime) -> bool:
    """Tell whether it is us who cannot reach anything, as one host is `lost`.

    That is so where this machine has no network, or where of several hosts most were tried since this one
    was lost, and none has answered. It is decided when the host would have an incident of its own, and stays
    so until a host answers.
    """
    if host.is_local:
        return False
    remote = [each.name for each in ports.config.hosts if not each.is_local]
    blind, linked = _blindness(ledger), ports.linked()
    if linked and len(remote) < _FEWEST_TO_BE_BLIND:
        sight_returned(ledger, ports, "this machine has a network again", at)
        return False
    if blind is not None:
        return True
    if lost.severity is None or (linked and not _is_all_dark(ledger, ports, host.name, lost)):
        return False
    _lose_sight(ledger, ports, lost, at)
    return True


def _is_all_dark(ledger: Ledger, ports: Ports, host: str, lost: Signal) -> bool:
    """Tell whether most hosts were tried since one was lost, and none of them answered.

    Hosts that are known to be out of reach tell nothing new.
    """
    same = (each for each in ledger.open_incidents("") if storms.storm_rule(each) == lost.rule)
    if any(may_join(ports, storm, lost.since) for storm in same):
        return False
    known = {each.host for each in ledger.open_incidents() if each.cause == REACH}
    remote = [each.name for each in ports.config.hosts if not each.is_local and each.name not in known]
    tried = 1
    for name in remote:
        state = ledger.state(name)
        if name == host or state is None or state.checked_at < lost.since:
            continue
        if not state.error:
            return False
        tried += 1
    return len(remote) >= _FEWEST_TO_BE_BLIND and 2 * tried > len(remote)


def _lose_sight(ledger: Ledger, ports: Ports, lost: Signal, at: datetime) -> None:
    count = sum(not host.is_local for host in ports.config.hosts)
    none = f"None of {count} hosts" if count > 1 else "The host"
    verb = "can be reached" if count > 1 else "cannot be reached"
    reason = "" if ports.linked() else ": this machine has no network"
    since = f"{lost.since.astimezone(ports.config.bot.zone):%H:%M}"
    sentence = f"{none} {verb} since {since}{reason}"
    breaches = (Breach(lost.rule, "", Severity.CRITICAL, sentence, lost.since),)
    blind = begun(ledger, ports, "", BLIND, breaches, at=at)
    changed(ledger, ports, blind, blind.story[-1:], at)


def sight_returned(ledger: Ledger, ports: Ports, sentence: str, at: datetime) -> None:
    """End our blindness, if we were blind."""
    blind = _blindness(ledger)
    if blind is not None:
        over = resolved(blind, sentence, at)
        changed(ledger, ports, over, over.story[-1:], at)


def _blindness(ledger: Ledger) -> Incident | None:
    return next((each for each in ledger.open_incidents("") if each.cause == BLIND), None)


def held_back(signal: Signal, at: datetime) -> Signal:
    """Return a signal of a host that we could not have seen anyway: it has to hold anew, from now on."""
    toward = signal.severity or signal.toward
    if signal.cause != REACH or toward is None:
        return signal
    return replace(signal, severity=None, toward=toward, toward_since=at, critical_since=None)
