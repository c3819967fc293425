"""What plans are made from: a host's processes, the service that is meant, its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bot.known_services
from bot.catalogue import entries
from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked
from bot.domain.policy import Thresholds, assess
from bot.domain.remediation import Situation, Target
from bot.domain.service import KnownService
from bot.domain.units import MIB
from tests.fakes.snapshots import meminfo, process, pss, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.memory import ProcessMemory
    from bot.domain.plan import Plan
    from bot.domain.remediation import Answer, Argv, Remediation
    from bot.domain.unit_file import Unit

KNOWN = entries(bot.known_services, "SERVICE", KnownService)
SIZES_MIB = (16, 32, 64, 128)
SUDO = ("/usr/bin/sudo", "-n")


def situation(
    unit: Unit,
    *processes: ProcessMemory,
    available: int | None = 400 * MIB,
    answers: Mapping[Argv, Answer] | None = None,
    is_root: bool = False,
    has_helper: bool = True,
) -> Situation:
    """Make a host with these processes, of which the service that runs in the unit is meant."""
    found = snapshot(*processes, meminfo=meminfo(available=available))
    services = attribute(found, KNOWN)
    return Situation(
        checked=Checked(found, services, break_down(found, services), assess(found, Thresholds())),
        service=next((service for service in services if unit.name in service.units), None),
        unit=unit,
        is_root=is_root,
        has_helper=has_helper,
        answers=answers or {},
    )


def one_process(
    unit: str, *cmdline: str, pid: int = 10, mib: int = 115, uss_mib: int | None = None
) -> ProcessMemory:
    """Make a service of one process, whose USS is known where it is given."""
    exact = None if uss_mib is None else pss(anon=uss_mib * MIB, uss=uss_mib * MIB)
    return process(pid, *cmdline, anon=mib * MIB, pss=exact, unit=f"/system.slice/{unit}")


def forked(
    *, workers: int = 4, mib: int = 100, uss_mib: int = 85, unit: str = "gunicorn.service"
) -> tuple[ProcessMemory, ...]:
    """Make a gunicorn: a master of 16 MiB and its workers."""
    place = f"/system.slice/{unit}"
    master = process(
        10, "gunicorn: master [shop]", anon=28 * MIB, pss=pss(anon=16 * MIB, uss=10 * MIB), unit=place
    )
    exact = pss(anon=(uss_mib + 1) * MIB, uss=uss_mib * MIB)
    return (
        master,
        *(
            process(
                11 + number,
                "gunicorn: worker [shop]",
                comm="gunicorn",
                ppid=10,
                anon=mib * MIB,
                pss=exact,
                unit=place,
            )
            for number in range(workers)
        ),
    )


def target(unit: str, program: str = "") -> Target:
    """Return what rights are granted for."""
    name = program or unit.removesuffix(".service")
    return Target(name, unit, name, most_workers=16, sizes_mib=SIZES_MIB)


def ungranted(plan: Plan, remediation: Remediation, program: str = "") -> list[Argv]:
    """Return what a plan or its undo does as root without a right to it."""
    grants = remediation.grants(target(plan.unit, program))
    done = (step.argv for step in (*plan.steps, *plan.undo))
    return [argv for argv in done if argv[:2] == SUDO and argv[2:] not in grants]


def commands(plan: Plan) -> list[str]:
    """Return the commands of a plan as a person reads them, without sudo."""
    return [" ".join(step.argv).removeprefix("/usr/bin/sudo -n ") for step in plan.steps]


def undoing(plan: Plan) -> list[str]:
    """Return the same of its undo."""
    return [" ".join(step.argv).removeprefix("/usr/bin/sudo -n ") for step in plan.undo]
