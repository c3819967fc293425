"""`/mem silences`: what is silent, because of whom and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.people import Role
from bot.flows.triage import store_of
from bot.message import Message, Usage
from bot.views.silences import silences

if TYPE_CHECKING:
    from bot.commands import Call


def _run(call: Call) -> Message:
    now = call.ports.now()
    found = store_of(call.ports).silences(now)
    return silences(found, call.ports.config.bot.zone, now, again=call.again)


COMMAND = Command(
    Usage("silences", "what is silent, because of whom and until when", examples=("silences",), rare=True),
    Role.VIEWER,
    _run,
)
