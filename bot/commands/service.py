"""`/mem service [host] <name>`: one service closely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.inspect import inspect
from bot.message import Kind, Message, Parameter, Usage
from bot.views.service import service

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    return service(inspect(call.ports, call.host, call.service))


COMMAND = Command(
    Usage(
        "service",
        "one service closely: state, workers, log lines",
        (
            Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),
            Parameter("name", Kind.SERVICE, "the service, as the report names it", required=True),
        ),
        ("service gunicorn", "service web-1 redis"),
    ),
    Role.VIEWER,
    _run,
)
