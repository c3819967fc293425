"""`/mem silence <target> <duration> [reason]`: nothing is announced of it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.triage import silence
from bot.message import Kind, Message, Parameter, Usage
from bot.views.silences import silenced

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    given = call.arguments
    made, new = silence(call.ports, call.target, call.duration_s, given.text or "", call.request.person)
    return silenced(made, call.ports.config.bot.zone, call.ports.now(), new=new)


COMMAND = Command(
    Usage(
        "silence",
        "announce nothing of a host, a tag or a rule for a while",
        (
            Parameter("target", Kind.TARGET, "a host, a tag or a rule", required=True),
            Parameter("duration", Kind.DURATION, "for how long, such as 30m, 2h or 1d", required=True),
            Parameter("reason", Kind.TEXT, "why, for those who wonder"),
        ),
        ("silence web-1 2h deploy", "silence production for 30m", "silence leak 1d known, see OPS-12"),
    ),
    Role.OPERATOR,
    _run,
    audited=True,
)
