"""`/mem maxmemory [host] <service> <size> [policy]`: ask for a limit to what redis keeps."""

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

_POLICIES = (
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
)


def _run(call: Call) -> Message:
    ports, request, began_at = call.ports, call.request, call.ports.now()
    order = Order(
        "redis_maxmemory",
        call.host,
        call.service,
        size_bytes=call.size_bytes,
        option=call.arguments.choice or "",
    )
    approval = ask(ports, order, request.person, request.channel)
    return asked(approval, ports.config.bot.zone, ports.now(), new=approval.asked_at >= began_at)


COMMAND = Command(
    Usage(
        "maxmemory",
        "ask for a limit to the memory that redis keeps data in",
        (
            Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),
            Parameter("service", Kind.SERVICE, "the service, as the report names it", required=True),
            Parameter("size", Kind.SIZE, "the limit, such as 64mb", required=True),
            Parameter("policy", Kind.CHOICE, "what redis does at the limit", choices=_POLICIES),
        ),
        ("maxmemory web-1 redis 64mb allkeys-lru", "maxmemory redis 128mb"),
        rare=True,
    ),
    Role.OPERATOR,
    _run,
    audited=True,
)
