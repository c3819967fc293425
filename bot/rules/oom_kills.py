"""The kernel killed a process because there was no memory left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.recognition import short
from bot.domain.rule import MEMORY, Reading, Rule, Settings, beyond, half, plain, standing, well
from bot.domain.units import size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.oom import Kill
    from bot.domain.rule import Observation

_NAME = "oom_kills"
_MOST_NAMED = 3
_MOST_KILLS = 100_000


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge the kills since the last check. What was found stays said until its clear hold is over."""
    if not isinstance(observation.outcome, Checked):
        return
    counted, kills = _counted(observation), observation.kills
    number = max(len(kills), counted or 0)
    if number == 0:
        before = standing(observation, _NAME).get("")
        if before is not None or counted is not None:
            yield well(before.sentence if before else "no OOM kill", MEMORY)
        return
    reached, kept = beyond(number, settings, half)
    yield Reading(reached, kept, _sentence(observation, kills, number), MEMORY, at_once=True)


def _counted(observation: Observation) -> int | None:
    """Return by how much the machine's counter has grown since the last check of the same boot.

    None where that cannot be known: a container is told the machine's counter, with its neighbours' kills.
    """
    state, sample, outcome = observation.state, observation.sample, observation.outcome
    if not isinstance(outcome, Checked) or outcome.snapshot.identity.container or not state or not sample:
        return None
    if not state.boot_id or state.boot_id != sample.boot_id:
        return None
    if state.oom_kills is None or sample.oom_kills is None:
        return None
    grown = sample.oom_kills - state.oom_kills
    return grown if 0 <= grown <= _MOST_KILLS else None


def _sentence(observation: Observation, kills: tuple[Kill, ...], number: int) -> str:
    named = [kill for kill in kills if kill.victim]
    what = f"the OOM killer killed {_victims(named, number)}"
    largest, largest_bytes = _largest(observation, kills)
    if not largest or (number == 1 and named and largest == named[0].victim):
        return what
    held = f" with {size(largest_bytes)}" if largest_bytes else ""
    return f"{what}; the largest process at the check before was {plain(largest)}{held}"


def _victims(named: list[Kill], number: int) -> str:
    if not named:
        return (
            "1 process, which one is not known" if number == 1 else f"{number} processes, which is not known"
        )
    shown = ", ".join(map(_victim, named[:_MOST_NAMED]))
    if number == 1:
        return shown
    more = number - len(named[:_MOST_NAMED])
    return f"{number} processes: {shown}{f' and {more} more' if more else ''}"


def _victim(kill: Kill) -> str:
    held = f" ({size(kill.victim_bytes)})" if kill.victim_bytes else ""
    return f"{plain(kill.victim)}{held}{f' in {plain(short(kill.unit))}' if kill.unit else ''}"


def _largest(observation: Observation, kills: tuple[Kill, ...]) -> tuple[str, int | None]:
    for kill in kills:
        if kill.largest:
            return kill.largest, kill.largest_bytes
    state = observation.state
    return (state.largest, state.largest_bytes) if state else ("", None)


RULE = Rule(
    name=_NAME,
    help="The kernel killed processes because no memory was left.",
    unit="processes killed since the last check",
    # It has happened, so nothing is held; and one kill is often followed by the next.
    defaults=Settings(critical=1, hold_s=0, critical_hold_s=0, clear_hold_s=600),
    judge=judge,
)
