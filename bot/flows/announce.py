"""What becomes of an incident -> what is to be said of it: where, to whom, when, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.incident import Turn, alarmed_at, unsaid
from bot.domain.policy import Severity
from bot.domain.quiet import QuietHours
from bot.domain.route import taken
from bot.domain.storm import expected, storm_rule
from bot.outbox import Outgoing, Part
from bot.views import alert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from bot.domain.incident import Change, Incident
    from bot.domain.route import Destination, Route
    from bot.message import Message
    from bot.ports import Ledger, Ports

_BEGINNING = frozenset({Turn.OPENED, Turn.REOPENED})
_ALARMING = frozenset({*_BEGINNING, Turn.WORSE, Turn.REPEATED})
# BETTER is only shown on the card; that it began is the card itself.
_NOTED = frozenset(Turn) - {Turn.OPENED, Turn.BETTER}
# Said even of what was silenced after people had been told: a person did it, or it is the end.
_SAID_IN_SILENCE = frozenset({Turn.ACKNOWLEDGED, Turn.RESOLVED})


def changed(
    ledger: Ledger, ports: Ports, incident: Incident, changes: tuple[Change, ...], at: datetime
) -> Incident:
    """Save an incident and have what changed said, in this transaction; returns it as it was saved.

    `changes` are the last of its story. Without any, its card is renewed if it looks different from what the
    ledger still has. Nothing is said of what nobody was told of, nor by a member of a storm.
    """
    members = members_of(ledger, ports, incident)
    saying = _Saying(ledger, ports, at, members, _ways(ports, incident, members))
    if incident.told_at is None:
        now = _first(saying, incident, changes)
    elif incident.parent is not None:
        # It has a card from before the storm: that must not look as if nothing had changed.
        now = incident
        saying.card(now, now.destinations)
    else:
        now = _again(saying, incident, changes)
    ledger.save_incident(now)
    return now


def is_silenced(ledger: Ledger, ports: Ports, incident: Incident, at: datetime) -> bool:
    """Tell whether all that is broken, of a storm on all its hosts, is what nobody wants to hear of now."""
    silences = ledger.silences(at)
    if not silences:
        return False
    hosts = {member.host for member in members_of(ledger, ports, incident) if member.is_open}
    return all(
        any(silence.covers(host, tags_of(ports, host), breach.rule) for silence in silences)
        for breach in incident.breaches
        for host in hosts or (incident.host,)
    )


def members_of(ledger: Ledger, ports: Ports, storm: Incident) -> tuple[Incident, ...]:
    """Return the members of a storm, and while it lasts those that are about to be; what is none has none."""
    rule = storm_rule(storm)
    if not rule:
        return ()
    members = tuple(each for each in ledger.incidents_since(storm.opened_at) if each.parent == storm.id)
    if not storm.is_open:
        return members
    soon = about_to_join(ledger, ports, rule, {member.host for member in members})
    return (*members, *(each for each in soon if may_join(ports, storm, each.opened_at)))


def may_join(ports: Ports, storm: Incident, began: datetime) -> bool:
    """Tell whether what began then may be of a storm: what is left of one takes in nobody hours later."""
    within_s = max(ports.config.alerts.storm_within_s, ports.config.check.every_s)
    return began - storm.seen_at <= timedelta(seconds=within_s)


def about_to_join(ledger: Ledger, ports: Ports, rule: str, known: Collection[str]) -> tuple[Incident, ...]:
    """Return what will be incidents of hosts that are about to have the same trouble."""
    configured = {host.name for host in ports.config.hosts}
    return expected((state for state in ledger.states() if state.host in configured), rule, known)


def routes_of(ledger: Ledger, ports: Ports, incident: Incident) -> tuple[Route, ...]:
    """Return the ways an incident goes."""
    return _ways(ports, incident, members_of(ledger, ports, incident))


def _ways(ports: Ports, incident: Incident, members: tuple[Incident, ...]) -> tuple[Route, ...]:
    """Return the routes that take an incident; one of the fleet goes those of all hosts that it is about."""
    rules = {breach.rule for breach in incident.breaches}
    if incident.host:
        return taken(
            ports.config.routes, incident.host, tags_of(ports, incident.host), rules, incident.severity
        )
    severities = {member.host: member.severity for member in members}
    hosts = [host for host in ports.config.hosts if host.name in severities or not (members or host.is_local)]
    return tuple(
        route
        for route in ports.config.routes
        if any(
            route.takes(host.name, host.tags, rules, severities.get(host.name, incident.severity))
            for host in hosts
        )
    )


def tags_of(ports: Ports, host: str) -> tuple[str, ...]:
    """Return a host's tags; the fleet, and a host that is not configured any more, has none."""
    return next((each.tags for each in ports.config.hosts if each.name == host), ())


