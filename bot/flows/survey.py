"""A look at a service on its host, as far as a plan for it wants to know."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.memory import Gap
from bot.domain.verdict import Found
from bot.facts import unit_state
from bot.flows.check import look

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.domain.inspection import UnitState
    from bot.domain.plan import Plan
    from bot.ports import Completed, Ports, Shell

_HEALTH_TIMEOUT_S = 5.0
_CAT, _TEST = "/usr/bin/cat", "/usr/bin/test"


def survey(ports: Ports, plan: Plan, *, deep: bool = False) -> Found:
    """Look at what a plan is about; `deep` measures its memory exactly. Raises HostError, ConfigError."""
    host = plan.order.host
    checked = look(ports, host, deep=deep)
    shell, timeout_s = ports.hosts.shell(host), ports.config.check.timeout_s
    unit = unit_state.parse(shell.run(unit_state.command(plan.unit), timeout_s=timeout_s))
    paths = dict.fromkeys(path for path, _ in (*plan.goal.files, *plan.origin.files))
    read = ((path, _content(shell, path, timeout_s)) for path in paths)
    asked = dict.fromkeys(argv for argv, _ in (*plan.goal.answers, *plan.origin.answers))
    said = ((argv, shell.run(argv, timeout_s=timeout_s)) for argv in asked)
    service = _service(checked, plan)
    snapshot = checked.snapshot
    booted_at = snapshot.taken_at - timedelta(seconds=snapshot.identity.uptime_s)
    sees_all = not any(gap.what.startswith("processes") for gap in snapshot.gaps)
    return Found(
        at=snapshot.taken_at,
        assessment=checked.assessment,
        workers=_workers(service, sees_all=sees_all),
        active=None if isinstance(unit, Gap) else _active(unit),
        enabled=None if isinstance(unit, Gap) else _enabled(unit),
        files=tuple((path, content) for path, content in read if not isinstance(content, Gap)),
        service_bytes=service.memory_bytes if service else 0 if sees_all else None,
        booted_at=booted_at,
        began_at=_began(service, booted_at, snapshot.identity.ticks_per_s),
        answers=tuple((argv, _printed(answer)) for argv, answer in said if answer.status == 0),
    )


def count_workers(ports: Ports, plan: Plan) -> int | None:
    """Return the number of workers, None where it cannot be told. Raises HostError, ConfigError."""
    checked = look(ports, plan.order.host)
    sees_all = not any(gap.what.startswith("processes") for gap in checked.snapshot.gaps)
    return _workers(_service(checked, plan), sees_all=sees_all)


def _service(checked: Checked, plan: Plan) -> Service | None:
    """Return the service that a plan is for; None where it does not run."""
    return next((service for service in checked.services if plan.unit in service.units), None)


def _workers(service: Service | None, *, sees_all: bool) -> int | None:
    if service is None:
        return 0 if sees_all else None
    return len(service.workers) if service.known and service.known.workers else None


def _active(unit: UnitState) -> bool | None:
    """Tell whether it runs; None while it is just being started or stopped: neither is done."""
    if unit.active == "deactivating" or (unit.active == "activating" and unit.sub.startswith("start")):
        return None
    return unit.active in {"active", "reloading"}


def _enabled(unit: UnitState) -> bool | None:
    return unit.enabled in {"enabled", "enabled-runtime"} if unit.enabled else None


def _began(service: Service | None, booted_at: datetime, ticks_per_s: int) -> datetime | None:
    if service is None:
        return None
    oldest = min(process.started_ticks for process in service.workers or service.processes)
    return booted_at + timedelta(seconds=oldest / ticks_per_s)


def _printed(answer: Completed) -> str:
    return answer.stdout.decode("utf-8", "backslashreplace")


def _content(shell: Shell, path: str, timeout_s: float) -> str | Gap | None:
    """Return what a file holds, None if there is none; `cat` says so in the host's language only."""
    answer = shell.run((_CAT, path), timeout_s=timeout_s)
    if answer.status == 0:
        return answer.stdout.decode("utf-8", "backslashreplace")
    if answer.status == 1 and (
        b"No such file" in answer.stderr or shell.run((_TEST, "-e", path), timeout_s=timeout_s).status == 1
    ):
        return None
    return Gap(path, "it could not be read")


def ailing(ports: Ports, plan: Plan) -> str:
    """Ask a service's health address; return what is wrong, empty if nothing is or nobody is to be asked."""
    service = ports.config.host(plan.order.host).services.get(plan.order.service)
    if service is None or not service.health:
        return ""
    health = ports.health(str(service.health), _HEALTH_TIMEOUT_S)
    return "" if health.well else f"{plan.order.service} is not well: {health.sentence}"
