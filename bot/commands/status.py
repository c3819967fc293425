"""`/mem status`: the fleet at a glance, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.check import check_all
from bot.message import Message, Usage
from bot.views import status

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    found = check_all(call.ports, tuple(host.name for host in call.ports.config.hosts))
    return status.one_host(found[0]) if len(found) == 1 else status.fleet(found)


COMMAND = Command(
    Usage("status", "how much memory every host has left, the worst first", examples=("status",)),
    Role.VIEWER,
    _run,
)
