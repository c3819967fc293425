"""A host that cannot be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Failed
from bot.domain.rule import REACH, Reading, Rule, Settings, beyond, half, plain, well
from bot.domain.units import duration
from bot.errors import (
    CommandFailed,
    CommandTimedOut,
    HostUnreachable,
    LoginRefused,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.rule import Observation

_FAILURES = (HostUnreachable, CommandTimedOut, LoginRefused, CommandFailed, Unreadable)
_LONGEST_REASON = 300
_MINUTE_S = 60


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge how long a host has not answered, in minutes; one that shows another key does answer."""
    outcome = observation.outcome
    if not isinstance(outcome, Failed) or not isinstance(outcome.error, _FAILURES):
        yield well("the host answers", REACH)
        return
    answered_at = observation.state.answered_at if observation.state else None
    silent_s = max(0.0, (observation.at - answered_at).total_seconds()) if answered_at else 0.0
    reached, kept = beyond(silent_s / _MINUTE_S, settings, half)
    reason = plain(str(outcome.error), _LONGEST_REASON)
    since = f" The last answer was {duration(silent_s)} ago." if silent_s else ""
    yield Reading(reached, kept, f"{reason}{since}", REACH)


RULE = Rule(
    name="unreachable",
    help="A host does not answer, does not let us in, or answers what is no answer.",
    unit="minutes without an answer",
    # From the first failure on, but held: one lost connection is none of anybody's business.
    defaults=Settings(warning=0, hold_s=120, clear_hold_s=60),
    judge=judge,
)
