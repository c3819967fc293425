"""What it means to watch for something: what a rule is given, what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bot.domain.check import Checked, Failed
    from bot.domain.history import Sample
    from bot.domain.host_state import HostState
    from bot.domain.inspection import UnitState
    from bot.domain.oom import Kill
    from bot.domain.policy import Severity, Thresholds


class Bytes(float):
    """A value in bytes, where the rule's own unit is percent of MemTotal."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration says of one rule for one host.

    The four values are in the rule's own unit: a severity begins at `warning` or `critical`, never if that is
    None, and ends at `warning_clear` or `critical_clear`, by the rule's own margin if that is None. The holds
    say for how many seconds a value has to stay beyond before it counts.
    """

    enabled: bool = True
    warning: float | None = None
    critical: float | None = None
    warning_clear: float | None = None
    critical_clear: float | None = None
    hold_s: float = 120.0
    critical_hold_s: float = 60.0
    clear_hold_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that is known of a host at one check.

    `outcome` is how the look at it went. `before` is the sample of the check before, `state` what was kept of
    the host then (None at the first check). `recent` are the samples of the last half hour, oldest first,
    without this one; `sample` is this one, None where the host did not answer. `history` reads the samples of
    a longer time before now, oldest first, and may be slow. `units` has the state, in systemd's words, of
    those units whose processes began anew or vanished since the last check. `kills` are the OOM kills since
    then.
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule found of one subject (a service or unit; empty for the host itself).

    `reached` is the highest severity whose begin the value is beyond, `kept` the highest whose end it is
    still beyond: a severity begins by the first and lasts by the second, so that a value that dances around
    one threshold changes nothing. None is below all. `sentence` says it with its figures: `96 of 961 MiB
    available (10 %), below 20 %`. `cause` names the incident it belongs to: readings of one cause are one
    story. `at_once` leaves out the hold: it has happened (a kill, a reboot), it cannot be a passing value.
    """

    reached: Severity | None
    kept: Severity | None
    sentence: str
    cause: str
    subject: str = ""
    at_once: bool = False


Judge = Callable[[Observation, Settings], Iterable[Reading]]
"""Judges a host. It never raises for what a host says: an impossible number is no reading.

What it does not speak of stays as it was: a rule that cannot measure yields nothing; one that knows that a
subject is well says so with a Reading that reached and kept None.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something to watch for: its name in the configuration, one sentence, the unit of its values.

    A `momentary` rule tells what happened, not what lasts: its incident ends by itself and without a word.
    """

    name: str
    help: str
    unit: str
    defaults: Settings
    judge: Judge
    momentary: bool = False


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
