"""`/mem unsilence <number>`: end a silence before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.triage import lift
from bot.message import Kind, Message, Parameter, Usage
from bot.views.silences import lifted

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    return lifted(lift(call.ports, call.incident, call.request.person), call.ports.config.bot.zone)


COMMAND = Command(
    Usage(
        "unsilence",
        "end a silence before its time",
        (Parameter("number", Kind.INCIDENT, "the silence's number, as `silences` shows it", required=True),),
        ("unsilence 3",),
        rare=True,
    ),
    Role.OPERATOR,
    _run,
    audited=True,
)
