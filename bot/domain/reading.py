"""What a rule says of a host at one check, and what the configuration says of the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.policy import Severity


class Bytes(float):
    """A value in bytes, where the rule's own unit is percent of MemTotal."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration says of one rule for one host.

    The four values are in the rule's own unit: a severity begins at `warning` or `critical`, never if that is
    None, and ends at `warning_clear` or `critical_clear`, by the rule's own margin if that is None. The holds
    say for how many seconds a value has to stay beyond before it counts.
    """

    enabled: bool = True
    warning: float | None = None
    critical: float | None = None
    warning_clear: float | None = None
    critical_clear: float | None = None
    hold_s: float = 120.0
    critical_hold_s: float = 60.0
    clear_hold_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule found of one subject (a service or unit; empty for the host itself).

    `reached` is the highest severity whose begin the value is beyond, `kept` the highest whose end it is
    still beyond: a severity begins by the first and lasts by the second, so that a value that dances around
    one threshold changes nothing. None is below all. `sentence` says it with its figures: `96 of 961 MiB
    available (10 %), below 20 %`. `cause` names the incident it belongs to: readings of one cause are one
    story. `at_once` leaves out the hold: it has happened (a kill, a reboot), it cannot be a passing value.
    """

    reached: Severity | None
    kept: Severity | None
    sentence: str
    cause: str
    subject: str = ""
    at_once: bool = False
