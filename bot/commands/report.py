"""`/mem report [host]`: where all of a host's memory is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.check import check
from bot.flows.offer import offered
from bot.message import Kind, Message, Parameter, Usage
from bot.views.report import report

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    return report(check(call.ports, call.host, deep=True), offered(call.ports, call.host))


COMMAND = Command(
    Usage(
        "report",
        "where all of a host's memory is, adding up to its RAM",
        (Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),),
        ("report", "report web-1"),
    ),
    Role.VIEWER,
    _run,
)
