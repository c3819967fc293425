"""Stop a service, for now or for good; undone by starting it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import service_unit
from bot.domain.plan import Goal, Plan
from bot.domain.remediation import Remediation
from bot.domain.saving import of_stopping
from bot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.attribution import Service
    from bot.domain.plan import Order
    from bot.domain.remediation import Argv, Situation, Target
    from bot.domain.unit_file import Unit

_LASTING = "lasting"
_ENABLED, _DISABLED = "enabled", "disabled"


def _plan(order: Order, situation: Situation) -> Plan:
    unit, service = situation.unit, situation.service
    if not unit.is_active or service is None:
        raise Refused(f"{order.service} does not run on {order.host}: there is nothing to stop.")
    service_unit.refuse_unwilling(unit, stopping=True)
    lasting = order.option == _LASTING
    if lasting:
        _refuse_what_cannot_last(unit)
    disables = lasting and unit.enabled == _ENABLED
    made = service_unit.Maker(unit.name, is_root=situation.is_root)
    off = (made.step("disable", "keeps it from starting at boot"),) if disables else ()
    on = (made.step("enable", "lets it start at boot again"),) if disables else ()
    snapshot = situation.checked.snapshot
    lasts = _starts_again(unit, disables=disables)
    return Plan(
        order=order,
        unit=unit.name,
        title=f"stop {order.service}{' for good' if lasting else ''}",
        words=service_unit.words("stop", order),
        steps=(made.step("stop", "stops it"), *off),
        undo=(*on, made.step("start", "starts it")),
        goal=Goal(active=False, enabled=False if disables else None),
        origin=Goal(active=True, enabled=True if disables else None),
        saving=of_stopping(service),
        lasting=not lasts,
        lasts=lasts or "it stays stopped, also after a reboot",
        at_once="systemd ends it at once",
        undone="by starting it again",
        basis=service_unit.basis(situation, counting=False),
        made_at=snapshot.taken_at,
        available_bytes=snapshot.meminfo.available_bytes,
        total_bytes=snapshot.meminfo.total_bytes,
        side_effects=tuple(_side_effects(unit, service)),
    )


def _refuse_what_cannot_last(unit: Unit) -> None:
    if unit.triggered_by:
        names = " ".join(unit.triggered_by)
        raise Refused(
            f"{unit.name} cannot be kept from starting: {names} starts it again. Without `lasting` it can be"
            f" stopped. By hand it would be:\nsystemctl disable --now {names} {unit.name}"
        )
    if unit.enabled not in (_ENABLED, _DISABLED):
        raise Refused(
            f"{unit.name} is {unit.enabled or 'neither enabled nor disabled'}: systemd starts it for another"
            " unit, so it cannot be kept from starting at boot alone. Without `lasting` it can be stopped."
        )


def _starts_again(unit: Unit, *, disables: bool) -> str:
    """Say what ends the stop by itself; empty where nothing does."""
    if unit.triggered_by:
        return f"until {' or '.join(unit.triggered_by)} starts it again"
    if disables or unit.enabled == _DISABLED:
        return ""
    if unit.enabled == _ENABLED:
        return "until the host is rebooted: it is enabled and starts at boot"
    return "until the host is rebooted, or another unit starts it"


def _side_effects(unit: Unit, service: Service) -> Iterator[str]:
    yield (service.known.without if service.known else "") or "what needs it fails until it is started"
    yield from service_unit.waking(unit)
    if others := service_unit.dependants(unit):
        yield f"systemd stops {', '.join(others)} as well, and starting {unit.name} does not start that"


def _grants(target: Target) -> tuple[Argv, ...]:
    return tuple(service_unit.command(verb, target.unit) for verb in ("stop", "start", "disable", "enable"))


REMEDIATION = Remediation(
    name="stop_service", help="stop a service, for now or (`lasting`) for good", plan=_plan, grants=_grants
)
