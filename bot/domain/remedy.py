"""What can be asked for at once to have memory back: the next step that a button offers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.advice import FewerWorkers, advise
from bot.domain.attribution import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.domain.remediation import Remediation

_SET_WORKERS, _STOP = "set_workers", "stop_service"
_WORTH_PERCENT = 1
# What anybody might call a service is not made into a command that somebody else runs with a click.
_NAME = re.compile(r"[A-Za-z0-9@._:+-]+( [A-Za-z0-9@._:+-]+)*")


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that a person can ask for: for which service, what a button says, the words it stands for."""

    service: str
    label: str
    words: str


def remedies(checked: Checked, offered: Collection[Remediation]) -> tuple[Remedy, ...]:
    """Return what would help, what frees most first; only what is `offered`, and of no essential service.

    Services whose workers can be fewer keep running; of others only those that can be done without are
    stopped.
    """
    total = checked.breakdown.total_bytes
    return (*_fewer(checked, offered), *_stopped(checked, offered, total * _WORTH_PERCENT / 100))


def _fewer(checked: Checked, offered: Collection[Remediation]) -> Iterator[Remedy]:
    best = advise(checked.services, checked.breakdown.total_bytes)
    if isinstance(best, FewerWorkers) and _can(best.service, _SET_WORKERS, offered):
        label = f"Fix: {best.workers_now} -> {best.workers_then} workers"
        words = f"workers {checked.host} {_word(best.service.name)} {best.workers_then}"
        yield Remedy(best.service.name, label, words)


def _stopped(checked: Checked, offered: Collection[Remediation], least: float) -> Iterator[Remedy]:
    for service in sorted(checked.services, key=lambda each: -each.memory_bytes):
        optional = service.known is not None and service.known.optional
        if optional and service.memory_bytes >= least and _can(service, _STOP, offered):
            yield Remedy(service.name, f"Stop {service.name}", f"stop {checked.host} {_word(service.name)}")


def _can(service: Service, action: str, offered: Collection[Remediation]) -> bool:
    known = service.known
    if known is None or known.essential or service.kind is not Kind.SERVICE:
        return False
    is_one_unit = len(service.units) == 1 and service.units[0].endswith(".service")
    serves = any(
        each.name == action and (each.serves is None or known.name in each.serves) for each in offered
    )
    return is_one_unit and serves and _NAME.fullmatch(service.name) is not None


def _word(name: str) -> str:
    return f'"{name}"' if " " in name else name
