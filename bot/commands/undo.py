"""`/mem undo <plan>`: ask for the way back from what a plan did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.undo import undo
from bot.message import Kind, Message, Parameter, Usage
from bot.views.plans import asked

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    approval = undo(call.ports, call.plan, call.request)
    return asked(approval, call.ports.config.bot.zone, call.ports.now(), new=True)


COMMAND = Command(
    Usage(
        "undo",
        "take back what a plan did; one approver has to approve that",
        (Parameter("plan", Kind.PLAN, "its number, as its card shows it", required=True),),
        ("undo 42",),
    ),
    Role.APPROVER,
    _run,
    audited=True,
)
