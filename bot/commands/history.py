"""`/mem history [host] [24h|7d|30d] [service]`: how a host or a service did over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.course import PERIODS
from bot.domain.people import Role
from bot.flows.history import history
from bot.message import Kind, Message, Parameter, Usage
from bot.views import history as view

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    span = PERIODS[call.arguments.choice or next(iter(PERIODS))]
    return view.history(history(call.ports, call.host, span, call.arguments.service))


COMMAND = Command(
    Usage(
        "history",
        "how a host did over time, as a picture",
        (
            Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),
            Parameter("period", Kind.CHOICE, "how far back: 24h if left out", choices=tuple(PERIODS)),
            Parameter("service", Kind.SERVICE, "one service alone, as the report names it"),
        ),
        ("history", "history web-1 7d", "history web-1 7d gunicorn"),
    ),
    Role.VIEWER,
    _run,
)
