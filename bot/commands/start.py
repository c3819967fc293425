"""`/mem start [host] <service>`: ask for a service to be started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.domain.plan import Order
from bot.flows.ask import ask
from bot.message import Kind, Message, Parameter, Usage
from bot.views.plans import asked

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    ports, request, began_at = call.ports, call.request, call.ports.now()
    order = Order("start_service", call.host, call.service)
    approval = ask(ports, order, request.person, request.channel)
    return asked(approval, ports.config.bot.zone, ports.now(), new=approval.asked_at >= began_at)


COMMAND = Command(
    Usage(
        "start",
        "ask for a service that does not run to be started",
        (
            Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),
            Parameter("service", Kind.SERVICE, "the service, as the report names it", required=True),
        ),
        ("start web-1 daphne", "start shop.service"),
    ),
    Role.OPERATOR,
    _run,
    audited=True,
)
