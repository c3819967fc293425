"""Numbers as a person reads them: binary sizes, percents, durations."""

from __future__ import annotations

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

_BYTES = {"KiB": KIB, "MiB": MIB, "GiB": GIB}
# Up to these, rounding would write a zero (a half goes to the even neighbour).
_LEAST_TENTH = 0.05
_LEAST_WHOLE = 0.5
_LEAST_ONE = 0.95
_LEAST_SHOWN = 0.1
_MIB_SUFFICE_BYTES = 10 * GIB
_MINUTE_S = 60
_HOUR_S = 60 * _MINUTE_S
_DAY_S = 24 * _HOUR_S


def size(bytes_: int, unit: str | None = None) -> str:
    """Write a size, in the unit that fits it if none is asked for: `12 KiB`, `404 MiB`, `3.8 GiB`.

    What is not nothing never reads as nothing: `<1 MiB`.
    """
    unit = unit or fitting_unit(bytes_)
    return f"{number(bytes_, unit)} {unit}"


def part_of(part_bytes: int, whole_bytes: int) -> str:
    """Write two sizes in the unit that fits the larger one: `96 of 961 MiB`, `0.6 of 3.8 GiB`."""
    unit = fitting_unit(max(abs(part_bytes), abs(whole_bytes)))
    return f"{number(part_bytes, unit)} of {number(whole_bytes, unit)} {unit}"


def fitting_unit(bytes_: int) -> str:
    """Return the unit in which a person would say this size; GiB from 1,000 MiB on."""
    magnitude = abs(bytes_)
    if magnitude >= 1000 * MIB:
        return "GiB"
    return "MiB" if magnitude >= MIB or magnitude == 0 else "KiB"


def column_unit(whole_bytes: int) -> str | None:
    """Return one unit for all parts of a whole: MiB below 10 GiB, else None, for each the one that fits."""
    return "MiB" if whole_bytes < _MIB_SUFFICE_BYTES else None


def number(bytes_: int, unit: str) -> str:
    """Write a size in `unit` (KiB, MiB or GiB) without naming it; GiB keep one decimal."""
    if bytes_ < 0:
        return f"-{number(-bytes_, unit)}"
    value = bytes_ / _BYTES[unit]
    if unit == "GiB":
        return "<0.1" if 0 < value <= _LEAST_TENTH else f"{value:.1f}"
    return "<1" if 0 < value <= _LEAST_WHOLE else f"{value:.0f}"


def percent(part: float) -> str:
    """Write a percentage: whole, below 1 with a decimal, and `<0.1 %` for what is not nothing."""
    if 0 < part < _LEAST_TENTH:
        return f"<{_LEAST_SHOWN} %"
    return f"{part:.1f} %" if 0 < abs(part) < _LEAST_ONE else f"{part:.0f} %"


def percent_at_least(part: float) -> str:
    """Write a percentage rounded down, so that it never looks better than the level that follows from it."""
    if part < _LEAST_SHOWN:
        return percent(part)
    return percent(int(part) if part >= 1 else int(part * 10) / 10)


def counted(count: int, word: str) -> str:
    """Write how many there are: `1 host`, `12 hosts`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def duration(seconds: float) -> str:
    """Write a duration in its largest fitting unit: `3 s`, `12 min`, `5 h`, `41 d`."""
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    if seconds < 2 * _DAY_S:
        return f"{seconds / _HOUR_S:.0f} h"
    return f"{seconds / _DAY_S:.0f} d"
