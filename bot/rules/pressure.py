"""Memory pressure: the part of time that tasks wait for memory, as the kernel measures it (PSI).

`some` is time in which any task waited, `full` in which all that could run did: then no work is done at all.
A fifth of the time is felt by people; a tenth without any work is how a host behaves shortly before it hangs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.policy import Severity
from bot.domain.rule import MEMORY, Reading, Rule, Settings, begin_of, beyond, half

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.rule import Observation

_ALL_PERCENT = 100


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge the last minute: a warning by `some`, critical by `full`. A container is told the machine's."""
    outcome = observation.outcome
    if not isinstance(outcome, Checked) or outcome.snapshot.identity.container:
        return
    pressure = outcome.snapshot.pressure
    if pressure is None or not (
        0 <= pressure.some_avg60 <= _ALL_PERCENT and 0 <= pressure.full_avg60 <= _ALL_PERCENT
    ):
        return
    some, full = pressure.some_avg60, pressure.full_avg60
    of_some = beyond(some, Settings(warning=settings.warning, warning_clear=settings.warning_clear), half)
    of_full = beyond(full, Settings(critical=settings.critical, critical_clear=settings.critical_clear), half)
    reached, kept = of_full[0] or of_some[0], of_full[1] or of_some[1]
    sentence = f"tasks waited for memory during {some:.0f} % of the last minute"
    if reached is Severity.CRITICAL:
        limit = begin_of(settings, reached)
        sentence = (
            f"all tasks at once waited for memory during {full:.0f} % of the last minute, above {limit:g} %"
        )
    elif reached is not None:
        sentence = f"{sentence}, above {begin_of(settings, reached):g} %"
    yield Reading(reached, kept, sentence, MEMORY)


RULE = Rule(
    name="pressure",
    help="Tasks spend their time waiting for memory: a warning where some do, critical where all do at once.",
    unit="percent of the last minute",
    # The figures are averages of a minute: they have been held already.
    defaults=Settings(warning=20, critical=10, hold_s=60, critical_hold_s=30),
    judge=judge,
)
