"""`/mem why [host]`: whether memory is the problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.offer import offered
from bot.flows.why import why
from bot.message import Kind, Message, Parameter, Usage
from bot.views import why as view

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    return view.why(why(call.ports, call.host), offered(call.ports, call.host))


COMMAND = Command(
    Usage(
        "why",
        "is memory the problem? the evidence, each with a verdict",
        (Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),),
        ("why", "why web-1"),
    ),
    Role.VIEWER,
    _run,
)
