"""A close look at one service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.domain.memory import Gap


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit's state in systemd's own words. `restarts` counts restarts that systemd itself decided."""

    active: str
    sub: str
    result: str
    restarts: int | None
    enabled: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A service within its host's check, its unit's state, its last log lines; a Gap for what is unknown."""

    checked: Checked
    service: Service
    state: UnitState | Gap
    log: tuple[str, ...] | Gap
