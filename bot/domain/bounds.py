"""What may be done to whom: names that may reach systemctl, services left alone, the limits of orders."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.recognition import is_session, place, short
from bot.domain.redis_limit import is_change
from bot.domain.remediation import DROP_IN, LAST_DROP_IN
from bot.domain.units import MIB

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bot.domain.attribution import Service
    from bot.domain.plan import Order
    from bot.domain.service import KnownService

# Just those that the program on the host takes (`check_unit` there): no name that systemd has escaped.
_UNIT = re.compile(r"(?![.-])[A-Za-z0-9:_.@-]{1,192}\.service")
# What keeps a host reachable and itself; what is recognised as essential is known to its own entry.
_ALWAYS_ESSENTIAL = (
    "dbus*.service",
    "dhclient*.service",
    "dhcpcd*.service",
    "getty@*.service",
    "ifup@*.service",
    "memwarden*.service",
    "netplan*.service",
    "network*.service",
    "nftables.service",
    "NetworkManager*.service",
    "polkit*.service",
    "serial-getty@*.service",
    "ssh*.service",
    "dropbear*.service",
    "systemd-*.service",
    "tailscaled.service",
    "user@*.service",
    "user-runtime-dir@*.service",
    "wg-quick@*.service",
    "wpa_supplicant*.service",
)


def is_unit(name: str) -> bool:
    """Tell whether this is the name of a service unit, with nothing in it that could mean anything else."""
    return _UNIT.fullmatch(name) is not None


def is_essential(units: Iterable[str], known: KnownService | None, all_known: Iterable[KnownService]) -> bool:
    """Tell whether a service must not be interrupted, by what it is recognised as or by its units' names."""
    patterns = [*_ALWAYS_ESSENTIAL, *(p for entry in all_known if entry.essential for p in entry.units)]
    return (known is not None and known.essential) or any(
        fnmatchcase(unit, pattern) for unit in units for pattern in patterns
    )


def names_of(name: str, known: KnownService | None, units: Iterable[str]) -> frozenset[str]:
    """Return all names, in small letters, by which the configuration may speak of a service."""
    of_units = [each for unit in units for each in (unit, unit.removesuffix(".service"))]
    return frozenset(each.casefold() for each in (name, *((known.name,) if known else ()), *of_units))


def outside_units(service: Service) -> str:
    """Say why no unit of systemd's is what runs a service; empty where one does."""
    if any(unit.endswith(".service") for unit in service.units):
        return ""
    if service.kind is Kind.MEMWARDEN:
        return "this is memwarden itself, looking"
    places = [process.unit for process in service.processes]
    if any(map(is_session, places)):
        return "it runs in a user's session, which that user has to end"
    where = next(filter(None, map(place, places)), None)
    if where is not None and not where.endswith(".slice"):
        return f"it runs in {short(where)}, which is a container or a scope that systemd does not restart"
    return "it runs in no unit of systemd's, so nobody would start it again"


def too_much(order: Order, most_workers: int, sizes_mib: Sequence[int]) -> str:
    """Say why an order exceeds what the configuration allows; empty where it does not."""
    if order.count is not None and order.count > most_workers:
        return (
            f"At most {most_workers} workers can be asked for: more would need `most_workers` under"
            " [remediation], and new rights on the host."
        )
    if order.size_bytes is not None and order.size_bytes not in {size * MIB for size in sizes_mib}:
        choices = ", ".join(f"{size}mb" for size in sizes_mib)
        return (
            f"Only some sizes can be asked for, because each is a right of its own on the host: {choices}."
            " They stand in `sizes` under [remediation]."
        )
    return ""


def granted(argv: tuple[str, ...], grants: Collection[tuple[str, ...]], unit: str) -> bool:
    """Tell whether a command of a plan for a unit is a granted one, or one of the few that need no rights.

    Those read our own drop-in of that unit, or tell redis its limit.
    """
    if argv[:2] == ("/usr/bin/sudo", "-n"):
        return argv[2:] in grants
    return argv in grants or argv in _reads_back(unit) or is_change(argv)


def _reads_back(unit: str) -> tuple[tuple[str, ...], ...]:
    return tuple(("/usr/bin/cat", f"/etc/systemd/system/{unit}.d/{name}") for name in (DROP_IN, LAST_DROP_IN))
