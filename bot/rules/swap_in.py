"""Memory that is read back from swap: what was swapped out is needed after all.

Swap in use says nothing; reading it back is what makes a host slow. 2 MiB/s are 500 page faults a second that
wait for a disk, 20 MiB/s keep an ordinary disk busy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.history import swap_in_bytes_per_s
from bot.domain.rule import MEMORY, Reading, Rule, Settings, begin_of, beyond, half
from bot.domain.units import GIB, MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.history import Sample
    from bot.domain.rule import Observation

_LEAST_APART_S = 1
# No machine reads faster: such a counter is garbled.
_MOST_BYTES_PER_S = 64 * GIB


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge the rate since the check before. A container is told the machine's counters: no reading."""
    outcome, before, now = observation.outcome, observation.before, observation.sample
    if not isinstance(outcome, Checked) or outcome.snapshot.identity.container or not before or not now:
        return
    rate = _rate(before, now)
    if rate is None:
        return
    value = rate / MIB
    reached, kept = beyond(value, settings, half)
    sentence = f"{value:.1f} MiB/s read back from swap"
    if reached is not None:
        sentence = f"{sentence}, above {begin_of(settings, reached):g} MiB/s"
    yield Reading(reached, kept, sentence, MEMORY)


def _rate(before: Sample, now: Sample) -> float | None:
    if (now.swapped_in_bytes or 0) < (before.swapped_in_bytes or 0):
        return None
    if (now.taken_at - before.taken_at).total_seconds() < _LEAST_APART_S:
        return None
    rate = swap_in_bytes_per_s(before, now)
    return rate if rate is not None and rate <= _MOST_BYTES_PER_S else None


RULE = Rule(
    name="swap_in",
    help="Programs wait for memory that has to be read back from swap.",
    unit="MiB read back from swap per second",
    defaults=Settings(warning=2, critical=20),
    judge=judge,
)
