"""`/mem deny <plan> [reason]`: say no to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.decide import deny
from bot.message import Kind, Message, Parameter, Usage
from bot.views.plans import denied

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    return denied(deny(call.ports, call.plan, call.arguments.text or "", call.request))


COMMAND = Command(
    Usage(
        "deny",
        "deny a plan, so that nothing of it is done",
        (
            Parameter("plan", Kind.PLAN, "its number, as its card shows it", required=True),
            Parameter("reason", Kind.TEXT, "why, for who asked"),
        ),
        ("deny 42", "deny 42 not during the sale"),
    ),
    Role.APPROVER,
    _run,
    audited=True,
)
