"""Start a service that does not run; undone by stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import service_unit
from bot.domain.plan import Goal, Plan, Saving
from bot.domain.remediation import Remediation
from bot.errors import Refused

if TYPE_CHECKING:
    from bot.domain.plan import Order
    from bot.domain.remediation import Argv, Situation, Target

_ENABLED = "enabled"


def _plan(order: Order, situation: Situation) -> Plan:
    unit = situation.unit
    if unit.is_active:
        raise Refused(f"{order.service} runs on {order.host} already.")
    if unit.enabled == "masked":
        raise Refused(
            f"{unit.name} is masked on {order.host}: somebody made sure that it does not start."
            f" `systemctl unmask {unit.name}` there allows it again."
        )
    service_unit.refuse_unwilling(unit, stopping=False)
    made = service_unit.Maker(unit.name, is_root=situation.is_root)
    snapshot = situation.checked.snapshot
    return Plan(
        order=order,
        unit=unit.name,
        title=f"start {order.service}",
        words=service_unit.words("start", order),
        steps=(made.step("start", "starts it"),),
        undo=(made.step("stop", "stops it"),),
        goal=Goal(active=True),
        origin=Goal(active=False),
        saving=Saving(None, "it takes memory; how much is not known before it runs"),
        lasting=unit.enabled == _ENABLED,
        lasts="also after a reboot: it is enabled"
        if unit.enabled == _ENABLED
        else "until the host is rebooted: it is not enabled",
        at_once="systemd starts it at once",
        undone="by stopping it again",
        basis=service_unit.basis(situation, counting=False),
        made_at=snapshot.taken_at,
        available_bytes=snapshot.meminfo.available_bytes,
        total_bytes=snapshot.meminfo.total_bytes,
    )


def _grants(target: Target) -> tuple[Argv, ...]:
    return tuple(service_unit.command(verb, target.unit) for verb in ("start", "stop"))


REMEDIATION = Remediation(
    name="start_service", help="start a service that does not run", plan=_plan, grants=_grants
)