def escalates(route: Route, severity: Severity) -> bool:
    """Tell whether a route has this escalated: what is critical, and all of one that takes only warnings."""
    least = Severity.CRITICAL if route.least is Severity.NOTICE else route.least
    return severity >= least and bool(route.escalate_to or route.escalate_mention)


def quiet_until(ports: Ports, severity: Severity, at: datetime) -> datetime | None:
    """Return until when nothing of this severity is to be said; None if it may be said now."""
    quiet = ports.config.quiet
    if quiet.begins is None or quiet.ends is None or severity >= quiet.severity:
        return None
    hours = QuietHours(quiet.begins, quiet.ends, ports.config.bot.zone)
    return hours.end(at) if hours.holds(at) else None


def _first(saying: _Saying, incident: Incident, changes: tuple[Change, ...]) -> Incident:
    """Tell of an incident that nobody was told of, if it is worth it and nobody asked for silence."""
    begins = any(change.turn in _BEGINNING for change in changes)
    if incident.parent is not None or not (incident.is_open or begins):
        return incident
    if is_silenced(saying.ledger, saying.ports, incident, saying.at):
        return replace(incident, silenced=True)
    places = (place for route in saying.routes for place in route.to)
    now = replace(incident, silenced=False, destinations=_merged(incident.destinations, places))
    if not now.destinations:
        return now
    told_at = saying.earliest(now)
    now = replace(now, told_at=told_at, called_at=told_at)
    saying.opening(now, now.destinations, told_at)
    return now


def _again(saying: _Saying, incident: Incident, changes: tuple[Change, ...]) -> Incident:
    """Tell of a change of an incident that people were told of, or are about to be."""
    hushed = incident.is_open and is_silenced(saying.ledger, saying.ports, incident, saying.at)
    alarmed = any(change.turn in _ALARMING for change in changes)
    if incident.silenced and incident.is_open and not hushed:
        changes = tuple(dict.fromkeys((*unsaid(incident), *changes)))
    noted = tuple(c for c in changes if c.turn in (_SAID_IN_SILENCE if hushed else _NOTED))
    escalated = any(change.turn is Turn.ESCALATED for change in noted)
    known = incident.destinations
    more = () if hushed else _newly(incident, saying.routes, noted)
    now = replace(
        incident,
        silenced=hushed and (incident.silenced or alarmed),
        destinations=_merged(known, more),
    )
    if not changes and now.destinations == known:
        saying.renewed(now)
        return now
    if saying.ledger.withdraw(now.card):
        return _never_said(saying, now, hushed=hushed, escalated=escalated)
    told_at = saying.earliest(now)
    saying.card(now, known)
    saying.opening(now, now.destinations[len(known) :], told_at, escalated=escalated)
    for change in noted:
        saying.note(now, change, known)
    if not _ALARMING.isdisjoint(change.turn for change in noted):
        now = replace(now, called_at=told_at)
    return replace(now, told_at=told_at) if noted else now


def _never_said(saying: _Saying, incident: Incident, *, hushed: bool, escalated: bool) -> Incident:
    """Say what nobody had begun to say as it is now; or not at all, where it is over and was not critical."""
    if hushed or not (incident.is_open or incident.worst is Severity.CRITICAL):
        return replace(incident, told_at=None, silenced=hushed)
    # It may have been held back while it was less severe.
    told_at = min(incident.told_at or saying.at, saying.earliest(incident))
    saying.opening(incident, incident.destinations, told_at, escalated=escalated)
    return replace(incident, told_at=told_at, called_at=told_at)


