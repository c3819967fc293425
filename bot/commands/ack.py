"""`/mem ack <incident>`: somebody takes care of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.triage import acknowledge
from bot.message import Kind, Message, Parameter, Usage
from bot.views.incidents import acknowledged

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    incident, new = acknowledge(call.ports, call.incident, call.request.person)
    return acknowledged(incident, call.ports.config.bot.zone, call.ports.now(), new=new)


COMMAND = Command(
    Usage(
        "ack",
        "take care of an incident, so that nobody else has to",
        (Parameter("incident", Kind.INCIDENT, "its number, as the card shows it", required=True),),
        ("ack 12",),
    ),
    Role.OPERATOR,
    _run,
    audited=True,
)
