"""From an order to a plan: a deep look at the host, the service's unit, what else the remediation asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain import bounds
from bot.domain.concealment import concealed
from bot.domain.remediation import HELPER, Answer, Situation, Target
from bot.errors import Refused, UnknownService
from bot.facts import unit_file
from bot.flows.check import look
from bot.usage import did_you_mean, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.config import Host
    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.domain.plan import Order, Plan
    from bot.domain.remediation import Remediation
    from bot.domain.service import KnownService
    from bot.domain.unit_file import Unit
    from bot.ports import Completed, Ports


WHO_WE_ARE = ("/usr/bin/id", "-u")
HAS_HELPER = ("/usr/bin/test", "-x", HELPER)
"""What is asked of every host for which a plan is made."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """The service that is meant, None where it does not run, and the units that may be its, best first."""

    name: str
    units: tuple[str, ...]
    service: Service | None = None
    known: KnownService | None = None


@dataclass(frozen=True, slots=True)
class _Visit:
    """One look at one host."""

    ports: Ports
    host: Host
    checked: Checked

    def run(self, *argv: str) -> Completed:
        """Run a command that changes nothing. Raises HostError."""
        shell = self.ports.hosts.shell(self.host.name)
        return shell.run(argv, timeout_s=self.ports.config.check.timeout_s)

    @property
    def known(self) -> tuple[KnownService, ...]:
        """What can be recognised here."""
        return self.ports.known_services


def make(ports: Ports, order: Order) -> Plan:
    """Make the plan for an order from how its host is now; nothing there is changed.

    The plan's own order has the service's name as a report has it. Raises Refused, UnknownService, HostError.
    """
    try:
        return _made(ports, order)
    except Refused as error:
        # It may quote how a service is started.
        raise Refused(concealed(str(error))) from None


def _made(ports: Ports, order: Order) -> Plan:
    settings = ports.config.remediation
    if too_much := bounds.too_much(order, settings.most_workers, settings.sizes_mib):
        raise Refused(too_much)
    remediation, host = remediation_of(ports, order.action), _host(ports, order.host)
    visit = _Visit(ports, host, look(ports, host.name, deep=True))
    meant = _meant(visit, order.service)
    _check_bounds(visit, remediation, meant)
    unit = _unit(visit, meant)
    if unit.name not in meant.units:
        # It was called by an alias: what systemd itself calls it is what may be essential.
        meant = _meant(visit, unit.name)
        _check_bounds(visit, remediation, meant)
    target = target_of(ports, meant.name, unit.name, meant.known)
    order = replace(order, service=meant.name)
    plan = remediation.plan(order, _situation(visit, remediation, order, meant, unit))
    _check_grants(plan, remediation, target)
    return replace(plan, thresholds=ports.config.thresholds_of(host))


def remediation_of(ports: Ports, action: str) -> Remediation:
    """Return what may be done, by its name. Raises Refused."""
    for remediation in ports.remediations:
        if remediation.name == action:
            return remediation
    raise Refused(f"Nothing of the name {quoted(action)} can be done to a host.")


def target_of(ports: Ports, service: str, unit: str, known: KnownService | None) -> Target:
    """Return what rights are granted for, as the configuration limits them."""
    settings = ports.config.remediation
    program = known.name if known else service
    return Target(service, unit, program, settings.most_workers, settings.sizes_mib)


def _host(ports: Ports, name: str) -> Host:
    for host in ports.config.hosts:
        if host.name == name:
            return host
    raise Refused(f"There is no host {quoted(name)} any more.")


def _meant(visit: _Visit, wanted: str) -> _Meant:
    """Find the service that runs, else the units by which one that does not run could be started."""
    service = _running(visit.checked, wanted)
    if service is None:
        return _not_running(visit, wanted)
    units = tuple(unit for unit in service.units if unit.endswith(".service"))
    named = tuple(unit for unit in units if _is_named(unit, wanted))
    name = named[0] if named and len(units) > 1 else service.name
    return _Meant(name, named[:1] or units, service, service.known)


def _running(checked: Checked, wanted: str) -> Service | None:
    """Find a service by its name or one of its units, else by what it is, if there is one of that sort."""
    word = wanted.casefold()
    for service in checked.services:
        if word == service.name.casefold() or any(_is_named(unit, wanted) for unit in service.units):
            return service
    same = [s for s in checked.services if s.known is not None and s.known.name.casefold() == word]
    if len(same) > 1:
        names = listed((service.name for service in same), "or")
        raise Refused(f"{quoted(wanted)} can be {names} on {checked.host}: write one of them, in quotes.")
    return same[0] if same else None


def _is_named(unit: str, wanted: str) -> bool:
    return wanted.casefold() in (unit.casefold(), unit.removesuffix(".service").casefold())


def _not_running(visit: _Visit, wanted: str) -> _Meant:
    own = visit.host.services.get(wanted)
    known = next((k for k in visit.known if k.name == wanted.casefold()), None)
    patterns = (*(own.units if own else ()), *(known.units if known else ()))
    exact = [unit for unit in patterns if not set(unit) & set("*?[")]
    named = wanted if wanted.endswith(".service") else f"{wanted}.service"
    units = tuple(unit for unit in dict.fromkeys((*exact, named)) if bounds.is_unit(unit))
    if not units:
        raise _unknown(visit, wanted)
    return _Meant(known.name if known else named.removesuffix(".service"), units, known=known)


def _unknown(visit: _Visit, wanted: str, reasons: Iterable[str] = ()) -> UnknownService:
    names = [service.name for service in visit.checked.services if not bounds.outside_units(service)]
    near = did_you_mean(wanted, names)
    because = "".join(f" {reason}" for reason in reasons)
    return UnknownService(
        f"{visit.host.name} has no service {quoted(wanted)} to work on.{because}{near}\n"
        f"It runs {listed(names)}; one that does not run goes by its unit's name, such as `shop.service`."
    )


def _unit(visit: _Visit, meant: _Meant) -> Unit:
    """Ask systemd for the first unit that there is; it has the name that systemd itself has for it."""
    reasons = []
    for name in meant.units:
        try:
            return _asked(visit, name)
        except UnknownService as error:
            reasons.append(str(error))
    raise _unknown(visit, meant.name, reasons)


def _asked(visit: _Visit, name: str) -> Unit:
    """Ask systemd for a unit of this name. Raises Refused, UnknownService, HostError."""
    _check_name(name)
    show = visit.run(*unit_file.show_command(name))
    cat = visit.run(*unit_file.cat_command(name))
    unit = unit_file.parse(name, show, cat)
    _check_name(unit.name)
    return unit


def _check_name(unit: str) -> None:
    if not bounds.is_unit(unit):
        raise Refused(f"{quoted(unit)} is no name that a service's unit can have here: nothing was done.")


def _check_bounds(visit: _Visit, remediation: Remediation, meant: _Meant) -> None:
    """Raise Refused for what is forbidden, or is essential and not allowed, or cannot be done at all."""
    allowed, forbidden = _policies(visit.host, meant)
    named, action, host = quoted(meant.name), remediation.name, visit.host.name
    if action in forbidden:
        raise Refused(f"{action} is forbidden for {named} on {host}, by `forbid` in the configuration.")
    essential = bounds.is_essential(meant.units, meant.known, visit.known)
    if essential and not remediation.on_essential and action not in allowed:
        raise Refused(
            f"{named} is essential, so memwarden does not touch it on {host}.\n"
            "Whoever configures memwarden can allow it for that host:"
            f' services."{meant.name}" = {{ allow = ["{action}"] }}'
        )
    if meant.service and (reason := bounds.outside_units(meant.service)):
        raise Refused(f"Nothing can be done to {named} on {host}: {reason}.")
    if meant.service and len(meant.units) > 1:
        raise Refused(f"{named} is several units on {host}: write one of {listed(meant.units, 'or')}.")
    # What the configuration describes may be run by any program: the remediation looks itself.
    serves, known = remediation.serves, meant.known
    if serves is not None and known is not None and known in visit.known and known.name not in serves:
        raise Refused(f"{action} cannot be done to {named}: it knows {listed(serves)}.")


def _policies(host: Host, meant: _Meant) -> tuple[set[str], set[str]]:
    """Return what the host's configuration allows and forbids for a service, by whichever of its names."""
    names = bounds.names_of(meant.name, meant.known, meant.units)
    tables = [table for name, table in host.services.items() if name.casefold() in names]
    allowed = {action for table in tables for action in table.allow}
    return allowed, {action for table in tables for action in table.forbid}


def _situation(visit: _Visit, remediation: Remediation, order: Order, meant: _Meant, unit: Unit) -> Situation:
    answers = {argv: _answer(visit.run(*argv)) for argv in remediation.reads(order)}
    return Situation(
        checked=visit.checked,
        service=meant.service,
        unit=unit,
        is_root=visit.run(*WHO_WE_ARE).stdout.strip() == b"0",
        has_helper=visit.run(*HAS_HELPER).status == 0,
        answers=answers,
    )


def _answer(completed: Completed) -> Answer:
    return Answer(completed.status, completed.stdout.decode("utf-8", "replace"))


def _check_grants(plan: Plan, remediation: Remediation, target: Target) -> None:
    """Raise Refused where a plan would do what no right is granted for."""
    grants = frozenset(remediation.grants(target))
    for step in (*plan.steps, *plan.undo):
        if not bounds.granted(step.argv, grants, target.unit):
            raise Refused(
                f"The plan or its undo would run {quoted(' '.join(step.argv))}, for which no right is ever"
                " granted: nothing was done."
            )
