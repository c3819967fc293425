"""A service that keeps restarting: each start looks well, all of them together do not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.event import EventKind
from bot.domain.recognition import short
from bot.domain.rule import (
    Reading,
    Rule,
    Settings,
    beyond,
    plain,
    running_units,
    service_cause,
    service_in,
    standing,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.rule import Observation

_NAME = "service_restarting"
_WITHIN = timedelta(minutes=15)
_MARGIN = 2


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge how often units began anew: what this check finds, and the starts that were marked before.

    Starts by hand, a deploy for instance, are none of systemd's restarts, by which the number is bounded.
    """
    checked = observation.outcome
    if not isinstance(checked, Checked):
        return
    running = running_units(checked)
    before = standing(observation, _NAME)
    for unit in dict.fromkeys((*(u for u in observation.units if u in running), *before)):
        name = service_in(observation, checked, unit)
        began_now = unit in observation.units and unit in running
        count = _marked(observation, {unit, name, short(unit)}) + began_now
        restarts = observation.units[unit].restarts if began_now else None
        count = count if restarts is None else min(count, restarts)
        reached, kept = beyond(count, settings, _clear)
        minutes = _WITHIN // timedelta(minutes=1)
        sentence = f"{plain(short(unit))} restarted {count} times within {minutes} min"
        yield Reading(reached, kept, sentence, service_cause(name), unit, at_once=True)


def _marked(observation: Observation, subjects: set[str]) -> int:
    return sum(
        event.kind is EventKind.SERVICE_STARTED
        and event.subject in subjects
        and timedelta(0) <= observation.at - event.at <= _WITHIN
        for event in observation.events
    )


def _clear(begin: float) -> float:
    return max(0, begin - _MARGIN)


RULE = Rule(
    name=_NAME,
    help="A service is restarted by systemd again and again.",
    unit="restarts within 15 minutes",
    # Counting over a quarter of an hour holds already.
    defaults=Settings(warning=3, critical=None, hold_s=0, critical_hold_s=0, clear_hold_s=300),
    judge=judge,
)
