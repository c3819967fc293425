"""A host that shows a key which is not the pinned one: another machine, or somebody in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.rule import REACH, Reading, Rule, Settings, beyond, half, plain, well
from bot.errors import HostKeyChanged, HostKeyUnknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.rule import Observation

_LONGEST_REASON = 300
_REFUSED = 1.0


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge the key. A host that could not be reached showed none, so that what was so stays so."""
    outcome = observation.outcome
    if isinstance(outcome, Checked):
        yield well("the host shows the pinned key", REACH)
    elif isinstance(outcome.error, HostKeyChanged | HostKeyUnknown):
        reached, kept = beyond(_REFUSED, settings, half)
        yield Reading(reached, kept, plain(str(outcome.error), _LONGEST_REASON), REACH, at_once=True)


RULE = Rule(
    name="host_key",
    help="A host shows a key that is not the pinned one.",
    unit="1 for a key that is not pinned",
    defaults=Settings(critical=1, hold_s=0, critical_hold_s=0, clear_hold_s=0),
    judge=judge,
)
