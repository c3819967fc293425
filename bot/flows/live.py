"""A host shown in a channel, looked at anew every few seconds for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.extremes import Extremes
from bot.errors import UserError
from bot.flows.check import look_or_fail
from bot.views.live import ended, live

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.route import Destination
    from bot.message import Message
    from bot.ports import Live, Ports

# A terminal takes what it is given; Slack and Discord allow about one change of a message a second, and
# others want to be heard too.
_EVERY_S = {"terminal": 2.0}
_EVERY_ELSEWHERE_S = 4.0


def begin(ports: Ports, host: str, destination: Destination, seconds: float) -> tuple[int, datetime]:
    """Begin to show a host somewhere; return the number of the message and when it ends.

    Raises UserError, ChatError.
    """
    zone = ports.config.bot.zone
    seen = Extremes(ports.now().astimezone(zone))
    until = seen.begun_at + timedelta(seconds=seconds)

    def make(number: int) -> Message:
        nonlocal seen
        outcome = look_or_fail(ports, host)
        seen = seen.with_look(outcome)
        if number:
            return live(host, outcome, seen, number, until)
        return ended(host, outcome, seen, ports.now().astimezone(zone))

    every_s = _EVERY_S.get(destination.platform, _EVERY_ELSEWHERE_S)
    return _live(ports).begin(destination, make, every_s=every_s, until=until), until


def end(ports: Ports, number: int) -> bool:
    """End one before its time; tell whether it was still shown. Raises UserError."""
    return _live(ports).stop(number)


def _live(ports: Ports) -> Live:
    if ports.live is None:
        raise UserError("Nothing can be shown continuously here: no chat is being served.")
    return ports.live
