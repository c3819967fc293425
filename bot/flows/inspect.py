"""One service of one host: its memory, its unit's state, its last log lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.inspection import Inspection
from bot.domain.memory import Gap
from bot.errors import UnknownService
from bot.facts import journal, unit_state
from bot.flows.check import check
from bot.usage import did_you_mean, listed, quoted

if TYPE_CHECKING:
    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.ports import Ports


def inspect(ports: Ports, host: str, wanted: str) -> Inspection:
    """Look closely at one service. Raises HostError, UnknownService."""
    checked = check(ports, host, deep=True)
    service = _find(checked, wanted)
    if not service.units:
        return Inspection(checked, service, Gap("the unit's state", "it runs outside a systemd unit"), ())
    shell, timeout_s = ports.hosts.shell(host), ports.config.check.timeout_s
    state = unit_state.parse(shell.run(unit_state.command(service.units[0]), timeout_s=timeout_s))
    log = journal.parse(shell.run(journal.command(service.units[0]), timeout_s=timeout_s))
    return Inspection(checked, service, state, log)


def _find(checked: Checked, wanted: str) -> Service:
    """Find a service by its name, however its letters are cased, or by its unit."""
    word = wanted.casefold()
    for service in checked.services:
        if word == service.name.casefold() or word in {unit.casefold() for unit in service.units}:
            return service
    names = [service.name for service in checked.services if service.kind is not Kind.MEMWARDEN]
    near = did_you_mean(wanted, names)
    raise UnknownService(f"{checked.host} runs no service {quoted(wanted)}.{near} It runs {listed(names)}.")
