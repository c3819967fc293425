"""Where what is wrong with a host is said, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.domain.policy import Severity


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """A channel of a chat platform; an empty `channel` is the one the platform is configured with."""

    platform: str
    channel: str = ""

    def __str__(self) -> str:
        """Write it as the configuration does: `slack:C01`, `slack`."""
        return f"{self.platform}:{self.channel}" if self.channel else self.platform


@dataclass(frozen=True, slots=True)
class Route:
    """Which incidents go where.

    It takes those of `hosts` or of hosts with one of `tags` (all hosts where both are empty), about one of
    `rules` (all where empty), that are at least as severe as `least`. They are announced at `to`, notifying
    `mention`; if nobody acknowledges one in time, it is said at `escalate_to` too, notifying
    `escalate_mention`.
    """

    hosts: tuple[str, ...]
    tags: tuple[str, ...]
    rules: tuple[str, ...]
    least: Severity
    to: tuple[Destination, ...]
    mention: tuple[str, ...] = ()
    escalate_to: tuple[Destination, ...] = ()
    escalate_mention: tuple[str, ...] = ()

    def takes(self, host: str, tags: Collection[str], rules: Collection[str], severity: Severity) -> bool:
        """Tell whether an incident goes this way; of the fleet (an empty host) only if it takes all hosts."""
        anywhere = not self.hosts and not self.tags
        here = anywhere or host in self.hosts or not set(self.tags).isdisjoint(tags)
        about = not self.rules or not set(self.rules).isdisjoint(rules)
        return here and about and severity >= self.least


def taken(
    routes: Iterable[Route], host: str, tags: Collection[str], rules: Collection[str], severity: Severity
) -> tuple[Route, ...]:
    """Return every route that an incident goes."""
    return tuple(route for route in routes if route.takes(host, tags, rules, severity))
