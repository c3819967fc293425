"""`/mem digest [24h|7d]`: how all hosts did, up to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.course import PERIODS
from bot.domain.people import Role
from bot.flows.digest import summary
from bot.message import Kind, Message, Parameter, Usage
from bot.views import digest as view

if TYPE_CHECKING:
    from bot.commands import Call

_CHOICES = ("24h", "7d")


def _run(call: Call) -> Message:
    found, worst = summary(call.ports, PERIODS[call.arguments.choice or _CHOICES[0]])
    return view.asked(found, worst, again=call.again)


COMMAND = Command(
    Usage(
        "digest",
        "how all hosts did: worst moments, trends, incidents",
        (Parameter("period", Kind.CHOICE, "how far back: 24h if left out", choices=_CHOICES),),
        ("digest", "digest 7d"),
        rare=True,
    ),
    Role.VIEWER,
    _run,
)
