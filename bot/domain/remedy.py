"""What can be asked for at once to have memory back: the next step that a button offers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain import bounds
from bot.domain.advice import FewerWorkers, advise
from bot.domain.attribution import Kind
from bot.domain.remediation import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.domain.remediation import Remediation
    from bot.domain.service import KnownService

_SET_WORKERS, _STOP = "set_workers", "stop_service"
_WORTH_PERCENT = 1
# What anybody might call a service is not made into a command that somebody else runs with a click.
_NAME = re.compile(r"[A-Za-z0-9@._:+-]+( [A-Za-z0-9@._:+-]+)*")


@dataclass(frozen=True, slots=True)
class Offer:
    """What people can ask for on one host: the remediations, and what the configuration leaves of them.

    `known` is what is recognised there, `forbidden` which remediations are never done to a service, by any of
    its names in small letters; `most_workers` and `sizes_mib` bound what can be asked for.
    """

    remediations: tuple[Remediation, ...] = ()
    known: tuple[KnownService, ...] = ()
    forbidden: Mapping[str, frozenset[str]] = field(default_factory=dict)
    most_workers: int = 1
    sizes_mib: tuple[int, ...] = ()


NOTHING = Offer()


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that a person can ask for: for which service, what a button says, the words it stands for."""

    service: str
    label: str
    words: str


def remedies(checked: Checked, offered: Offer) -> tuple[Remedy, ...]:
    """Return what would help, what frees most first; only what is `offered`, and of no essential service.

    Services whose workers can be fewer keep running; of others only those that can be done without are
    stopped.
    """
    total = checked.breakdown.total_bytes
    return (*_fewer(checked, offered), *_stopped(checked, offered, total * _WORTH_PERCENT / 100))


def _fewer(checked: Checked, offered: Offer) -> Iterator[Remedy]:
    best = advise(checked.services, checked.breakdown.total_bytes)
    if not isinstance(best, FewerWorkers) or best.workers_then > offered.most_workers:
        return
    if _can(best.service, _SET_WORKERS, offered):
        label = f"Fix: {best.workers_now} -> {best.workers_then} workers"
        words = f"workers {checked.host} {_word(best.service.name)} {best.workers_then}"
        yield Remedy(best.service.name, label, words)


def _stopped(checked: Checked, offered: Offer, least: float) -> Iterator[Remedy]:
    for service in sorted(checked.services, key=lambda each: -each.memory_bytes):
        optional = service.known is not None and service.known.optional
        if optional and service.memory_bytes >= least and _can(service, _STOP, offered):
            yield Remedy(service.name, f"Stop {service.name}", f"stop {checked.host} {_word(service.name)}")


def _can(service: Service, action: str, offered: Offer) -> bool:
    """Tell whether what is asked for can become a plan, as far as that is known without asking the host."""
    known, units = service.known, service.units
    if known is None or service.kind is not Kind.SERVICE or len(units) != 1 or not bounds.is_unit(units[0]):
        return False
    if bounds.is_essential(units, known, offered.known) or _NAME.fullmatch(service.name) is None:
        return False
    names = bounds.names_of(service.name, known, units)
    if any(action in offered.forbidden.get(name, ()) for name in names):
        return False
    target = Target(service.name, units[0], known.name, offered.most_workers, offered.sizes_mib)
    return any(each.name == action and _serves(each, target) for each in offered.remediations)


def _serves(remediation: Remediation, target: Target) -> bool:
    """Tell whether it can treat this; what no right is ever granted for is done by hand."""
    known = remediation.serves is None or target.program in remediation.serves
    return known and bool(remediation.grants(target))


def _word(name: str) -> str:
    return f'"{name}"' if " " in name else name
