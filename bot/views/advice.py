"""Advice in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.advice import FewerWorkers, advise
from bot.domain.policy import Level
from bot.domain.units import size

if TYPE_CHECKING:
    from bot.domain.check import Checked


def sentence(checked: Checked) -> str:
    """Say what would help, or that nothing needs to be done."""
    level = checked.assessment.level
    if level in (Level.GOOD, Level.ACCEPTABLE):
        return "Nothing needs to be done."
    advice = advise(checked.services)
    if advice is None:
        return "No service that could be reduced was recognised: look at the largest processes (top)."
    service = advice.service
    if isinstance(advice, FewerWorkers):
        about = "about" if advice.exact else "up to about"
        change = f"{service.name} {advice.workers_now} -> {advice.workers_then} workers"
        return f"What would help: {change} would free {about} {size(advice.saving_bytes)}."
    advised = f": {service.known.advice}" if service.known else ""
    return f"The largest service is {service.name} ({size(service.memory_bytes)}){advised}."
