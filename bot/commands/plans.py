"""`/mem plans [hosts]`: what waits for approval, is being done or was, in the last 24 hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.ask import approvals_of
from bot.message import Kind, Message, Parameter, Usage
from bot.views.plans import plans

if TYPE_CHECKING:
    from bot.commands import Call

_BEFORE = timedelta(hours=24)


def _run(call: Call) -> Message:
    now, everything = call.ports.now(), len(call.arguments.hosts) == len(call.ports.config.hosts)
    found = approvals_of(call.ports).approvals(now - _BEFORE)
    meant = [each for each in found if everything or each.plan.order.host in call.arguments.hosts]
    return plans(meant, call.ports.config.bot.zone, now, again=call.again)


COMMAND = Command(
    Usage(
        "plans",
        "plans that wait for approval, and those of the last 24 hours",
        (Parameter("hosts", Kind.HOSTS, "a host or a tag; all hosts if left out"),),
        ("plans", "plans web-1"),
    ),
    Role.VIEWER,
    _run,
)
