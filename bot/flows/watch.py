"""A scheduled check: look, observe, judge, decide, say. What was decided is written all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import comparison
from bot.domain.check import Checked
from bot.domain.incident import (
    Breach,
    State,
    breaches_of,
    followed,
    news_since,
    resolved,
)
from bot.domain.policy import Severity
from bot.domain.rule import MEMORY, REACH, Observation
from bot.errors import CommandTimedOut, HostUnreachable, StoreError
from bot.flows import storms
from bot.flows.announce import changed
from bot.flows.check import look_or_fail
from bot.flows.judge import judge
from bot.message import Message, Text, Tone
from bot.views import advice

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.incident import Incident
    from bot.domain.rule import Reading, Rule
    from bot.domain.signal import Signal
    from bot.flows.judge import Found
    from bot.ports import Ledger, Ports

_FRESH = timedelta(hours=1)
_FLAPS_WITHIN = timedelta(hours=1)
_NOT_RECORDED = "The database cannot be used: this is no incident, has no number, and may be said again."


@dataclass(frozen=True, slots=True)
class Watched:
    """A check that was made: whether the host answered, and in how many seconds to look again."""

    host: str
    next_in_s: float
    answered: bool


def watch(ports: Ports, host: str) -> Watched:
    """Check a host, and let its incidents follow.

    A host that does not answer is a finding like any other. Raises StoreError: then nothing was written, and
    nothing will be said (see `unrecorded`); LookupError if the host is not configured.
    """
    if ports.store is None:
        raise StoreError("Without a database hosts cannot be watched.")
    found = judge(ports, ports.store, ports.config.host(host))
    with ports.store.changing() as ledger:
        if ledger.state(host) != found.before:
            # Another check of the same host came first; it has found the same.
            return Watched(host, ports.config.check.every_s, found.picture is not None)
        signals, is_blind = _with_sight(ledger, ports, found)
        found = replace(found, signals=signals)
        incidents = _follow(ledger, ports, found)
        _remember(ledger, found, incidents)
    return Watched(host, _next_in_s(ports, found, incidents, is_blind=is_blind), found.picture is not None)


def unrecorded(ports: Ports, host: str) -> tuple[Message, ...]:
    """Return what to say at once of a host that is critically short of memory, where nothing can be recorded.

    It looks again, and asks no store: neither for how long it has been so nor whether it was said before.
    """
    checked = look_or_fail(ports, host)
    if not isinstance(checked, Checked):
        return ()
    at = checked.snapshot.taken_at
    alone = Observation(host, at, checked, None, None, None, (), lambda _: ())
    return tuple(
        Message(
            headline=f"{host} is critical: {reading.sentence}",
            blocks=(Text(advice.sentence(checked)), Text(_NOT_RECORDED, Tone.WARNING)),
            tone=Tone.CRITICAL,
            private=False,
            measured_at=at,
        )
        for rule in ports.rules
        if rule.name == MEMORY
        for reading in rule.judge(alone, ports.config.settings_of(ports.config.host(host), rule))
        if reading.reached is Severity.CRITICAL
    )


def _with_sight(ledger: Ledger, ports: Ports, found: Found) -> tuple[tuple[Signal, ...], bool]:
    """Return the signals as far as they tell of the host and not of our own network; and if we are blind."""
    at, outcome = found.at, found.observation.outcome
    if isinstance(outcome, Checked) or not isinstance(outcome.error, HostUnreachable | CommandTimedOut):
        if not found.host.is_local:
            storms.sight_returned(ledger, ports, f"{found.host.name} answers again", at)
        return found.signals, False
    lost = next((s for s in found.signals if s.cause == REACH and (s.severity or s.toward)), None)
    known = any(each.cause == REACH for each in ledger.open_incidents(found.host.name))
    if lost is None or known:
        return found.signals, False
    if not storms.is_blind(ledger, ports, found.host, lost, at):
        return found.signals, False
    return tuple(storms.held_back(signal, at) for signal in found.signals), True


def _follow(ledger: Ledger, ports: Ports, found: Found) -> tuple[Incident, ...]:
    """Let every incident of the host follow what was found; return those that are open then."""
    known = {incident.cause: incident for incident in ledger.open_incidents(found.host.name)}
    causes = dict.fromkeys((*known, *(s.cause for s in found.signals if s.severity is not None)))
    for cause in causes:
        breaches = breaches_of(found.signals, cause)
        if cause not in known:
            known[cause] = _begin(ledger, ports, found, cause, breaches)
        elif breaches:
            known[cause] = _go_on(ledger, ports, found, known[cause], breaches)
        else:
            known[cause] = _end(ledger, ports, found, known[cause])
    for rule, reading in found.readings:
        if rule.momentary and reading.reached is not None:
            _happen(ledger, ports, found, rule, reading)
    return tuple(incident for incident in known.values() if incident.is_open)


def _begin(ledger: Ledger, ports: Ports, found: Found, cause: str, breaches: tuple[Breach, ...]) -> Incident:
    """Open an incident, or the one again that was over only a short time ago."""
    incident = storms.begun(ledger, ports, found.host.name, cause, breaches, at=found.at)
    incident = found.pictured(incident)
    return storms.raised(ledger, ports, incident, incident.story[-1:], found.at)


def _go_on(
    ledger: Ledger, ports: Ports, found: Found, incident: Incident, breaches: tuple[Breach, ...]
) -> Incident:
    at = found.at
    news = found.news(incident.cause)
    is_seen = found.picture is not None or incident.cause == REACH
    now = followed(incident, breaches, news, at, at if is_seen else incident.seen_at)
    changes = news_since(incident, now)
    if now == incident and not incident.silenced:
        return incident
    if now.seen_at != incident.seen_at:
        now = found.pictured(now)
    if incident.silenced:
        return storms.raised(ledger, ports, now, changes, at)
    return changed(ledger, ports, now, changes, at)


def _end(ledger: Ledger, ports: Ports, found: Found, incident: Incident) -> Incident:
    over = resolved(incident, found.end_of(incident), found.at)
    return changed(ledger, ports, over, over.story[-1:], found.at)


def _happen(ledger: Ledger, ports: Ports, found: Found, rule: Rule, reading: Reading) -> None:
    """Tell of what happened but does not last: an incident that is over as soon as it is told."""
    at, severity = found.at, reading.reached or Severity.NOTICE
    breaches = (Breach(rule.name, reading.subject, severity, reading.sentence, at),)
    incident = storms.begun(ledger, ports, found.host.name, reading.cause, breaches, at=at)
    over = replace(incident, state=State.RESOLVED, resolved_at=at)
    storms.raised(ledger, ports, over, over.story[-1:], at)


def _remember(ledger: Ledger, found: Found, incidents: tuple[Incident, ...]) -> None:
    """Keep the sample, what happened, and what the next check has to know."""
    observation, outcome = found.observation, found.observation.outcome
    signals = tuple(signal for signal in found.signals if _is_worth_keeping(signal, found.at))
    if not isinstance(outcome, Checked) or observation.sample is None:
        error = "" if isinstance(outcome, Checked) else str(outcome.error)
        state = comparison.unseen(found.before, found.host.name, error, observation.at, signals)
        ledger.save_state(state)
        return
    is_good = not incidents and not any(s.severity or s.toward for s in signals)
    good = observation.sample if is_good else None
    ledger.remember(observation.sample)
    ledger.save_state(comparison.seen(found.before, outcome, good, signals))
    if found.different is not None:
        for event in comparison.events(found.host.name, observation.at, found.different, observation.kills):
            ledger.mark(event)


def _is_worth_keeping(signal: Signal, at: datetime) -> bool:
    """Tell whether it is not simply well: something is wrong, or about to be, or has come and gone lately."""
    flapped = any(at - change < _FLAPS_WITHIN for change in signal.changes)
    return signal.severity is not None or signal.toward is not None or flapped


def _next_in_s(ports: Ports, found: Found, incidents: tuple[Incident, ...], *, is_blind: bool) -> float:
    """Look closely at what is about to change, or did lately."""
    at, check = found.at, ports.config.check
    pending = any(signal.toward is not None for signal in found.signals)
    lately = any(at - incident.opened_at < _FRESH for incident in incidents)
    return check.closely_s if (pending or lately) and not is_blind else check.every_s
