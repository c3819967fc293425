"""A host that was started anew since the last check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.comparison import is_another_machine, was_up_before
from bot.domain.policy import Severity
from bot.domain.rule import Reading, Rule, Settings, beyond, half, well
from bot.domain.units import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.host_state import HostState
    from bot.domain.memory import Snapshot
    from bot.domain.rule import Observation

_CAUSE = "reboot"
_REBOOTED = 1.0


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge whether the boot is another one than at the last answer: a notice, unless more is configured."""
    checked, state = observation.outcome, observation.state
    if not isinstance(checked, Checked) or state is None or state.answered_at is None:
        return
    boot_id = checked.snapshot.identity.boot_id
    if not state.boot_id or not boot_id:
        return
    if state.boot_id == boot_id:
        yield well("the host was not rebooted", _CAUSE)
        return
    away_s = (observation.at - state.answered_at).total_seconds()
    if away_s < 0 or is_another_machine(state, checked.snapshot):
        return
    configured = beyond(_REBOOTED, settings, half)[0]
    severity = configured or Severity.NOTICE
    yield Reading(severity, severity, _sentence(checked.snapshot, away_s, state), _CAUSE, at_once=True)


def _sentence(snapshot: Snapshot, away_s: float, state: HostState) -> str:
    identity = snapshot.identity
    ago = f"rebooted {duration(identity.uptime_s)} ago"
    now = "started anew" if was_up_before(state, snapshot) else ago
    before = _up_before_s(state, identity.ticks_per_s)
    after = f" after {duration(before)}" if before is not None else ""
    return f"{now}; it was last seen up {duration(away_s)} ago{after}"


def _up_before_s(state: HostState, ticks_per_s: int) -> float | None:
    """Return how long the host had been up when it answered last, by the start of any of its services."""
    if state.answered_at is None:
        return None
    ups = [
        (state.answered_at - start.at).total_seconds() + start.ticks / ticks_per_s for start in state.starts
    ]
    return max((up for up in ups if up > 0), default=None)


RULE = Rule(
    name="reboot",
    help="A host was rebooted.",
    unit="1 for a reboot",
    defaults=Settings(hold_s=0, critical_hold_s=0, clear_hold_s=0),
    judge=judge,
    momentary=True,
)
