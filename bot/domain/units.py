"""Numbers as a person reads them: binary sizes, percents, durations."""

from __future__ import annotations

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

_MINUTE_S = 60
_HOUR_S = 60 * _MINUTE_S
_DAY_S = 24 * _HOUR_S


def size(bytes_: int, unit: str | None = None) -> str:
    """Write a size with its unit: `404 MiB`, `3.8 GiB`, `12 KiB`.

    From 1 MiB whole MiB, from 1,000 MiB GiB with one decimal (two below 10). `unit` forces KiB, MiB or GiB.
    """
    unit = unit or fitting_unit(bytes_)
    return f"{number(bytes_, unit)} {unit}"


def fitting_unit(bytes_: int) -> str:
    """Return the unit in which a person would say this size."""
    magnitude = abs(bytes_)
    if magnitude >= 1000 * MIB:
        return "GiB"
    return "MiB" if magnitude >= MIB or magnitude == 0 else "KiB"


def number(bytes_: int, unit: str) -> str:
    """Write a size in `unit` without naming it; small MiB and GiB keep a decimal."""
    value = bytes_ / {"KiB": KIB, "MiB": MIB, "GiB": GIB}[unit]
    if unit == "GiB":
        return f"{value:.1f}"
    return f"{value:.1f}" if unit == "MiB" and 0 < abs(value) < 1 else f"{value:.0f}"


def percent(part: float) -> str:
    """Write a percentage: whole, but `0.4 %` rather than `0 %` for what is not nothing."""
    return f"{part:.1f} %" if 0 < abs(part) < 1 else f"{part:.0f} %"


def duration(seconds: float) -> str:
    """Write a duration in its largest fitting unit: `3 s`, `12 min`, `5 h`, `41 d`."""
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    if seconds < 2 * _DAY_S:
        return f"{seconds / _HOUR_S:.0f} h"
    return f"{seconds / _DAY_S:.0f} d"
