"""`/mem audit [n]`: who did what, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.audit import newest
from bot.message import Kind, Message, Parameter, Usage
from bot.views.audit import audit

if TYPE_CHECKING:
    from bot.commands import Call

_COUNT = 10


def _run(call: Call) -> Message:
    links = newest(call.ports, call.arguments.count or _COUNT)
    return audit(links, call.ports.config.bot.zone, call.ports.now(), again=call.again)


COMMAND = Command(
    Usage(
        "audit",
        "who did what, and what came of it",
        (Parameter("n", Kind.COUNT, f"how many lines, {_COUNT} if left out"),),
        ("audit", "audit 50"),
        rare=True,
    ),
    Role.OPERATOR,
    _run,
)
