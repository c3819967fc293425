"""`/mem approve <plan> <code>`: say yes to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.consent import missing
from bot.domain.people import Role
from bot.flows.decide import approve
from bot.message import Kind, Message, Parameter, Usage
from bot.views import plans as view

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    ports, zone = call.ports, call.ports.config.bot.zone
    approval = approve(ports, call.plan, call.code, call.request)
    before = ports.store.approval(call.plan) if ports.store else None
    if before is not None and approval.number != before.number:
        return view.replaced(before, approval, zone, ports.now())
    return view.approved(approval, missing(approval, ports.config.people), zone, ports.now())


COMMAND = Command(
    Usage(
        "approve",
        "approve a plan, so that exactly what it shows is done",
        (
            Parameter("plan", Kind.PLAN, "its number, as its card shows it", required=True),
            Parameter("code", Kind.CODE, "the letters and digits beside it", required=True),
        ),
        ("approve 42 k7f3",),
    ),
    Role.APPROVER,
    _run,
    audited=True,
)
