"""`/mem watch [host] [for 10m]`: a message that renews itself every few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.domain.route import Destination
from bot.domain.units import duration
from bot.errors import BadArgument, UserError
from bot.flows import live
from bot.message import Button, Kind, Message, Parameter, Usage

if TYPE_CHECKING:
    from bot.commands import Call

_USUAL_S = 5 * 60.0
_LONGEST_S = 30 * 60.0


def _run(call: Call) -> Message:
    seconds = call.arguments.duration_s or _USUAL_S
    if seconds > _LONGEST_S:
        raise BadArgument(
            f"A message renews itself for at most {duration(_LONGEST_S)}: write a shorter time,"
            f" such as `watch {call.host} 10m`. Alerts come without watching."
        )
    if not call.request.channel:
        raise UserError(
            "Nothing can be shown continuously here: ask in a channel that memwarden can write to,"
            f" or use `status {call.host}`."
        )
    destination = Destination(call.request.person.platform, call.request.channel)
    number, until = live.begin(call.ports, call.host, destination, seconds)
    return Message(
        f"{call.host} is shown here until {until:%H:%M:%S}.",
        buttons=(Button("Stop", f"unwatch {number}"),),
        footnote=f"`unwatch {number}` ends it before",
    )


COMMAND = Command(
    Usage(
        "watch",
        "show a host's memory in a message that renews itself every few seconds",
        (
            Parameter("host", Kind.HOST, "the host; may be left out where there is only one"),
            Parameter("for", Kind.DURATION, "how long, 5m if left out, at most 30m"),
        ),
        ("watch", "watch web-1", "watch web-1 for 10m"),
    ),
    Role.VIEWER,
    _run,
)
