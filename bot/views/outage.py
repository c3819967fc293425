"""A chat platform that is not heard any more, said on the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.units import duration
from bot.message import Message, Text, Tone

if TYPE_CHECKING:
    from bot.domain.outage import Outage


def outage(told: Outage) -> Message:
    """Say that a platform is deaf, that it hears again, or that it was given up."""
    name = told.platform.title()
    if told.ended:
        return _ended(name, told.reason)
    reason = (Text(f"The last that was heard of it: {told.reason}", Tone.FAINT),) if told.reason else ()
    if told.until is not None:
        lasted = duration(max(0.0, (told.until - told.since).total_seconds()))
        return Message(f"{name} is back after {lasted}.", tone=Tone.GOOD, private=False)
    since = f"{told.since:%H:%M:%S} {told.since.tzname()}"
    return Message(
        f"{name} has not heard anything since {since}; commands there are not answered."
        " memwarden keeps trying.",
        blocks=reason,
        tone=Tone.WARNING,
        private=False,
    )


def _ended(name: str, reason: str) -> Message:
    why, *more = reason.splitlines() or ["see the log."]
    return Message(
        f"{name} is not served any more: {why}",
        blocks=(
            *(Text(line) for line in more),
            Text("Commands there are not answered. Mend that, then start memwarden again."),
        ),
        tone=Tone.CRITICAL,
        private=False,
    )
