"""Storms: many hosts with the same trouble at once are one incident, and theirs are its members."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.incident import (
    Breach,
    Change,
    State,
    Turn,
    alarmed_at,
    opened,
    reopened,
    resolved,
    told,
    worsened,
)
from bot.domain.units import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from bot.domain.host_state import HostState
    from bot.domain.incident import Incident
    from bot.domain.policy import Severity
    from bot.domain.signal import Signal

_STORM = "storm "
_NAMED = 3
_NEWS_APART = timedelta(minutes=1)


def storm_cause(rule: str) -> str:
    """Return the cause of the storm of a rule."""
    return f"{_STORM}{rule}"


def storm_rule(incident: Incident) -> str:
    """Return the rule whose storm an incident is, empty if it is none."""
    is_storm = not incident.host and incident.cause.startswith(_STORM)
    return incident.cause.removeprefix(_STORM) if is_storm else ""


def is_about(incident: Incident, rule: str) -> bool:
    """Tell whether a host's incident has to do with a rule."""
    return bool(incident.host) and any(breach.rule == rule for breach in incident.breaches)


def companions(incident: Incident, others: Iterable[Incident], within: timedelta) -> tuple[Incident, ...]:
    """Return the incidents of other hosts that began about when this one did, and about the same."""
    rule, began = incident.breaches[0].rule, alarmed_at(incident)
    return tuple(
        other
        for other in others
        if other.host != incident.host
        and is_about(other, rule)
        and other.parent is None
        and not other.silenced
        and abs(began - alarmed_at(other)) <= within
    )


def expected(states: Iterable[HostState], rule: str, known: Collection[str]) -> tuple[Incident, ...]:
    """Return what will be the incidents of hosts that have the same trouble, but not for long enough yet.

    They have no number. Those of `known` hosts are left out.
    """
    return tuple(
        opened(0, state.host, signal.cause, (_pending(signal, signal.toward),), _began(signal))
        for state in states
        if state.host not in known
        for signal in state.signals
        if signal.rule == rule and signal.severity is None and signal.toward is not None
    )


def _pending(signal: Signal, toward: Severity) -> Breach:
    return Breach(signal.rule, signal.subject, toward, signal.sentence, _began(signal))


def _began(signal: Signal) -> datetime:
    return signal.toward_since or signal.since


def begun(number: int, members: Sequence[Incident], at: datetime) -> Incident:
    """Return a new storm, named after the rule that its first member has most to do with."""
    rule = members[0].breaches[0].rule
    storm = opened(number, "", storm_cause(rule), (_breach(rule, members, at),), at)
    return replace(storm, picture=tally(members), opened_at=min(member.opened_at for member in members))


def begun_again(storm: Incident, members: Sequence[Incident], at: datetime) -> Incident:
    """Return a storm that had been over, as it begins again."""
    return reopened(storm, (_breach(storm_rule(storm), members, at),), at)


def _breach(rule: str, members: Sequence[Incident], at: datetime) -> Breach:
    severity = max(member.severity for member in members)
    return Breach(
        rule, "", severity, sentence(rule, members), min((m.opened_at for m in members), default=at)
    )


def sentence(rule: str, members: Sequence[Incident]) -> str:
    """Say which hosts are in it: `unreachable on 17 hosts: db-1, db-2, web-1 and 14 more`."""
    hosts = sorted({member.host for member in members})
    more = f" and {len(hosts) - _NAMED} more" if len(hosts) > _NAMED else ""
    return f"{rule} on {counted(len(hosts), 'host')}: {', '.join(hosts[:_NAMED])}{more}"


def moved_on(storm: Incident, members: Sequence[Incident], at: datetime, least_hosts: int) -> Incident:
    """Return an open storm with what became of its members: news are twice as many hosts, or a worse level.

    `seen_at` is when it last moved: somebody joined, or recovered.
    A storm of what does not last (reboots) keeps its members' severity though all of them are over.
    """
    rule = storm_rule(storm)
    active = [member for member in members if member.is_open] or list(members)
    breach = _breach(rule, active, at)
    now = replace(
        storm,
        severity=breach.severity,
        worst=max(storm.worst, breach.severity),
        breaches=(breach,),
        picture=tally(members),
    )
    if breach.severity > storm.severity:
        return worsened(replace(now, seen_at=at), Change(Turn.WORSE, at, breach.sentence))
    if _has_doubled(storm, members, least_hosts) and at - storm.changed_at >= _NEWS_APART:
        return told(replace(now, seen_at=at), Change(Turn.NEWS, at, sentence(rule, members)))
    return storm if now == storm else replace(now, seen_at=at)


def _has_doubled(storm: Incident, members: Sequence[Incident], least_hosts: int) -> bool:
    told_at = storm.told_at or storm.opened_at
    then = {m.host for m in members if min((b.since for b in m.breaches), default=m.opened_at) <= told_at}
    return len({member.host for member in members}) >= 2 * max(len(then), least_hosts)


def tally(members: Sequence[Incident]) -> tuple[str, ...]:
    """Say how many of a storm's hosts are still in trouble and how many recovered."""
    still = sorted({member.host for member in members if member.is_open})
    recovered = len({member.host for member in members} - set(still))
    return (f"{len(still)} still so", f"{recovered} recovered")


def is_over(storm: Incident, members: Sequence[Incident], at: datetime, within: timedelta) -> bool:
    """Tell whether a storm has ended: all have, or, where nothing lasts, nobody has joined for a while."""
    if any(member.is_open for member in members):
        return False
    newest = max((alarmed_at(member) for member in members), default=storm.opened_at)
    return _lasted(members) or at - newest > within


def _lasted(members: Iterable[Incident]) -> bool:
    return any(change.turn is Turn.RESOLVED for member in members for change in member.story)


def ended(storm: Incident, members: Sequence[Incident], at: datetime) -> Incident:
    """Return a storm that is over; without a word where nothing had to get well again."""
    over = replace(storm, state=State.RESOLVED, resolved_at=at, picture=tally(members), seen_at=at)
    if not _lasted(members):
        return over
    count = len({member.host for member in members})
    return resolved(over, f"all {count} hosts have recovered", at)
