"""A service whose processes are gone, and which systemd did not stop on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.recognition import short
from bot.domain.rule import (
    MEMORY,
    Reading,
    Rule,
    Settings,
    beyond,
    half,
    plain,
    running_units,
    service_cause,
    service_in,
    standing,
    well,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.inspection import UnitState
    from bot.domain.rule import Observation

_NAME = "service_died"
_FAILED = 1.0
_OOM_KILL = "oom-kill"


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge the units that lost all their processes, and those that had and may be back.

    A unit that somebody stopped is inactive with the result success, and no breach; neither is a job that is
    done. One that systemd is about to start again has to stay away for the hold.
    """
    checked = observation.outcome
    if not isinstance(checked, Checked):
        return
    running = running_units(checked)
    before = standing(observation, _NAME)
    for unit, state in observation.units.items():
        if unit not in running:
            yield _gone(observation, checked, unit, state, settings)
    for unit, signal in before.items():
        if unit in running:
            yield well(f"{plain(short(unit))} runs again", signal.cause, unit)
        elif unit not in observation.units:
            severity = signal.severity or signal.toward
            yield Reading(severity, severity, signal.sentence, signal.cause, unit)


def _gone(
    observation: Observation, checked: Checked, unit: str, state: UnitState, settings: Settings
) -> Reading:
    cause = service_cause(service_in(observation, checked, unit))
    name = plain(short(unit))
    if state.active != "failed" and state.result in ("success", ""):
        return well(f"{name} was stopped", cause, unit)
    by_oom_killer = state.result == _OOM_KILL or any(
        kill.unit and short(kill.unit) == short(unit) for kill in observation.kills
    )
    reached, kept = beyond(_FAILED, settings, half)
    return Reading(
        reached,
        kept,
        f"{name} died: {_why(state, by_oom_killer=by_oom_killer)}",
        MEMORY if by_oom_killer else cause,
        unit,
        at_once=state.active == "failed",
    )


def _why(state: UnitState, *, by_oom_killer: bool) -> str:
    if by_oom_killer:
        return "the OOM killer killed a process of it"
    stands = "failed" if state.active == "failed" else f"{plain(state.active)} ({plain(state.sub)})"
    result = f" with the result {plain(state.result)}" if state.result not in ("success", "") else ""
    return f"systemd says {stands}{result}"


RULE = Rule(
    name=_NAME,
    help="A service has ended that nobody stopped.",
    unit="1 for a service that failed",
    defaults=Settings(warning=1, hold_s=60, clear_hold_s=60),
    judge=judge,
    follows_units=True,
)
