"""Too little memory available, of the machine or of the limit that holds the whole host."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.rule import MEMORY, Bytes, Reading, Rule, Settings, begin_of, beyond
from bot.domain.units import part_of, percent_at_least, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.rule import Observation

# Available memory of a quiet server wanders by one or two points.
_MARGIN_POINTS = 3
_ALL_PERCENT = 100


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge what is available, in percent; sizes in the settings are percents of this host's total."""
    if not isinstance(observation.outcome, Checked):
        return
    found = observation.outcome.assessment
    total, available = found.total_bytes, found.available_bytes
    if available is None or not 0 <= available <= total or total <= 0:
        return
    value = _ALL_PERCENT * available / total
    reached, kept = beyond(value, _percents(settings, total), _clear, low=True)
    whose = " of its limit" if found.confined else ""
    sentence = f"{part_of(available, total)}{whose} available ({percent_at_least(value)})"
    if reached is not None:
        sentence = f"{sentence}, below {_written(begin_of(settings, reached))}"
    yield Reading(reached, kept, sentence, MEMORY)


def _percents(settings: Settings, total: int) -> Settings:
    in_percent = partial(_percent, total=total)
    return replace(
        settings,
        warning=in_percent(settings.warning),
        critical=in_percent(settings.critical),
        warning_clear=in_percent(settings.warning_clear),
        critical_clear=in_percent(settings.critical_clear),
    )


def _percent(value: float | None, *, total: int) -> float | None:
    return _ALL_PERCENT * value / total if isinstance(value, Bytes) else value


def _clear(begin: float) -> float:
    """Return an end above the begin that can be reached, however near to all memory the begin is."""
    return min(begin + _MARGIN_POINTS, (begin + _ALL_PERCENT) / 2)


def _written(begin: float) -> str:
    return size(int(begin)) if isinstance(begin, Bytes) else f"{begin:g} %"


RULE = Rule(
    name=MEMORY,
    help="Too little memory is available, by MemAvailable or by the limit that holds the whole host.",
    unit="percent of memory available",
    defaults=Settings(warning=20, critical=10),
    judge=judge,
)
