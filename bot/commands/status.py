"""`/mem status [hosts]`: the fleet at a glance, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.check import check_all
from bot.flows.offer import offered
from bot.message import Kind, Message, Parameter, Usage
from bot.views import status

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    found = check_all(call.ports, call.arguments.hosts)
    if len(found) == 1:
        return status.one_host(found[0], again=call.again, offered=offered(call.ports, found[0].host))
    return status.fleet(found, again=call.again)


COMMAND = Command(
    Usage(
        "status",
        "how much memory every host has left, the worst first",
        (Parameter("hosts", Kind.HOSTS, "a host or a tag; all hosts if left out"),),
        ("status", "status web-1", "status production"),
    ),
    Role.VIEWER,
    _run,
)