def _newly(incident: Incident, routes: Iterable[Route], changes: Iterable[Change]) -> Iterator[Destination]:
    """Yield where it is said from now on.

    A worse incident may go more ways, an escalated one further, and a storm where its newest hosts' go.
    """
    turns = {change.turn for change in changes}
    grows = bool(storm_rule(incident)) and incident.is_open
    for route in routes:
        if grows or not _ALARMING.isdisjoint(turns):
            yield from route.to
        if Turn.ESCALATED in turns and escalates(route, incident.severity):
            yield from route.escalate_to


def _merged(known: tuple[Destination, ...], more: Iterable[Destination]) -> tuple[Destination, ...]:
    return tuple(dict.fromkeys((*known, *more)))


@dataclass(frozen=True, slots=True)
class _Saying:
    """What is said of one incident in one transaction: its routes, and its members if it is a storm."""

    ledger: Ledger
    ports: Ports
    at: datetime
    members: tuple[Incident, ...]
    routes: tuple[Route, ...]

    def earliest(self, incident: Incident) -> datetime:
        """Return when people can be told of it: now, or when the quiet hours end."""
        severity = incident.severity if incident.is_open else incident.worst
        return quiet_until(self.ports, severity, self.at) or self.at

    def opening(
        self,
        incident: Incident,
        destinations: Iterable[Destination],
        told_at: datetime,
        *,
        escalated: bool = False,
    ) -> None:
        """Show the card where it was not shown yet, a moment later: it may still become part of a storm."""
        gathered = alarmed_at(incident) + timedelta(seconds=self.ports.config.alerts.gather_s)
        for place in destinations:
            mentions = self._mentions(incident, place, escalated=escalated)
            card = self._outgoing(incident, place, Part.CARD, self.message(incident))
            self.ledger.enqueue(
                replace(
                    card,
                    occurred_at=self.at if escalated else alarmed_at(incident),
                    not_before=max(told_at, gathered),
                    mentions=mentions,
                )
            )

    def card(self, incident: Incident, destinations: Iterable[Destination]) -> None:
        """Show the card as it is now."""
        for place in destinations:
            self.ledger.enqueue(self._outgoing(incident, place, Part.CARD, self.message(incident)))

    def renewed(self, incident: Incident) -> None:
        """Show the card as it is now, if it looks different in more than when its figures were measured."""
        before = self.ledger.incident(incident.id)
        now = replace(self.message(incident), measured_at=None)
        if before is None or replace(self.message(before), measured_at=None) != now:
            self.card(incident, incident.destinations)

    def note(self, incident: Incident, change: Change, destinations: Iterable[Destination]) -> None:
        """Say a change in the thread; what is alarming notifies those whom the routes name."""
        message = alert.note(incident, change, self.ports.config.bot.zone)
        escalated = change.turn is Turn.ESCALATED
        for place in destinations:
            alarming = escalated or change.turn in _ALARMING
            mentions = self._mentions(incident, place, escalated=escalated) if alarming else ()
            note = self._outgoing(incident, place, Part.NOTE, message)
            self.ledger.enqueue(replace(note, occurred_at=change.at, mentions=mentions))

    def message(self, incident: Incident) -> Message:
        """Return the card as it is now."""
        config = self.ports.config
        return alert.card(incident, config.bot.zone, self.members, hosts=len(config.hosts))

    def _outgoing(self, incident: Incident, place: Destination, part: Part, message: Message) -> Outgoing:
        return Outgoing(
            destination=place,
            card=incident.card,
            part=part,
            message=message,
            severity=incident.severity if incident.is_open else incident.worst,
            occurred_at=incident.changed_at,
            not_before=self.earliest(incident),
        )

    def _mentions(self, incident: Incident, place: Destination, *, escalated: bool) -> tuple[str, ...]:
        """Return whom the routes notify at a place, as far as they are of its platform."""
        entries: list[str] = []
        for route in self.routes:
            if place in route.to:
                entries += route.mention
            if escalated and escalates(route, incident.severity) and place in (*route.to, *route.escalate_to):
                entries += route.escalate_mention
        return tuple(dict.fromkeys(entry for entry in entries if platform_of(entry) == place.platform))


def platform_of(entry: str) -> str:
    """Return the platform of a roster entry: `slack` of `slack:U01` and of `slack-group:S01`."""
    return entry.partition(":")[0].partition("-")[0]
