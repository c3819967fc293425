"""A host that was started anew since the last check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.policy import Severity
from bot.domain.rule import Reading, Rule, Settings, beyond, half, well
from bot.domain.units import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.host_state import HostState
    from bot.domain.rule import Observation

_CAUSE = "reboot"
_REBOOTED = 1.0
# Clocks differ, and a check takes its time.
_SLACK_S = 120


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge whether the boot is another one than at the last answer: a notice, unless more is configured."""
    checked, state = observation.outcome, observation.state
    if not isinstance(checked, Checked) or state is None or state.answered_at is None:
        return
    identity = checked.snapshot.identity
    if not state.boot_id or not identity.boot_id:
        return
    if state.boot_id == identity.boot_id:
        yield well("the host was not rebooted", _CAUSE)
        return
    away_s = (observation.at - state.answered_at).total_seconds()
    # A container may be told the machine's uptime. A machine that was up all the time was not rebooted:
    # another one answers in its place.
    if away_s < 0 or (identity.container is None and identity.uptime_s > away_s + _SLACK_S):
        return
    configured = beyond(_REBOOTED, settings, half)[0]
    severity = configured or Severity.NOTICE
    yield Reading(severity, severity, _sentence(identity.uptime_s, away_s, state), _CAUSE, at_once=True)


def _sentence(uptime_s: float, away_s: float, state: HostState) -> str:
    now = f"rebooted {duration(uptime_s)} ago" if uptime_s <= away_s + _SLACK_S else "started anew"
    before = _up_before_s(state)
    after = f" after {duration(before)}" if before is not None else ""
    return f"{now}; it was last seen up {duration(away_s)} ago{after}"


def _up_before_s(state: HostState) -> float | None:
    """Return how long the host had been up when it answered last, by the start of any of its services."""
    if state.answered_at is None:
        return None
    ups = [(state.answered_at - start.at).total_seconds() + start.ticks / 100 for start in state.starts]
    return max((up for up in ups if up > 0), default=None)


RULE = Rule(
    name="reboot",
    help="A host was rebooted.",
    unit="1 for a reboot",
    defaults=Settings(hold_s=0, critical_hold_s=0, clear_hold_s=0),
    judge=judge,
    momentary=True,
)
