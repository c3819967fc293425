"""`/mem plan <number>`: one plan, whole, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.errors import UserError
from bot.flows.ask import approvals_of
from bot.message import Kind, Message, Parameter, Usage
from bot.views.plan import card

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    approval = approvals_of(call.ports).approval(call.plan)
    if approval is None:
        raise UserError(f"There is no plan {call.plan}. `plans` lists those there are.")
    return card(approval, call.ports.config.bot.zone, call.ports.now(), whole=True)


COMMAND = Command(
    Usage(
        "plan",
        "one plan: what it does, who approved it, what came of it",
        (Parameter("number", Kind.PLAN, "its number, as its card shows it", required=True),),
        ("plan 42",),
    ),
    Role.VIEWER,
    _run,
)
