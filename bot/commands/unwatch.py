"""`/mem unwatch <number>`: end a message that renews itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows import live
from bot.message import Kind, Message, Parameter, Usage

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    number = call.arguments.count or 0
    if live.end(call.ports, number):
        return Message("Ended.")
    return Message(f"No message with the number {number} renews itself any more.", refusal=True)


COMMAND = Command(
    Usage(
        "unwatch",
        "end a message that renews itself",
        (Parameter("number", Kind.COUNT, "its number, as `watch` told", required=True),),
        ("unwatch 7",),
        rare=True,
    ),
    Role.VIEWER,
    _run,
)
