"""What systemd says of a unit: `systemctl show`, which works for any user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.inspection import UnitState
from bot.domain.memory import Gap
from bot.facts import number

if TYPE_CHECKING:
    from bot.ports import Completed

_PROPERTIES = "ActiveState,SubState,Result,NRestarts,UnitFileState"


def command(unit: str) -> tuple[str, ...]:
    """Return the argument vector that asks for one unit."""
    return ("systemctl", "show", "--no-pager", f"--property={_PROPERTIES}", "--", unit)


def parse(answer: Completed) -> UnitState | Gap:
    """Read the state; a Gap where the host has no systemd or refuses."""
    found = {}
    for line in answer.stdout.decode("utf-8", "backslashreplace").split("\n"):
        key, equals, value = line.partition("=")
        if equals:
            found[key] = value
    if answer.status != 0 or "ActiveState" not in found:
        return Gap("the unit's state", "systemctl did not answer")
    return UnitState(
        active=found["ActiveState"],
        sub=found.get("SubState", ""),
        result=found.get("Result", ""),
        restarts=number(found.get("NRestarts", "")),
        enabled=found.get("UnitFileState", ""),
    )
