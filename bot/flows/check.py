"""One host: gather, attribute, judge; and remember, where somebody asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot import probe
from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked, Failed
from bot.domain.history import sample, swap_in_bytes_per_s
from bot.domain.policy import assess
from bot.domain.service import KnownService
from bot.errors import CommandTimedOut, ConfigError, CutShort, HostError, HostUnreachable, StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Host
    from bot.domain.memory import Snapshot
    from bot.ports import Ports

_ANSWERS = 3


def check(ports: Ports, name: str, *, deep: bool = False) -> Checked:
    """Look at one configured host and remember it. `deep` reads PSS as well. Raises HostError."""
    checked = look(ports, name, deep=deep)
    rate, not_remembered = _remember(ports, checked)
    return replace(checked, swap_in_bytes_per_s=rate, not_remembered=not_remembered)


def look(ports: Ports, name: str, *, deep: bool = False) -> Checked:
    """Look at one configured host, and leave no trace of it. `deep` reads PSS as well. Raises HostError."""
    host = ports.config.host(name)
    snapshot = _gather(ports, host, deep=deep)
    services = attribute(snapshot, (*_own_services(host), *ports.known_services))
    return Checked(
        snapshot=snapshot,
        services=services,
        breakdown=break_down(snapshot, services),
        assessment=assess(snapshot, ports.config.thresholds_of(host)),
    )


def look_or_fail(ports: Ports, name: str) -> Checked | Failed:
    """Look at one configured host; that it cannot be read is an answer too."""
    try:
        return look(ports, name)
    except HostError as error:
        return Failed(name, error, _now(ports))


def check_all(ports: Ports, names: tuple[str, ...], *, deep: bool = False) -> list[Checked | Failed]:
    """Look at several hosts at the same time; one that cannot be read holds up nobody else."""

    def one(name: str) -> Checked | Failed:
        try:
            return check(ports, name, deep=deep)
        except HostError as error:
            return Failed(name, error, _now(ports))

    return ports.each(one, names)


def _gather(ports: Ports, host: Host, *, deep: bool) -> Snapshot:
    """Read the host; an answer without an end is asked for again."""
    for _ in range(_ANSWERS - 1):
        with suppress(CutShort):
            return _read(ports, host, deep=deep)
    return _read(ports, host, deep=deep)


def _read(ports: Ports, host: Host, *, deep: bool) -> Snapshot:
    settings = ports.config.check
    deep = deep and settings.deep_budget_gib > 0
    argv = probe.command(deep=deep, sudo=host.sudo, budget_gib=settings.deep_budget_gib)
    try:
        answer = ports.hosts.shell(host.name).run(argv, timeout_s=settings.timeout_s)
    except CommandTimedOut as error:
        raise CommandTimedOut(f"{host.name} did not answer within {settings.timeout_s:g} s.") from error
    except ConfigError as error:
        # A key or a secret of this host that is not there is no reason to be silent about the others.
        raise HostUnreachable(f"{host.name} cannot be reached as it is configured: {error}.") from error
    return probe.read(host.name, _now(ports), answer, deep=deep)


def _now(ports: Ports) -> datetime:
    """Return the time in the zone in which people read it."""
    return ports.now().astimezone(ports.config.bot.zone)


def _remember(ports: Ports, checked: Checked) -> tuple[float | None, str]:
    """Keep the check; an answer is worth giving even where it cannot be kept."""
    if ports.store is None:
        return None, ""
    now = sample(checked.snapshot, checked.services)
    try:
        before = ports.store.latest(checked.host)
        ports.store.remember(now)
    except StoreError as error:
        return None, str(error)
    return (swap_in_bytes_per_s(before, now) if before else None), ""


def _own_services(host: Host) -> tuple[KnownService, ...]:
    """Return the services that the configuration describes for this host."""
    return tuple(
        KnownService(
            name=name, purpose="as configured", advice="", units=service.units, programs=service.programs
        )
        for name, service in host.services.items()
        if service.is_recognised
    )
