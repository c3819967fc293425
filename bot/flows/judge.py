"""What a check finds, before anything of it is written: what was seen, and what the rules say to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain import suspects
from bot.domain.check import Checked
from bot.domain.incident import News
from bot.domain.policy import Severity
from bot.domain.remedy import NOTHING
from bot.domain.rule import MEMORY, REACH
from bot.domain.signal import GAP_S, advance
from bot.errors import HostError
from bot.flows.check import look, look_or_fail
from bot.flows.observe import observe
from bot.flows.offer import offered

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Host
    from bot.domain.comparison import Difference
    from bot.domain.host_state import HostState
    from bot.domain.incident import Incident
    from bot.domain.remedy import Offer
    from bot.domain.rule import Observation, Reading, Rule, Settings
    from bot.domain.signal import Signal
    from bot.ports import Ports, Store


@dataclass(frozen=True, slots=True)
class Found:
    """What a check came to.

    `before` is what was kept of the host then. `picture` is the look that a card's figures are taken from: a
    deeper one where something gets worse, None where the host did not answer. `offered` is what can be asked
    for to be done to hosts.
    """

    host: Host
    before: HostState | None
    observation: Observation
    different: Difference | None
    readings: tuple[tuple[Rule, Reading], ...]
    signals: tuple[Signal, ...]
    picture: Checked | None
    offered: Offer = NOTHING

    @property
    def at(self) -> datetime:
        """When the host was looked at."""
        return self.observation.at

    def news(self, cause: str) -> tuple[News, ...]:
        """Return what happened and is no passing value: a kill, a service that died of it."""
        standing = {(s.rule, s.subject) for s in (self.before.signals if self.before else ()) if s.severity}
        return tuple(
            News(reading.sentence, again)
            for rule, reading in self.readings
            if reading.cause == cause and reading.at_once and reading.reached is not None
            if not (again := (rule.name, reading.subject) in standing) or self.observation.kills
        )

    def end_of(self, incident: Incident) -> str:
        """Return what is said now of what was broken worst; of memory, how much of it there is."""
        said = {(signal.rule, signal.subject): signal.sentence for signal in self.signals}
        broken = [(breach.rule, breach.subject) for breach in incident.breaches]
        if incident.cause == MEMORY:
            broken.insert(0, (MEMORY, ""))
        return next((said[key] for key in broken if key in said), "nobody watches for it any more")

    def pictured(self, incident: Incident) -> Incident:
        """Return an incident with what its card shows of the host's memory, as far as the host was seen."""
        now = self.observation.sample
        if self.picture is None or now is None or incident.cause == REACH:
            return incident
        good = self.before.good if self.before else None
        return replace(
            incident,
            picture=suspects.picture(self.picture),
            since_good=suspects.since_good(good, self.observation.before, now, self.observation.recent),
            suspects=suspects.suspects(self.picture, good, now, self.offered),
        )


def judge(ports: Ports, store: Store, host: Host) -> Found:
    """Look at a host and judge it; whatever takes its time is done here. Raises StoreError."""
    before = store.state(host.name)
    outcome = look_or_fail(ports, host.name)
    observation, different = observe(ports, store, outcome, before)
    settings = {rule.name: ports.config.settings_of(host, rule) for rule in ports.rules}
    readings = tuple(
        (rule, reading)
        for rule in ports.rules
        if settings[rule.name].enabled
        for reading in rule.judge(observation, settings[rule.name])
    )
    signals = _advanced(ports, before, observation, readings, settings)
    picture = outcome if isinstance(outcome, Checked) else None
    if picture is not None and _severity(signals) > _severity(before.signals if before else ()):
        picture = _deeply(ports, picture)
    return Found(host, before, observation, different, readings, signals, picture, offered(ports, host.name))


def _advanced(
    ports: Ports,
    before: HostState | None,
    observation: Observation,
    readings: tuple[tuple[Rule, Reading], ...],
    settings: dict[str, Settings],
) -> tuple[Signal, ...]:
    """Return what is so by now; what no rule speaks of stays as it was, unless nobody watches for it more."""
    signals = {
        (signal.rule, signal.subject): signal
        for signal in (before.signals if before else ())
        if signal.rule in settings and settings[signal.rule].enabled
    }
    gap_s = max(GAP_S, 3 * ports.config.check.every_s)
    for rule, reading in readings:
        if not rule.momentary:
            key = rule.name, reading.subject
            known = signals.get(key)
            signals[key] = _since_it_began(
                known, advance(known, reading, rule.name, settings[rule.name], observation.at, gap_s=gap_s)
            )
    return tuple(signals.values())


def _since_it_began(before: Signal | None, now: Signal) -> Signal:
    """Return a signal that got worse as having been so since the readings were, not since that counts."""
    if before is None or (now.severity or 0) <= (before.severity or 0):
        return now
    began = before.critical_since if now.severity is Severity.CRITICAL else before.toward_since
    return replace(now, since=min(now.since, began or now.since))


def _severity(signals: tuple[Signal, ...]) -> int:
    """Return how short of memory a host is, 0 if it is not."""
    return max((signal.severity or 0 for signal in signals if signal.cause == MEMORY), default=0)


def _deeply(ports: Ports, checked: Checked) -> Checked:
    """Look again for exact figures; where that fails, the ones there are have to do."""
    try:
        return look(ports, checked.host, deep=True)
    except HostError:
        return checked
