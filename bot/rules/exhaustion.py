"""When memory will be full if it goes on like this."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.rule import MEMORY, Reading, Rule, Settings, beyond, standing, well
from bot.domain.trend import trend
from bot.domain.units import MIB, duration, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.history import Sample
    from bot.domain.rule import Observation
    from bot.domain.trend import Point

_NAME = "exhaustion"
# The shortest holds four checks, each a minute apart and somewhat late.
_WINDOWS_S = (200, 260, 320, 440, 620, 900, 1300, 1800)
_LEAST_S = 60
_LEAST_SAMPLES = 4
_MOST_AVAILABLE_PART = 0.5
_LEAST_FALLEN_PART = 0.03
# Nothing is foretold for a longer time than so many times that of the fall that was seen.
_EXTRAPOLATED = 2
# Memory has to be lower than it was for half an hour by this part of it: each tooth of a saw falls steadily.
_NEW_LOW_PART = 0.02
_ENDS_AFTER = 1.5
_MINUTE_S = 60


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge how long what is available lasts, in minutes, at the rate of the last minutes.

    Only a steady fall counts, to less than half of all memory and lower than before. Where a limit holds the
    whole host, the samples do not tell what is left of it, and there is no reading.
    """
    outcome, now = observation.outcome, observation.sample
    if not isinstance(outcome, Checked) or outcome.assessment.confined or now is None:
        return
    samples = _usable((*observation.recent, now))
    if not samples or samples[-1] is not now or len(samples) < _LEAST_SAMPLES:
        return
    if (now.taken_at - samples[0].taken_at).total_seconds() < _LEAST_S:
        return
    available = _available(now)
    # What is said already needs less to go on being said.
    reach = _EXTRAPOLATED * (_ENDS_AFTER if standing(observation, _NAME) else 1)
    rate = _fall_bytes_per_s(samples, reach)
    minutes = available / rate / _MINUTE_S if rate > 0 else inf
    reached, kept = beyond(minutes, settings, _clear, low=True)
    if kept is None:
        yield well(f"{size(available)} available, not falling steadily", MEMORY)
        return
    sentence = (
        f"at this rate memory is full in {duration(minutes * _MINUTE_S)}; {size(available)} available,"
        f" falling by {rate * _MINUTE_S / MIB:.1f} MiB per minute"
    )
    yield Reading(reached, kept, sentence, MEMORY)


def _usable(samples: tuple[Sample, ...]) -> list[Sample]:
    """Return the samples of the latest boot with possible numbers; none from before a clock went back."""
    found: list[Sample] = []
    for sample in samples:
        available = sample.mem_available_bytes
        if available is None or not 0 <= available <= sample.mem_total_bytes:
            continue
        if found and not _follows(found[-1], sample):
            found.clear()
        found.append(sample)
    return found


def _follows(earlier: Sample, later: Sample) -> bool:
    same = earlier.boot_id == later.boot_id and earlier.mem_total_bytes == later.mem_total_bytes
    return same and earlier.taken_at < later.taken_at


def _available(sample: Sample) -> int:
    return sample.mem_available_bytes or 0


def _fall_bytes_per_s(samples: list[Sample], reach: float) -> float:
    """Return how fast memory falls, by the longest window in which it falls steadily; 0 if there is none."""
    now = samples[-1]
    if _available(now) >= _MOST_AVAILABLE_PART * now.mem_total_bytes:
        return 0
    found = (_steady_fall(samples, window_s, reach) for window_s in reversed(_WINDOWS_S))
    return next((rate for rate in found if rate), 0)


def _steady_fall(samples: list[Sample], window_s: float, reach: float) -> float:
    now = samples[-1]
    within = [each for each in samples if (now.taken_at - each.taken_at).total_seconds() <= window_s]
    earlier = samples[: len(samples) - len(within)]
    if not (_fell_far(_available(within[0]), now, reach) and _is_new_low(earlier, now)):
        return 0
    found = trend([_point(each, now) for each in within])
    return found.per_s if found and found.span_s >= _LEAST_S and found.is_steady_growth else 0


def _fell_far(from_bytes: int, now: Sample, reach: float) -> bool:
    fallen = from_bytes - _available(now)
    return fallen >= max(_LEAST_FALLEN_PART * now.mem_total_bytes, _available(now) / reach)


def _is_new_low(earlier: list[Sample], now: Sample) -> bool:
    lowest = min(map(_available, earlier), default=now.mem_total_bytes)
    return _available(now) <= lowest - _NEW_LOW_PART * now.mem_total_bytes


def _point(sample: Sample, now: Sample) -> Point:
    """Return what is used, so that a fall of what is available is growth."""
    return (sample.taken_at - now.taken_at).total_seconds(), float(now.mem_total_bytes - _available(sample))


def _clear(begin: float) -> float:
    return begin * _ENDS_AFTER


RULE = Rule(
    name=_NAME,
    help="At the rate of the last minutes, memory will soon be full.",
    unit="minutes until no memory is available",
    defaults=Settings(warning=60, critical=15),
    judge=judge,
)
