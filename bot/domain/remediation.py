"""What it means to be able to change something on a host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.domain.plan import Order, Plan
    from bot.domain.unit_file import Unit

HELPER = "/usr/local/sbin/memwarden-host"
"""The root-owned program on a host that writes our drop-in files and nothing else."""

DROP_IN, LAST_DROP_IN = "50-memwarden.conf", "zz-memwarden.conf"
"""The names our drop-in has: the second where one of somebody else would otherwise overrule it."""

Argv = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a read-only command on the host answered."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a plan is made from.

    `checked` is a deep look at the host. `service` is the one meant, None where it does not run now; `unit`
    is its unit, as systemd and its files tell. `answers` are those to the remediation's own `reads`.
    `is_root` tells whether the bot logs in as root there, `has_helper` whether the helper is installed.
    """

    checked: Checked
    service: Service | None
    unit: Unit
    is_root: bool
    has_helper: bool
    answers: Mapping[Argv, Answer] = field(default_factory=dict)


def _no_reads(_order: Order) -> tuple[Argv, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Target:
    """A service on a host for which rights are granted: its name, its unit, and its limits.

    `most_workers` is the largest number of workers it may be given, `sizes_mib` the memory limits.
    """

    service: str
    unit: str
    program: str
    most_workers: int
    sizes_mib: tuple[int, ...]


def _nothing_unprivileged(_target: Target) -> tuple[Argv, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Remediation:
    """One thing the bot may do to a service, of which a person approved every use.

    `plan` makes the plan and raises `errors.Refused` with the reason and, where there are any, the manual
    steps. `reads` are commands that change nothing, whose answers `plan` needs. `serves` tells whether a
    known service of this name can be treated at all (None: every one that has a unit). `grants` are the
    commands that may have to be run as root for a target, complete with all their words: what is not among
    them is never part of a plan. `unprivileged` are the other commands of its steps that are peculiar to it,
    such as `redis-cli` ones: a host in hardened mode lets no others through. `on_essential` tells whether
    essential services may be treated: it never interrupts them.
    """

    name: str
    help: str
    plan: Callable[[Order, Situation], Plan]
    grants: Callable[[Target], tuple[Argv, ...]]
    reads: Callable[[Order], tuple[Argv, ...]] = _no_reads
    serves: tuple[str, ...] | None = None
    unprivileged: Callable[[Target], tuple[Argv, ...]] = _nothing_unprivileged
    on_essential: bool = False
