"""Advice in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.advice import FewerWorkers, advise
from bot.domain.attribution import Kind
from bot.domain.policy import Level
from bot.domain.remedy import remedies
from bot.domain.units import MIB, percent, size
from bot.message import Button

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.advice import Reduce
    from bot.domain.check import Checked
    from bot.domain.remedy import Offer

_PRESSING_PERCENT = 10
_MOST_REMEDIES = 2
_AT_EASE = (Level.GOOD, Level.ACCEPTABLE)


def sentence(checked: Checked) -> str:
    """Say what would help, or that nothing needs to be done."""
    if checked.assessment.level in _AT_EASE:
        trouble = list(_trouble(checked))
        return (
            f"There is memory left, but {' and '.join(trouble)}." if trouble else "Nothing needs to be done."
        )
    advice = advise(checked.services, checked.breakdown.total_bytes)
    if isinstance(advice, FewerWorkers):
        about = "about" if advice.exact else "up to about"
        change = f"{advice.service.name} {advice.workers_now} -> {advice.workers_then} workers"
        return f"What would help: {change} would free {about} {size(advice.saving_bytes)}."
    return " ".join(_largest(checked, advice))


def buttons(checked: Checked, offered: Offer) -> Iterator[Button]:
    """Offer what would help, where help is needed; what is asked for so waits for somebody's approval."""
    if checked.assessment.level not in _AT_EASE:
        for remedy in remedies(checked, offered)[:_MOST_REMEDIES]:
            yield Button(remedy.label, remedy.words)


def _largest(checked: Checked, advice: Reduce | None) -> Iterator[str]:
    """Name the largest service, and what can be done about the largest that something can be done about."""
    largest = next((s for s in checked.services if s.kind is not Kind.MEMWARDEN), None)
    if largest is None:
        return
    yield f"The largest is {largest.name} ({size(largest.memory_bytes)})."
    if advice is None or advice.service.known is None or not advice.service.known.advice:
        yield "No service was recognised that could be reduced: look at the largest processes (top)."
    else:
        yield f"What could be reduced: {advice.service.name}: {advice.service.known.advice}."


def _trouble(checked: Checked) -> Iterator[str]:
    pressure, rate = checked.snapshot.pressure, checked.swap_in_bytes_per_s
    if rate and rate >= MIB:
        yield f"it is being read back from swap at {rate / MIB:.1f} MiB/s"
    if pressure and pressure.some_avg60 >= _PRESSING_PERCENT:
        yield f"processes waited for it {percent(pressure.some_avg60)} of the last minute"
