"""`/mem top [host] [n]`: the processes that hold most memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.check import check
from bot.message import Kind, Message, Parameter, Usage
from bot.views.top import top

if TYPE_CHECKING:
    from bot.commands import Call

_COUNT = 20


def _run(call: Call) -> Message:
    return top(check(call.ports, call.host, deep=True), call.arguments.count or _COUNT)


COMMAND = Command(
    Usage(
        "top",
        "the processes that hold most memory",
        (
            Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),
            Parameter("n", Kind.COUNT, f"how many processes, {_COUNT} if left out"),
        ),
        ("top", "top web-1 5"),
    ),
    Role.VIEWER,
    _run,
)
