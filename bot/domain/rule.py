"""What it means to watch for something: what a rule is given, what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING

from bot.domain.policy import Severity
from bot.domain.reading import Bytes, Reading, Settings
from bot.domain.recognition import short, unit_name

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bot.domain.check import Checked, Failed
    from bot.domain.event import Event
    from bot.domain.history import Sample
    from bot.domain.host_state import HostState
    from bot.domain.inspection import UnitState
    from bot.domain.oom import Kill
    from bot.domain.policy import Thresholds
    from bot.domain.signal import Signal

__all__ = [
    "MEMORY",
    "REACH",
    "Bytes",
    "Judge",
    "Observation",
    "Reading",
    "Rule",
    "Settings",
    "begin_of",
    "beyond",
    "half",
    "memory_settings",
    "plain",
    "running_units",
    "service_cause",
    "service_in",
    "standing",
    "well",
]


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that is known of a host at one check.

    `outcome` is how the look at it went. `before` is the sample of the check before, `state` what was kept of
    the host then (None at the first check). `recent` are the samples of the last half hour, oldest first,
    without this one; `sample` is this one, None where the host did not answer. `history` reads the samples of
    a longer time before now, oldest first, and may be slow. `units` has the state, in systemd's words, of
    those units whose processes began anew or vanished since the last check. `kills` are the OOM kills since
    then. `events` are those of the last hour, oldest first, without what this check finds.
    """

    host: str
    at: datetime
    outcome: Checked | Failed
    sample: Sample | None
    before: Sample | None
    state: HostState | None
    recent: tuple[Sample, ...]
    history: Callable[[timedelta], tuple[Sample, ...]]
    units: Mapping[str, UnitState] = field(default_factory=dict)
    kills: tuple[Kill, ...] = ()
    events: tuple[Event, ...] = ()


Judge = Callable[[Observation, Settings], Iterable[Reading]]
"""Judges a host. It never raises for what a host says: an impossible number is no reading.

What it does not speak of stays as it was: a rule that cannot measure yields nothing; one that knows that a
subject is well says so with a Reading that reached and kept None.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something to watch for: its name in the configuration, one sentence, the unit of its values.

    A `momentary` rule tells what happened, not what lasts: its incident ends by itself and without a word.
    The subjects of one that `follows_units` are units: systemd is asked about each at every check until it is
    well.
    """

    name: str
    help: str
    unit: str
    defaults: Settings
    judge: Judge
    momentary: bool = False
    follows_units: bool = False


_LONGEST_NAME = 60

MEMORY = "memory"
"""The cause of everything that tells that a host has too little memory."""

REACH = "reach"
"""The cause of everything that keeps us from looking at a host."""


def memory_settings(defaults: Settings, thresholds: Thresholds) -> Settings:
    """Return the memory rule's settings that go with the levels: a warning begins below `acceptable`."""
    return replace(defaults, warning=thresholds.acceptable_percent, critical=thresholds.warning_percent)


def service_cause(name: str) -> str:
    """Return the cause of what is wrong with one service."""
    return f"service {name}"


def beyond(
    value: float, settings: Settings, clear: Callable[[float], float], *, low: bool = False
) -> tuple[Severity | None, Severity | None]:
    """Return the highest severity whose begin a value is beyond, and the highest whose end it is beyond.

    `clear` turns a begin into the end that goes with it where none is configured. A value is beyond a begin
    that it equals or exceeds, or with `low` is below.
    """
    reached = kept = None
    for severity, begin, end in (
        (Severity.WARNING, settings.warning, settings.warning_clear),
        (Severity.CRITICAL, settings.critical, settings.critical_clear),
    ):
        if begin is None:
            continue
        last = clear(begin) if end is None else end
        if value < begin if low else value >= begin:
            reached = kept = severity
        elif value < last if low else value > last:
            kept = severity
    return reached, kept


def begin_of(settings: Settings, severity: Severity) -> float:
    """Return where a severity begins; infinity if it never does."""
    begin = settings.critical if severity is Severity.CRITICAL else settings.warning
    return inf if begin is None else begin


def half(begin: float) -> float:
    """Return half of a begin: where a rate ends that is not configured."""
    return begin / 2


def standing(observation: Observation, rule_name: str) -> dict[str, Signal]:
    """Return what a rule found before and is not simply well, by subject."""
    signals = observation.state.signals if observation.state else ()
    return {signal.subject: signal for signal in signals if signal.rule == rule_name}


def well(sentence: str, cause: str, subject: str = "") -> Reading:
    """Return a reading that nothing is wrong with the subject."""
    return Reading(None, None, sentence, cause, subject)


def plain(text: str, longest: int = _LONGEST_NAME) -> str:
    """Return what a host says, of a process for instance, fit for a sentence: printable, and cut short."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)


def service_in(observation: Observation, checked: Checked, unit: str) -> str:
    """Return the name of the service that runs, or last ran, in a unit; else the unit's own in short."""
    running = (service.name for service in checked.services if unit in service.units)
    starts = observation.state.starts if observation.state else ()
    before = (start.service for start in starts if start.unit == unit)
    return next(running, None) or next(before, None) or short(unit)


def running_units(checked: Checked) -> frozenset[str]:
    """Return the units in which processes run."""
    return frozenset(filter(None, (unit_name(process.unit) for process in checked.snapshot.processes)))
