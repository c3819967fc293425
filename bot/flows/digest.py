"""The time behind us, summed up for each channel: once, late rather than never, with its real length."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from bot.domain.course import course, elapsed, least_step
from bot.domain.policy import Severity
from bot.domain.summary import Summary, Unsaid, host_summary, told_at
from bot.flows.announce import quiet_until
from bot.flows.history import drawable, kept
from bot.outbox import Outgoing, Part
from bot.views import digest as view

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.domain.course import Course
    from bot.domain.incident import Incident
    from bot.domain.route import Destination
    from bot.domain.summary import HostSummary
    from bot.ports import Ports, Store

LENGTHS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
"""How far back the first digest of each kind looks."""

# One that was made so shortly before it was due is the one.
_EARLY = timedelta(minutes=10)
_POINTS = 200
# Figures are of memory alone: hardly any services are to be read.
_DAY = timedelta(days=1)
# An older check does not tell how a host is now.
_FRESH = timedelta(minutes=15)


def send(ports: Ports, kind: str, *, due: datetime, at: datetime) -> int:
    """Have the digest said that was due, if it was not yet; return at how many places.

    It covers the time since the last one. The first call ever says nothing of a time in which nothing was
    watched. Raises StoreError.
    """
    # In UTC, because what is taken from a local time is taken from what clocks show.
    store, due, at = ports.store, due.astimezone(UTC), at.astimezone(UTC)
    name = f"digest {kind}"
    noted = store.done_at(name) if store else None
    # A clock that went far ahead once must not keep us silent until then.
    done = None if noted is not None and noted - at > LENGTHS[kind] else noted
    if store is None or (done is not None and done >= due - _EARLY):
        return 0
    since = done or at - LENGTHS[kind]
    said = _said(ports, kind, since, due, at) if done or _was_watched(ports, store, since, due) else ()
    with store.changing() as ledger:
        # Somebody else may have been faster while this one was reading.
        if ledger.done_at(name) != noted:
            return 0
        for outgoing in said:
            ledger.enqueue(outgoing)
        ledger.done(name, at)
    return len(said)


def summary(ports: Ports, span: timedelta) -> tuple[Summary, Course | None]:
    """Return how all hosts did over the time up to now, and the course of the worst. Raises StoreError."""
    until = ports.now()
    names = [host.name for host in ports.config.hosts]
    found = _summary(ports, kept(ports), names, until - span, until)
    return found, _course(ports, found)


def _was_watched(ports: Ports, store: Store, since: datetime, due: datetime) -> bool:
    return any(store.samples(host.name, since, due, services_every=_DAY) for host in ports.config.hosts)


def _said(ports: Ports, kind: str, since: datetime, due: datetime, at: datetime) -> tuple[Outgoing, ...]:
    """Sum up each host once, then say at each place what concerns it."""
    store, zone = kept(ports), ports.config.bot.zone
    names_by_place = {place: names for place in _places(ports) if (names := _hosts_of(ports, place))}
    everywhere = set[str]().union(*names_by_place.values())
    found = _summary(ports, store, [h.name for h in ports.config.hosts if h.name in everywhere], since, at)
    given_up = [each for each in store.given_up(since) if each.at < at]
    card = f"digest {kind} {at.astimezone(zone).isoformat(timespec='minutes')}"
    not_before = _not_before(ports, due, at)
    courses: dict[HostSummary, Course | None] = {}
    said = []
    for place, names in names_by_place.items():
        own = _of(ports, found, place, names)
        lost = tuple(Unsaid(g.at, g.reason) for g in given_up if g.outgoing.destination == place)
        own = replace(own, given_up=lost)
        worst = own.hosts[0]
        if worst not in courses:
            courses[worst] = _course(ports, own)
        message = view.announced(own, courses[worst], kind=kind, due=due.astimezone(zone))
        said.append(Outgoing(place, card, Part.CARD, message, Severity.NOTICE, at, not_before))
    return tuple(said)


def _not_before(ports: Ports, due: datetime, at: datetime) -> datetime:
    """A late one waits for the end of quiet hours; one that is due in them was wanted then."""
    return (quiet_until(ports, Severity.NOTICE, at) if at - due > _EARLY else None) or at


def _places(ports: Ports) -> tuple[Destination, ...]:
    return tuple(dict.fromkeys(place for route in ports.config.routes for place in route.to))


def _hosts_of(ports: Ports, place: Destination, severity: Severity = Severity.CRITICAL) -> set[str]:
    hosts = ((host.name, host.tags) for host in ports.config.hosts)
    return told_at(ports.config.routes, place, hosts, severity)


def _of(ports: Ports, found: Summary, place: Destination, names: Collection[str]) -> Summary:
    """Leave what concerns a place: its hosts, and of their incidents those that are said there."""
    by_severity = {severity: _hosts_of(ports, place, severity) for severity in Severity}

    def told(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
        """Leave those that were said here, and of those that were said nowhere what would have been."""
        return tuple(
            each
            for each in incidents
            if place in each.destinations
            or (not each.destinations and (not each.host or each.host in by_severity[each.worst]))
        )

    hosts = (replace(host, incidents=told(host.incidents)) for host in found.hosts if host.host in names)
    return replace(found, hosts=tuple(sorted(hosts, key=lambda host: host.badness)), fleet=told(found.fleet))


def _summary(ports: Ports, store: Store, names: Sequence[str], since: datetime, until: datetime) -> Summary:
    incidents = [each for each in store.incidents(since) if each.opened_at < until]
    by_host: Mapping[str, list[Incident]] = {name: [] for name in ("", *names)}
    for each in incidents:
        if each.host in by_host:
            by_host[each.host].append(each)
    zone = ports.config.bot.zone
    hosts = (
        host_summary(
            name,
            store.samples(name, since, until, services_every=_DAY),
            until=until,
            fresh=max(_FRESH, 3 * timedelta(seconds=ports.config.check.every_s)),
            thresholds=ports.config.thresholds_of(ports.config.host(name)),
            state=store.state(name),
            incidents=by_host[name],
            events=store.events(name, since, until),
        )
        for name in names
    )
    return Summary(
        since=since.astimezone(zone),
        until=until.astimezone(zone),
        hosts=tuple(sorted(hosts, key=lambda host: host.badness)),
        fleet=tuple(by_host[""]),
    )


def _course(ports: Ports, found: Summary) -> Course | None:
    """Return the course of the worst host, if anything happened to it that a picture shows."""
    worst = found.hosts[0] if found.hosts else None
    if worst is None or not (worst.kills or worst.grave):
        return None
    store = kept(ports)
    length, every = elapsed(found.since, found.until), timedelta(seconds=ports.config.check.every_s)
    least = least_step(length, every, ports.config.history.retention, points=_POINTS)
    samples, step = drawable(store, worst.host, found.since, found.until, least)
    drawn = course(
        samples,
        found.since,
        found.until,
        host=worst.host,
        thresholds=ports.config.thresholds_of(ports.config.host(worst.host)),
        step=step,
    )
    events = store.events(worst.host, found.since, found.until)
    return replace(drawn, incidents=worst.incidents, events=events)
